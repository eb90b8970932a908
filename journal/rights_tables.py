"""The rows of what a patient may do with the record: block it, and ask for it to be put right.

A block is set and lifted once. Glass that was broken, a case, its answer and that it was carried
out are insert-only; what a doctor is typing to put a note right is on its way.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from venterom.journal.tables import Base, SealedColumns

INSERT_ONLY = ("broken_glass", "record_case", "record_case_answer", "record_deletion")


class BlockRow(Base):
    """A patient keeps somebody, or everybody, from reading (pbrl § 5-3; 9603 NORS)."""

    __tablename__ = "record_block"
    id: Mapped[str] = mapped_column(primary_key=True)
    patient: Mapped[str] = mapped_column(index=True)
    against: Mapped[str]  # a doctor, or "" for all
    set_by: Mapped[str]
    set_at: Mapped[datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("against <> patient", name="record_block_not_oneself"),
        CheckConstraint(
            "(lifted_by IS NULL) = (lifted_at IS NULL)"
            " AND (lifted_at IS NULL OR lifted_at >= set_at)",
            name="record_block_lifted",
        ),
        Index(
            "record_block_one",
            "patient",
            "against",
            unique=True,
            sqlite_where=sql("lifted_at IS NULL"),
            postgresql_where=sql("lifted_at IS NULL"),
        ),
    )


class GlassRow(SealedColumns, Base):
    """A doctor read what was blocked, because somebody was in danger; why is sealed.

    Four hours are 14 400 000 ms; 31 bytes are 15 characters and the seal's tag (glass.py).
    """

    __tablename__ = "broken_glass"
    id: Mapped[str] = mapped_column(primary_key=True)
    patient: Mapped[str]
    doctor: Mapped[str]
    visit: Mapped[str]  # in which the doctor met the patient
    at: Mapped[datetime]
    until: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("until = at + 14400000", name="broken_glass_four_hours"),
        CheckConstraint("length(ciphertext) >= 31", name="broken_glass_reason"),
        Index("broken_glass_patient", "patient", "doctor"),
    )


class CaseRow(SealedColumns, Base):
    """A patient asks for a note to be put right, or to be deleted (hpl §§ 42, 43)."""

    __tablename__ = "record_case"
    id: Mapped[str] = mapped_column(primary_key=True)
    patient: Mapped[str] = mapped_column(index=True)
    visit: Mapped[str]
    kind: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("kind IN ('correction', 'deletion')", name="record_case_kind"),
        CheckConstraint("due_at > asked_at", name="record_case_due"),
    )


class AnswerRow(SealedColumns, Base):
    """What was answered, with its reason: once, for a case that there is."""

    __tablename__ = "record_case_answer"
    id: Mapped[str] = mapped_column(ForeignKey("record_case.id"), primary_key=True)
    outcome: Mapped[str]
    answered_by: Mapped[str]
    answered_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("outcome IN ('granted', 'refused')", name="record_case_outcome"),
    )


class AmendmentDraftRow(SealedColumns, Base):
    """What this doctor is typing to put a note right, or to add to it; gone when it is signed
    (drafting.py). What is `whole` says the note anew, and goes when the note's text goes."""

    __tablename__ = "amendment_draft"
    visit: Mapped[str] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    whole: Mapped[bool] = mapped_column(primary_key=True)
    patient: Mapped[str]
    version: Mapped[int]
    saved_at: Mapped[datetime]


class DeletionRow(Base):
    """A note that was deleted: by whose decision, and by whose hand. Never the same one."""

    __tablename__ = "record_deletion"
    decision: Mapped[str] = mapped_column(ForeignKey("record_case_answer.id"), primary_key=True)
    visit: Mapped[str] = mapped_column(unique=True)
    patient: Mapped[str]
    ground: Mapped[str]
    decided_by: Mapped[str]
    confirmed_by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("ground IN ('asked', 'wrong_patient')", name="record_deletion_ground"),
        CheckConstraint("decided_by <> confirmed_by", name="record_deletion_by_two"),
    )
