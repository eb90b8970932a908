"""Doctors on call: who was rung; and promises that lean on them, learned from apart."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ANSWERS = ("none", "comes", "cannot")
FLOOR = "0.95"  # what a promise has to be as likely as, until something is learned


def upgrade() -> None:
    """One new table, and columns."""
    op.create_table(
        "on_call_ring",
        sa.Column("practitioner", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("promise", sa.String(length=32), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                *ANSWERS,
                name="on_call_answer",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["promise"], ["promise.id"]),
        sa.PrimaryKeyConstraint("practitioner", "at"),
    )
    op.create_index("on_call_ring_at", "on_call_ring", ["at"])
    for table in ("promise", "lever_choice"):
        op.add_column(
            table, sa.Column("leans", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    for name, kind, default in (
        ("leaning", sa.Double(), FLOOR),
        ("leaning_kept", sa.Integer(), "0"),
        ("leaning_missed", sa.Integer(), "0"),
    ):
        op.add_column("certainty", sa.Column(name, kind, server_default=default, nullable=False))
