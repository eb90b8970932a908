"""Who was put before others, and on which ground; requests that name themselves."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSERT_ONLY = ("triage_change", "booking_request")
GROUNDS = ("worse", "serious", "frail", "calm")


def upgrade() -> None:
    """Two new tables."""
    triage()
    requests()
    for statement in insert_only_ddl(op.get_bind().dialect.name, INSERT_ONLY):
        op.execute(statement)


def triage() -> None:
    """Changes of the class, each with its ground."""
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


def requests() -> None:
    """What a request with a key has led to."""
    op.create_table(
        "booking_request",
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("wish", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("by", "key"),
    )
