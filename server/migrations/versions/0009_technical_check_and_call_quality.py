"""What was measured before and during calls: technical tests, and the figures of each call."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


VERDICTS = ("good", "poor", "too_poor", "not_measured")


def upgrade() -> None:
    """Two new tables."""
    technical_check()
    call_quality()
    for statement in insert_only_ddl(op.get_bind().dialect.name, ["call_quality"]):
        op.execute(statement)


def technical_check() -> None:
    """The latest technical test of each visit."""
    op.create_table(
        "technical_check",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", _words("check_verdict", *VERDICTS), nullable=False),
        sa.Column("camera", sa.Boolean(), nullable=False),
        sa.Column(
            "microphone", _words("check_microphone", "heard", "quiet", "none"), nullable=False
        ),
        sa.Column(
            "speaker", _words("check_speaker", "heard", "not_heard", "not_asked"), nullable=False
        ),
        sa.Column("way", _words("check_way", "open", "blocked", "untried"), nullable=False),
        sa.Column("round_trip_ms", sa.Integer(), nullable=True),
        sa.Column("jitter_ms", sa.Integer(), nullable=True),
        sa.Column("lost_up", sa.Integer(), nullable=True),
        sa.Column("lost_down", sa.Integer(), nullable=True),
        sa.Column("kbit_up", sa.Integer(), nullable=True),
        sa.Column("kbit_down", sa.Integer(), nullable=True),
        sa.Column("room_kbit", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("visit"),
    )


def call_quality() -> None:
    """Each seat of each call."""
    op.create_table(
        "call_quality",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("seat", _words("call_seat", "patient", "doctor"), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("reconnects", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=True),
        sa.Column("round_trip_p50", sa.Integer(), nullable=True),
        sa.Column("round_trip_p95", sa.Integer(), nullable=True),
        sa.Column("jitter", sa.Integer(), nullable=True),
        sa.Column("kbit_in", sa.Integer(), nullable=True),
        sa.Column("kbit_out", sa.Integer(), nullable=True),
        sa.Column("freezes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("visit", "seat", "ended_at"),
    )


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
