"""Guests: who was asked into a call; and their seat among the figures of calls."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table, and one seat more."""
    invitation()
    third_seat()


def invitation() -> None:
    """Who was asked."""
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column(
            "kind", _words("guest_kind", "interpreter", "relative", "colleague"), nullable=False
        ),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("bound", sa.String(length=64), nullable=True),
        sa.Column("invited_by", sa.String(length=32), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("let_in", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("bound IS NOT NULL OR let_in IS NULL", name="only_who_came_is_let_in"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
        sa.UniqueConstraint("bound"),
    )
    op.create_index(op.f("ix_invitation_visit"), "invitation", ["visit"])
    op.create_index(
        "invitation_one_open",
        "invitation",
        ["visit"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )


def third_seat() -> None:
    """Figures are kept of a guest, too."""
    three = _words("call_seat", "patient", "doctor", "guest")
    if op.get_bind().dialect.name == "sqlite":
        call_quality_anew(three)
    else:
        op.drop_constraint("call_seat", "call_quality", type_="check")
        op.create_check_constraint("call_seat", "call_quality", sa.column("seat").in_(three.enums))


def call_quality_anew(seat: sa.Enum) -> None:
    """SQLite changes a rule by making the table anew."""
    op.rename_table("call_quality", "call_quality_of_two")
    op.create_table(
        "call_quality",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("seat", seat, nullable=False),
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
    op.execute("INSERT INTO call_quality SELECT * FROM call_quality_of_two")
    op.drop_table("call_quality_of_two")
    for statement in insert_only_ddl("sqlite", ["call_quality"]):
        op.execute(statement)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
