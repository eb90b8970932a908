"""A correction and an addition, typed beside each other; and notes are found by their doctor."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEPT = (
    *("visit", "author", "whole", "patient", "version", "saved_at"),
    *("kek_id", "wrapped_dek", "nonce", "ciphertext"),
)


def upgrade() -> None:
    """The table is made anew under its name and filled from a copy: SQLite cannot change a key."""
    columns = ", ".join(KEPT)
    op.execute(f"CREATE TEMPORARY TABLE kept_draft AS SELECT {columns} FROM amendment_draft")
    op.drop_table("amendment_draft")
    op.create_table(
        "amendment_draft",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("visit", "author", "whole"),
    )
    op.execute(f"INSERT INTO amendment_draft ({columns}) SELECT {columns} FROM kept_draft")
    op.execute("DROP TABLE kept_draft")
    op.create_index("delivery_author", "delivery", ["author", "n"])
