"""Rows of the messages to people: what is sent, by which channel, and how far it has come."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from venterom.journal.tables import Utc

metadata = MetaData()


class Base(DeclarativeBase):
    """Rows of this folder."""

    metadata = metadata


class MessageRow(Base):
    """One message to one person about one visit. The text is sealed: it holds a link."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'sent', 'failed')", name="message_state"),
        Index("message_due", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    # The event that caused it: telling twice about one event is forbidden by this key.
    event_seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    visit: Mapped[str] = mapped_column(String(32), index=True)
    person: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(16))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), default="due")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Utc)
    sent_at: Mapped[datetime | None] = mapped_column(Utc)


class OpenMatterRow(Base):
    """Something that a director has been told of, and that is not over (alarms.py)."""

    __tablename__ = "open_matter"

    matter: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime] = mapped_column(Utc)


class CursorRow(Base):
    """How far a reader of the stored events has come."""

    __tablename__ = "event_cursor"

    reader: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
