"""The rows of the record, and apart from them those of the embedded EPJ, which is another system.

What the law wants kept is insert-only: audit, consents, signed entries. The rest is on its way.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Dialect,
    Index,
    LargeBinary,
    MetaData,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

INSERT_ONLY = ("record_audit", "record_consent", "record_entry")
WHOLE = "length(ciphertext) > 0"  # SQL: a sealed text that is here still (reduced.py)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Utc(TypeDecorator[datetime]):
    """An aware moment in UTC, stored as whole milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuses a naive datetime: nobody could say which moment it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must know its time zone")
        return (value - _EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


metadata = MetaData()
epj_metadata = MetaData()


class Base(DeclarativeBase):
    """Rows of the record."""

    metadata = metadata
    type_annotation_map = {datetime: Utc, bytes: LargeBinary}


class EpjBase(DeclarativeBase):
    """Rows of the embedded EPJ."""

    metadata = epj_metadata
    type_annotation_map = {datetime: Utc, bytes: LargeBinary}


class SealedColumns:
    """A sealed text (seal.py); what it is bound to stands in the row's other columns."""

    kek_id: Mapped[str]
    wrapped_dek: Mapped[bytes]
    nonce: Mapped[bytes]
    ciphertext: Mapped[bytes]


class VisitRow(Base):
    """One meeting of a patient and a doctor, from the first click to the signed note."""

    __tablename__ = "visit"
    id: Mapped[str] = mapped_column(primary_key=True)
    opened_by: Mapped[str]
    patient: Mapped[str | None]
    birth_date: Mapped[date | None]  # the patient's: who decides follows from it
    relation: Mapped[str | None]
    stage: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("stage IN ('draft', 'open', 'closed')", name="visit_stage"),
        CheckConstraint("relation IN ('self', 'child')", name="visit_relation"),
        CheckConstraint("stage <> 'open' OR patient IS NOT NULL", name="visit_open_patient"),
        CheckConstraint("(stage = 'closed') = (closed_at IS NOT NULL)", name="visit_closed"),
        CheckConstraint("(patient IS NULL) = (relation IS NULL)", name="visit_patient"),
        Index(
            "visit_one_draft",
            "opened_by",
            unique=True,
            sqlite_where=sql("stage = 'draft'"),
            postgresql_where=sql("stage = 'draft'"),
        ),
    )


class PatientKeyRow(Base):
    """A patient's key, wrapped. Deleting it makes all that was written about her unreadable."""

    __tablename__ = "patient_key"
    patient: Mapped[str] = mapped_column(primary_key=True)
    kek_id: Mapped[str]
    wrapped: Mapped[bytes]


class ReasonRow(SealedColumns, Base):
    """Why the patient comes, in her own words."""

    __tablename__ = "visit_reason"
    visit: Mapped[str] = mapped_column(primary_key=True)
    patient: Mapped[str]
    author: Mapped[str]
    version: Mapped[int]
    written_at: Mapped[datetime]


class ConsentRow(Base):
    """A notice acknowledged, a consent given or withdrawn; the receipt holds it all, signed."""

    __tablename__ = "record_consent"
    id: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    patient: Mapped[str]
    given_by: Mapped[str]
    kind: Mapped[str]
    text_version: Mapped[str]
    text_sha256: Mapped[str]
    language: Mapped[str]
    rule: Mapped[str]
    own_yes: Mapped[bool]
    at: Mapped[datetime]
    receipt: Mapped[str]
    __table_args__ = (
        CheckConstraint("kind IN ('notice', 'consent', 'withdrawal')", name="record_consent_kind"),
        Index("record_consent_patient", "patient", "at"),
    )


class ProtectionRow(Base):
    """How the visit's call was kept from others, as far as its doctor's page has said."""

    __tablename__ = "call_protection"
    visit: Mapped[str] = mapped_column(primary_key=True)
    encryption: Mapped[str]
    words: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint(
            "encryption IN ('end_to_end', 'hop_by_hop')", name="call_protection_encryption"
        ),
        CheckConstraint(
            "words IN ('matched', 'different', 'not_compared')", name="call_protection_words"
        ),
    )


class DraftRow(SealedColumns, Base):
    """The note while it is being written; the database lets it go when the note is signed."""

    __tablename__ = "note_draft"
    visit: Mapped[str] = mapped_column(primary_key=True)
    patient: Mapped[str]
    author: Mapped[str]
    version: Mapped[int]
    saved_at: Mapped[datetime]


class EntryRow(SealedColumns, Base):
    """A signed entry. A correction is a new version; none is ever changed, but its text may go to
    whom it belongs (reduced.py)."""

    __tablename__ = "record_entry"
    visit: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    patient: Mapped[str] = mapped_column(index=True)
    author: Mapped[str]
    author_hpr: Mapped[str]
    author_name: Mapped[str]
    sign_in: Mapped[str]
    signed_at: Mapped[datetime]
    withheld: Mapped[bool]
    content_hash: Mapped[str]
    after: Mapped[str]
    jws: Mapped[str]
    __table_args__ = (
        Index(
            "record_entry_whole",
            "signed_at",
            sqlite_where=sql(WHOLE),
            postgresql_where=sql(WHOLE),
        ),
    )


class AuditRow(Base):
    """One line of the audit chain (chain.py)."""

    __tablename__ = "record_audit"
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    visit: Mapped[str]
    patient: Mapped[str]
    purpose: Mapped[str]
    content: Mapped[str]
    salt: Mapped[bytes]
    leaf: Mapped[bytes]
    hash: Mapped[bytes]
    __table_args__ = (
        Index("record_audit_visit", "visit", "action"),
        Index("record_audit_patient", "patient", "n"),
    )


class HeadRow(Base):
    """The end of the chain: one row, locked by whoever adds a line, moved by the line itself."""

    __tablename__ = "chain_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    __table_args__ = (CheckConstraint("id = 1", name="chain_head_one"),)


class DeliveryRow(Base):
    """A version of a note that the EPJ must have. `n` is its audit line: the order of delivery;
    `due_at` is when it goes next, and of one that is in the journal when the receipt came."""

    __tablename__ = "delivery"
    visit: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    patient: Mapped[str]
    author: Mapped[str]
    content_hash: Mapped[str]
    signed_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    receipt: Mapped[str | None]
    last_error: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("n", name="delivery_n"),
        CheckConstraint(
            "state IN ('signed', 'on_its_way', 'in_the_journal', 'failed')", name="delivery_state"
        ),
        CheckConstraint(
            "(state = 'in_the_journal') = (receipt IS NOT NULL)", name="delivery_receipt"
        ),
        Index("delivery_due", "state", "due_at"),
        Index("delivery_patient", "patient", "n"),
        Index("delivery_author", "author", "n"),
    )


class LineRow(Base):
    """Whether the EPJ is there (retry.py): one row, from the first time that it was not."""

    __tablename__ = "delivery_line"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int]
    since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    why: Mapped[str]
    __table_args__ = (
        CheckConstraint("id = 1", name="delivery_line_one"),
        CheckConstraint("(failures = 0) = (since IS NULL)", name="delivery_line_since"),
    )


class EpjRow(SealedColumns, EpjBase):
    """What the embedded EPJ was given, once a note. `encounter` is the visit, and behind it which
    version a later one is (fhir_parts.py)."""

    __tablename__ = "epj_record"
    encounter: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    digest: Mapped[str]
    reference: Mapped[str]
    received_at: Mapped[datetime]
