"""The rows of what came of a call beside the note: who was seen, the telephone, pictures.

Pictures of a signed entry are insert-only, as the entry is.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from venterom.journal.tables import Base, SealedColumns

INSERT_ONLY = ("call_telephone", "record_attachment")


class TelephoneRow(Base):
    """The doctor went over to the telephone, and why."""

    __tablename__ = "call_telephone"
    visit: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str]
    at: Mapped[datetime]
    why: Mapped[str]
    after_video: Mapped[bool]
    __table_args__ = (CheckConstraint("why IN ('network', 'wish')", name="call_telephone_why"),)


class IdentificationRow(Base):
    """Whom a doctor says she had before her; the last word counts until she signs."""

    __tablename__ = "call_identification"
    visit: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    seen: Mapped[str]
    how: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("seen IN ('patient', 'parent', 'other')", name="call_identification_seen"),
        CheckConstraint("how IN ('picture', 'voice')", name="call_identification_how"),
    )


class PictureAskRow(Base):
    """A doctor's question whether a picture may be taken, and what was answered."""

    __tablename__ = "picture_ask"
    id: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]  # of the one picture that a yes is for
    __table_args__ = (
        CheckConstraint("answer IN ('yes', 'no')", name="picture_ask_answer"),
        CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)",
            name="picture_ask_answered",
        ),
        Index(
            "picture_one_question",
            "visit",
            unique=True,
            sqlite_where=sql("answer IS NULL"),
            postgresql_where=sql("answer IS NULL"),
        ),
    )


class PictureRow(SealedColumns, Base):
    """A picture while the note is being written, by the id of its question; then an attachment."""

    __tablename__ = "picture_draft"
    id: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(index=True)
    patient: Mapped[str]
    author: Mapped[str]
    taken_at: Mapped[datetime]


class AttachmentRow(SealedColumns, Base):
    """A picture of a signed entry; its hash stands in the entry."""

    __tablename__ = "record_attachment"
    visit: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    picture: Mapped[str]
    patient: Mapped[str]
    taken_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("picture", name="record_attachment_picture"),)
