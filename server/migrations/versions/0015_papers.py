"""Papers that are issued with a note, the way of prescriptions, and the register of medicines."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSERT_ONLY = ("record_paper", "paper_code", "paper_withdrawal", "prescription_receipt")


def upgrade() -> None:
    """Eight new tables; what is signed with a note is never changed."""
    drafts()
    documents()
    codes()
    withdrawals()
    prescribing()
    receipts()
    medicines()
    for statement in insert_only_ddl(op.get_bind().dialect.name, INSERT_ONLY):
        op.execute(statement)


def drafts() -> None:
    """Papers while the note is being written."""
    op.create_table(
        "paper_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        *_sealed(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_paper_draft_visit", "paper_draft", ["visit"])


def documents() -> None:
    """The documents of signed entries."""
    op.create_table(
        "record_paper",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        *_sealed(),
        sa.PrimaryKeyConstraint("visit", "version", "n"),
        sa.UniqueConstraint("paper"),
    )


def codes() -> None:
    """What a receiver is told who types a code."""
    op.create_table(
        "paper_code",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("paper"),
    )


def withdrawals() -> None:
    """Papers that are not valid any more."""
    op.create_table(
        "paper_withdrawal",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.CheckConstraint(
            "why IN ('wrong', 'changed', 'not_needed')", name="paper_withdrawal_why"
        ),
        sa.PrimaryKeyConstraint("paper"),
    )
    op.create_index("ix_paper_withdrawal_visit", "paper_withdrawal", ["visit"])


def prescribing() -> None:
    """Prescriptions and recalls on their way."""
    op.create_table(
        "prescribing",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("errand", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint("errand IN ('send', 'recall')", name="prescribing_errand"),
        sa.CheckConstraint(
            "state IN ('waiting', 'on_its_way', 'done', 'failed')", name="prescribing_state"
        ),
        sa.PrimaryKeyConstraint("paper", "errand"),
    )
    op.create_index("ix_prescribing_visit", "prescribing", ["visit"])
    op.create_index("prescribing_due", "prescribing", ["state", "due_at"])


def receipts() -> None:
    """What the national module answered."""
    op.create_table(
        "prescription_receipt",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("errand", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_sealed(),
        sa.PrimaryKeyConstraint("paper", "errand"),
    )


def medicines() -> None:
    """The register in use, and what was loaded when."""
    texts = ("fest_id", "name", "substance", "atc", "form", "strength", "group", "package")
    op.create_table(
        "medicine",
        sa.Column("number", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("reimbursed", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "medicine_load",
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("taken", "passed_over", "refused")
        ),
        sa.PrimaryKeyConstraint("at"),
    )


def _sealed() -> list[sa.Column[object]]:
    return [
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
    ]
