"""Entries in and out of the database: rows become values here, and states move under a guard."""

from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.errors import NotYours, UnknownVisit, WrongState
from venterom.queue.floor import Entry
from venterom.queue.states import LIVE, OPEN, Act, State, entry_after
from venterom.queue.tables import EntryRow

COLUMNS = EntryRow.__table__.c
_IN_PLACE = select(*(COLUMNS[field.name] for field in fields(Entry)))


async def entry(db: AsyncSession, visit: str) -> Entry | None:
    """The entry of a visit, in whatever state, if it has one."""
    row = (await db.execute(select(*COLUMNS).where(EntryRow.visit == visit))).first()
    return None if row is None else Entry(**row._mapping)


async def hold(db: AsyncSession, visit: str) -> Entry:
    """The entry of a visit, locked until the transaction ends. Raises UnknownVisit."""
    locked = select(*COLUMNS).where(EntryRow.visit == visit).with_for_update()
    row = (await db.execute(locked)).first()
    if row is None:
        raise UnknownVisit
    return Entry(**row._mapping)


async def hold_own(db: AsyncSession, visit: str, practitioner: str) -> Entry:
    """The same, for the doctor whose patient it is. Raises NotYours for all others."""
    found = await hold(db, visit)
    if found.claimed_by != practitioner:
        raise NotYours
    return found


async def open_entry_of(db: AsyncSession, patient: str) -> Entry | None:
    """The one place in the waiting room that a patient can have."""
    own = (EntryRow.patient == patient, EntryRow.state.in_(OPEN))
    row = (await db.execute(select(*COLUMNS).where(*own))).first()
    return None if row is None else Entry(**row._mapping)


async def find(db: AsyncSession, *where: ColumnElement[bool]) -> tuple[Entry, ...]:
    """All entries for which the conditions hold, and no lock: a doctor may be taking one."""
    rows = await db.execute(select(*COLUMNS).where(*where).order_by(EntryRow.visit))
    return tuple(Entry(**row._mapping) for row in rows)


async def hold_all(db: AsyncSession, *where: ColumnElement[bool]) -> tuple[Entry, ...]:
    """The same, locked until the transaction ends. Not for those who wait: `claim` skips locks."""
    locked = select(*COLUMNS).where(*where).order_by(EntryRow.visit).with_for_update()
    return tuple(Entry(**row._mapping) for row in await db.execute(locked))


async def live(db: AsyncSession) -> tuple[Entry, ...]:
    """Everybody with whom somebody still has something to do."""
    return await _among(db, LIVE)


async def waiting(db: AsyncSession) -> tuple[Entry, ...]:
    """Everybody who waits."""
    return await _among(db, {State.WAITING})


async def _among(db: AsyncSession, states: Iterable[State]) -> tuple[Entry, ...]:
    # There may be thousands: columns by place, and of the table, since a condition on a class
    # makes SQLAlchemy take each line through its mapping of objects.
    rows = await db.execute(_IN_PLACE.where(COLUMNS.state.in_(states)).order_by(COLUMNS.visit))
    return tuple(Entry(*row) for row in rows)


async def move(db: AsyncSession, before: Entry, act: Act, **changes: object) -> Entry:
    """Do what `act` does to the state, and write the changes.

    Raises WrongState if the table of states does not allow it, or if the entry is no longer in the
    same state with the same lease.
    """
    return await _change(db, before, state=entry_after(before.state, act), **changes)


async def note(db: AsyncSession, before: Entry, **changes: object) -> Entry:
    """Write changes that leave the state alone, under the same guard."""
    return await _change(db, before, **changes)


async def _change(db: AsyncSession, before: Entry, **changes: object) -> Entry:
    unchanged = (
        EntryRow.visit == before.visit,
        EntryRow.state == before.state,
        EntryRow.lease_token == before.lease_token,
    )
    changed = update(EntryRow).where(*unchanged).values(**changes).returning(*COLUMNS)
    row = (await db.execute(changed)).first()
    if row is None:
        raise WrongState
    return Entry(**row._mapping)
