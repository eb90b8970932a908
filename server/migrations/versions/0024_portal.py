"""An insurer's own pages: what is billed, which promises were kept, who may look up."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSERT_ONLY = ("policy_charge", "promise_month", "clerk_change")


def upgrade() -> None:
    """Three tables, and a way to find what an insurer has looked up."""
    op.create_index("look_up_insurer", "look_up_log", ["insurer", "day"])
    charge()
    promise()
    clerk()
    for statement in insert_only_ddl(op.get_bind().dialect.name, INSERT_ONLY):
        op.execute(statement)


def charge() -> None:
    """What is billed. What was used before is put on the bill of its month."""
    op.create_table(
        "policy_charge",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("insurer", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("later", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("visit"),
    )
    op.create_index("policy_charge_month", "policy_charge", ["insurer", "month"])
    op.execute(
        "INSERT INTO policy_charge (visit, insurer, product, month, later)"
        " SELECT u.visit, c.insurer, coalesce(p.product, ''),"
        " substr(cast(u.day AS varchar(10)), 1, 7), false"
        " FROM policy_use u JOIN policy_check c ON c.visit = u.visit"
        " LEFT JOIN policy p ON p.number = u.number"
    )


def promise() -> None:
    """How promises went, by month."""
    op.create_table(
        "promise_month",
        sa.Column("insurer", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=True),
        sa.Column("promises", sa.Integer(), nullable=True),
        sa.CheckConstraint("(kept IS NULL) = (promises IS NULL)", name="promise_month_whole"),
        sa.CheckConstraint("promises >= 20", name="promise_month_of_many"),
        sa.CheckConstraint("kept >= 0 AND kept <= promises", name="promise_month_share"),
        sa.PrimaryKeyConstraint("insurer", "month"),
    )


def clerk() -> None:
    """Who let whom in."""
    op.create_table(
        "clerk_change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("insurer", sa.String(length=64), nullable=False),
        sa.Column("clerk", sa.String(length=32), nullable=False),
        sa.Column("chief", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("chief <> clerk", name="clerk_change_not_oneself"),
        sa.CheckConstraint("what IN ('given', 'withdrawn')", name="clerk_change_word"),
        sa.ForeignKeyConstraint(["chief"], ["person.id"]),
        sa.ForeignKeyConstraint(["clerk"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_clerk_change_insurer"), "clerk_change", ["insurer"])
