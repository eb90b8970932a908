"""The patient's side of the record: blocks, broken glass, cases, proxies; the log by patient."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSERT_ONLY = ("broken_glass", "record_case", "record_case_answer")


def upgrade() -> None:
    """Five tables, and two ways to find what is known of a patient."""
    op.create_index("record_audit_patient", "record_audit", ["patient", "n"])
    op.create_index("record_consent_patient", "record_consent", ["patient", "at"])
    block()
    glass()
    case()
    proxy()
    for statement in insert_only_ddl(op.get_bind().dialect.name, INSERT_ONLY):
        op.execute(statement)


def block() -> None:
    """What a patient has blocked, and for whom."""
    op.create_table(
        "record_block",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("against", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("against <> patient", name="record_block_not_oneself"),
        sa.CheckConstraint(
            "(lifted_by IS NULL) = (lifted_at IS NULL)"
            " AND (lifted_at IS NULL OR lifted_at >= set_at)",
            name="record_block_lifted",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_record_block_patient"), "record_block", ["patient"])
    live = sa.text("lifted_at IS NULL")
    op.create_index(
        "record_block_one",
        "record_block",
        ["patient", "against"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def glass() -> None:
    """Who read what was blocked, and why."""
    op.create_table(
        "broken_glass",
        sa.Column("id", sa.String(), nullable=False),
        *_sealed(),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("doctor", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("until = at + 14400000", name="broken_glass_four_hours"),
        sa.CheckConstraint("length(ciphertext) >= 31", name="broken_glass_reason"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("broken_glass_patient", "broken_glass", ["patient", "doctor"])


def case() -> None:
    """What a patient asked for, and what was answered."""
    op.create_table(
        "record_case",
        sa.Column("id", sa.String(), nullable=False),
        *_sealed(),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('correction', 'deletion')", name="record_case_kind"),
        sa.CheckConstraint("due_at > asked_at", name="record_case_due"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_record_case_patient"), "record_case", ["patient"])
    op.create_table(
        "record_case_answer",
        sa.Column("id", sa.String(), nullable=False),
        *_sealed(),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("outcome IN ('granted', 'refused')", name="record_case_outcome"),
        sa.ForeignKeyConstraint(["id"], ["record_case.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def proxy() -> None:
    """Who may read for whom."""
    op.create_table(
        "proxy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("giver", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("giver <> holder", name="proxy_is_for_another"),
        sa.CheckConstraint(
            "expires > given AND expires <= given + 31622400000", name="proxy_has_an_end"
        ),
        sa.CheckConstraint("ended IS NULL OR ended >= given", name="proxy_ends_after_it_begins"),
        sa.ForeignKeyConstraint(["giver"], ["person.id"]),
        sa.ForeignKeyConstraint(["holder"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_proxy_holder"), "proxy", ["holder"])
    live = sa.text("ended IS NULL")
    op.create_index(
        "proxy_one_live",
        "proxy",
        ["giver", "holder"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def _sealed() -> list[sa.Column[object]]:
    return [
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
    ]
