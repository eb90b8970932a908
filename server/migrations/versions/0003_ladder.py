"""The ladder: steps for promises in danger, notes that were put off; and what was learned."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STEPS = ("defer", "page", "tell", "alert", "apologise")
CAUSES = ("doctor_lost", "no_answer", "short_staff", "closed", "long_calls")
OPEN = sa.text("paid_at IS NULL AND refused_at IS NULL")


def upgrade() -> None:
    """Three new tables."""
    escalation()
    deferral()
    certainty()
    for statement in insert_only_ddl(op.get_bind().dialect.name, ["escalation", "certainty"]):
        op.execute(statement)


def escalation() -> None:
    """Steps, once each for a promise."""
    op.create_table(
        "escalation",
        sa.Column("promise", sa.String(length=32), nullable=False),
        _words("step", STEPS, "escalation_step"),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("p_keep", sa.Double(), nullable=False),
        _words("cause", CAUSES, "escalation_cause"),
        sa.Column("likely", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["promise"], ["promise.id"]),
        sa.PrimaryKeyConstraint("promise", "step"),
    )


def certainty() -> None:
    """How likely a promise has to be."""
    op.create_table(
        "certainty",
        sa.Column("until", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("certainty", sa.Double(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("until"),
    )


def deferral() -> None:
    """Notes that doctors were asked to put off."""
    op.create_table(
        "deferral",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("practitioner", sa.String(length=32), nullable=False),
        sa.Column("promise", sa.String(length=32), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["promise"], ["promise.id"]),
        sa.PrimaryKeyConstraint("visit"),
    )
    op.create_index(
        "deferral_one_a_doctor",
        "deferral",
        ["practitioner"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _words(column: str, words: tuple[str, ...], name: str) -> sa.Column[str]:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
    return sa.Column(column, kind, nullable=False)
