"""Rows of the insurers' programs: who they are, which assertions are used up, what was asked.

They are of the insurer's side, with its rows (`queue/coverage/tables.py`): days, no health data.
"""

from datetime import date

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from venterom.queue.coverage.tables import ID, Base

HASH = 64  # hexadecimal digits of SHA-256
SCOPES = 64  # characters; both scopes with a space take 20


class ClientRow(Base):
    """A program of an insurer's. `keys` is its public key set (RFC 7517). One that is removed
    stays, so that the log of look-ups goes on naming somebody."""

    __tablename__ = "insurer_client"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    insurer: Mapped[str] = mapped_column(String(ID))
    scopes: Mapped[str] = mapped_column(String(SCOPES))
    keys: Mapped[str] = mapped_column(Text)
    added: Mapped[date]
    removed: Mapped[date | None]


class AssertionRow(Base):
    """An assertion that was shown, by the hash of its `jti`: it is of no use again. `until` are
    seconds since 1970, after which nobody would believe it anyway."""

    __tablename__ = "insurer_assertion"

    client: Mapped[str] = mapped_column(String(ID), primary_key=True)
    jti: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    until: Mapped[int] = mapped_column(BigInteger, index=True)


class QuestionRow(Base):
    """What a question with a key of its own was answered; asked again, it is answered the same.
    Key and question are hashes. `answer`, `reason` and `valid_until` are those of the answer."""

    __tablename__ = "insurer_question"

    client: Mapped[str] = mapped_column(String(ID), primary_key=True)
    key: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    question: Mapped[str] = mapped_column(String(HASH))
    answer: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32))
    valid_until: Mapped[date | None]
    day: Mapped[date] = mapped_column(index=True)
