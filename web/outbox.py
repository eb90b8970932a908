"""The stored events: written in the transaction that causes them, read by number afterwards."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from sqlalchemy import BigInteger, Integer, MetaData, String, Text, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from venterom.journal.tables import Utc

metadata = MetaData()
INSERT_ONLY = ("outbox",)
# PostgreSQL gives out numbers before transactions are committed, so a smaller one may appear after
# a larger one. A reader looks back this far; no transaction lives as long after it has a number.
OVERLAP = timedelta(minutes=1)


class Event(Protocol):
    """What a use case returns: a frozen dataclass that names the visit it concerns."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def visit(self) -> str: ...


class Base(DeclarativeBase):
    """Rows of this module."""

    metadata = metadata


class OutboxRow(Base):
    """One event. `seq` is its number; see `OVERLAP` for the order in which numbers appear."""

    __tablename__ = "outbox"
    __table_args__ = {"sqlite_autoincrement": True}

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(Utc)
    name: Mapped[str] = mapped_column(String(40))
    visit: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it was stored."""

    seq: int
    at: datetime
    name: str
    visit: str
    body: dict[str, Any]


async def append(db: AsyncSession, now: datetime, events: Sequence[Event]) -> None:
    """Write the events in the caller's transaction."""
    rows = [
        {"at": now, "name": type(each).__name__, "visit": each.visit, "body": _dump(each)}
        for each in events
    ]
    if rows:
        await db.execute(insert(OutboxRow), rows)


async def read_after(db: AsyncSession, seq: int, *, names: Collection[str]) -> list[Stored]:
    """Events of these names with a number above `seq`, oldest first."""
    found = await db.scalars(
        select(OutboxRow)
        .where(OutboxRow.seq > seq, OutboxRow.name.in_(names))
        .order_by(OutboxRow.seq)
    )
    return [Stored(row.seq, row.at, row.name, row.visit, json.loads(row.body)) for row in found]


async def settled(db: AsyncSession, seq: int, now: datetime) -> int:
    """The number up to which no event can be missing any more; never below `seq`."""
    old = select(func.max(OutboxRow.seq)).where(OutboxRow.seq > seq, OutboxRow.at < now - OVERLAP)
    return await db.scalar(old) or seq


def _dump(happened: Event) -> str:
    values = {field.name: getattr(happened, field.name) for field in fields(happened)}
    return json.dumps(values, default=_plain, sort_keys=True, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"an event may not hold a {type(value).__name__}")
