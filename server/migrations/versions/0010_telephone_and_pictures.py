"""That a doctor went over to the telephone, and pictures that belong to a note."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSERT_ONLY = ("call_telephone", "record_attachment")


def upgrade() -> None:
    """Four new tables; what is signed with a note is never changed."""
    telephone()
    questions()
    drafts()
    attachments()
    for statement in insert_only_ddl(op.get_bind().dialect.name, INSERT_ONLY):
        op.execute(statement)


def telephone() -> None:
    """Who rang, when and why."""
    op.create_table(
        "call_telephone",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("after_video", sa.Boolean(), nullable=False),
        sa.CheckConstraint("why IN ('network', 'wish')", name="call_telephone_why"),
        sa.PrimaryKeyConstraint("visit"),
    )


def questions() -> None:
    """Whether a picture may be taken; one at a time."""
    op.create_table(
        "picture_ask",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("answer IN ('yes', 'no')", name="picture_ask_answer"),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)",
            name="picture_ask_answered",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_picture_ask_visit", "picture_ask", ["visit"])
    op.create_index(
        "picture_one_question",
        "picture_ask",
        ["visit"],
        unique=True,
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )


def drafts() -> None:
    """Pictures while the note is being written."""
    op.create_table(
        "picture_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        *_sealed(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_picture_draft_visit", "picture_draft", ["visit"])


def attachments() -> None:
    """Pictures of signed entries."""
    op.create_table(
        "record_attachment",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        *_sealed(),
        sa.PrimaryKeyConstraint("visit", "version", "n"),
        sa.UniqueConstraint("picture", name="record_attachment_picture"),
    )


def _sealed() -> list[sa.Column[object]]:
    """A sealed text."""
    return [
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
    ]
