"""Triage: who was put before others, by whom and on which ground."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

GROUNDS = ("worse", "serious", "frail", "calm")


def upgrade() -> None:
    """One new table."""
    ground = sa.Enum(
        *GROUNDS, name="triage_ground", native_enum=False, create_constraint=True, length=16
    )
    op.create_table(
        "triage_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("practitioner", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.Integer(), nullable=False),
        sa.Column("triage", sa.Integer(), nullable=False),
        sa.Column("ground", ground, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("triage_visit", "triage_change", ["visit"])
    for statement in insert_only_ddl(op.get_bind().dialect.name, ["triage_change"]):
        op.execute(statement)
