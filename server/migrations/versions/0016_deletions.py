"""Notes that are deleted by two people: the sealed text goes, the entry and the chain stay."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl
from venterom.server.erasing import DELETED, erasable_ddl

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ENTRY = (
    *("visit", "version", "patient", "author", "author_hpr", "author_name", "sign_in"),
    *("signed_at", "withheld", "content_hash", "after", "jws", "kek_id"),
)
PICTURE = ("visit", "version", "n", "picture", "patient", "taken_at", "kek_id")
PAPER = ("visit", "version", "n", "paper", "patient", "issued_at", "kek_id")
ERASABLE = {"record_attachment": PICTURE, "record_entry": ENTRY, "record_paper": PAPER}


def upgrade() -> None:
    """One new table, and triggers that allow one change to what is signed."""
    op.create_table(
        "record_deletion",
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ground IN ('asked', 'wrong_patient')", name="record_deletion_ground"),
        sa.CheckConstraint("decided_by <> confirmed_by", name="record_deletion_by_two"),
        sa.ForeignKeyConstraint(["decision"], ["record_case_answer.id"]),
        sa.PrimaryKeyConstraint("decision"),
        sa.UniqueConstraint("visit"),
    )
    dialect = op.get_bind().dialect.name
    for statement in insert_only_ddl(dialect, ("record_deletion",)):
        op.execute(statement)
    for statement in erasable_ddl(dialect, ERASABLE, (DELETED,)):
        op.execute(statement)
