"""Levers: what a director lets the service do, so that more people can be promised a time."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "lever_choice",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("defers", sa.Boolean(), nullable=False),
        sa.Column("plans", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    for statement in insert_only_ddl(op.get_bind().dialect.name, ["lever_choice"]):
        op.execute(statement)
