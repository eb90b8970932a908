"""Each version of a note is delivered by itself; and of what a director has been told."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEPT = (
    *("visit", "version", "n", "patient", "author", "content_hash", "signed_at", "state"),
    *("attempts", "due_at", "receipt", "last_error"),
)


def upgrade() -> None:
    """The table is made anew under its name and filled from a copy: SQLite cannot change a key, and
    would have its triggers, which ask this table, follow a renamed one."""
    columns = ", ".join(KEPT)
    op.execute(f"CREATE TEMPORARY TABLE kept_delivery AS SELECT {columns} FROM delivery")
    op.drop_table("delivery")
    delivery()
    op.execute(f"INSERT INTO delivery ({columns}) SELECT {columns} FROM kept_delivery")
    op.execute("DROP TABLE kept_delivery")
    op.create_table(
        "open_matter",
        sa.Column("matter", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("matter"),
    )


def delivery() -> None:
    """What the EPJ must have: visit and version are the key."""
    op.create_table(
        "delivery",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('signed', 'on_its_way', 'in_the_journal', 'failed')", name="delivery_state"
        ),
        sa.CheckConstraint(
            "(state = 'in_the_journal') = (receipt IS NOT NULL)", name="delivery_receipt"
        ),
        sa.PrimaryKeyConstraint("visit", "version"),
        sa.UniqueConstraint("n", name="delivery_n"),
    )
    op.create_index("delivery_due", "delivery", ["state", "due_at"])
    op.create_index("delivery_patient", "delivery", ["patient", "n"])
