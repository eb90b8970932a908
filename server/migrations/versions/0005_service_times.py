"""How long patients take: when a note was signed, and what is learned from it."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A time more of each visit, and a table."""
    op.add_column("queue_entry", sa.Column("signed_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "service_time",
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("consultation", sa.Text(), nullable=False),
        sa.Column("wrap_up", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sa.UniqueConstraint("until"),
    )
    for statement in insert_only_ddl(op.get_bind().dialect.name, ["service_time"]):
        op.execute(statement)
