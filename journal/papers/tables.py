"""The rows of papers: drafts, the documents of signed notes, their codes; and medicines.

A document and its code are insert-only, as the entry is. That one was withdrawn is said beside it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from venterom.journal.tables import Base, SealedColumns

INSERT_ONLY = ("record_paper", "paper_code", "paper_withdrawal", "paper_receipt")


class PaperDraftRow(SealedColumns, Base):
    """A paper while the note is being written; then part of the signed entry."""

    __tablename__ = "paper_draft"
    id: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    patient: Mapped[str]
    author: Mapped[str]
    written_at: Mapped[datetime]


class PaperRow(SealedColumns, Base):
    """The document of a signed entry; its hash, and what it says, stand in the entry."""

    __tablename__ = "record_paper"
    visit: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    paper: Mapped[str] = mapped_column(unique=True)
    patient: Mapped[str]
    issued_at: Mapped[datetime]


class PaperCodeRow(Base):
    """What a receiver may be told who types a paper's code: sealed under a key that only the code
    gives, and found by a name that only the code gives."""

    __tablename__ = "paper_code"
    name: Mapped[str] = mapped_column(primary_key=True)
    paper: Mapped[str] = mapped_column(unique=True)
    sealed: Mapped[bytes]


class WithdrawalRow(Base):
    """A paper that is not valid any more."""

    __tablename__ = "paper_withdrawal"
    paper: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    by: Mapped[str]
    at: Mapped[datetime]
    why: Mapped[str]
    __table_args__ = (
        CheckConstraint("why IN ('wrong', 'changed', 'not_needed')", name="paper_withdrawal_why"),
    )


class ErrandRow(Base):
    """A paper, or its recall, on its way to whoever is to have it."""

    __tablename__ = "paper_errand"
    paper: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    errand: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    patient: Mapped[str]
    author: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    last_error: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("kind IN ('prescription', 'sick_note')", name="paper_errand_kind"),
        CheckConstraint("errand IN ('send', 'recall')", name="paper_errand_what"),
        CheckConstraint(
            "state IN ('waiting', 'on_its_way', 'done', 'failed')", name="paper_errand_state"
        ),
        Index("paper_errand_due", "kind", "state", "due_at"),
    )


class ReceiptRow(SealedColumns, Base):
    """What the receiver answered: the reference number opens a locked prescription, so it is
    sealed."""

    __tablename__ = "paper_receipt"
    paper: Mapped[str] = mapped_column(primary_key=True)
    errand: Mapped[str] = mapped_column(primary_key=True)
    patient: Mapped[str]
    at: Mapped[datetime]


class MedicineRow(Base):
    """One package of the register that was loaded last."""

    __tablename__ = "medicine"
    number: Mapped[str] = mapped_column(primary_key=True)
    fest_id: Mapped[str]
    name: Mapped[str]
    substance: Mapped[str]
    atc: Mapped[str]
    form: Mapped[str]
    strength: Mapped[str]
    group: Mapped[str]
    package: Mapped[str]
    reimbursed: Mapped[bool]
    by_hospital: Mapped[bool]
    key: Mapped[str]


class MedicineLoadRow(Base):
    """A file that was loaded, and what was taken and refused of it."""

    __tablename__ = "medicine_load"
    at: Mapped[datetime] = mapped_column(primary_key=True)
    edition: Mapped[str]
    sha256: Mapped[str]
    taken: Mapped[int]
    passed_over: Mapped[int]
    refused: Mapped[int]
