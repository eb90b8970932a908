"""Whether the EPJ is there."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row, from the first time that it was not."""
    op.create_table(
        "delivery_line",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name="delivery_line_one"),
        sa.CheckConstraint("(failures = 0) = (since IS NULL)", name="delivery_line_since"),
        sa.PrimaryKeyConstraint("id"),
    )
