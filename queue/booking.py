"""Slots: which are free, taking a seat in one, and giving it back."""

from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import entries, ledger, roster, shifts, slots
from venterom.queue.errors import AlreadyWaiting, NoSuchSlot, NotBooked, SlotTaken, VisitOver
from venterom.queue.events import Booked, Left
from venterom.queue.floor import GRACE, Entry, Floor, Kind
from venterom.queue.hours import Hours
from venterom.queue.leaving import leave
from venterom.queue.promise import Decision, Offer, inputs, situation
from venterom.queue.states import OPEN, State
from venterom.queue.tables import EntryRow, SeatRow, insert_once

MODEL = "capacity-1"  # a slot is promised by counting seats, not by a probability


async def free_slots(db: AsyncSession, now: datetime, hours: Hours) -> tuple[datetime, ...]:
    """The slots of today and tomorrow that can be booked now."""
    return slots.free(hours, now, await roster.duties(db, now), await roster.taken(db, now))


async def book(
    db: AsyncSession,
    now: datetime,
    *,
    visit: str,
    patient: str,
    starts_at: datetime,
    hours: Hours,
) -> Booked:
    """Take a seat in a slot, and a place in the waiting room that opens at its time.

    Booking the same slot again gives the same answer. Raises NoSuchSlot, SlotTaken,
    AlreadyWaiting, VisitOver.
    """
    await ledger.admit(db)
    stored = await entries.entry(db, visit)
    if stored is not None:
        return _booked_before(stored, starts_at)
    if await entries.open_entry_of(db, patient) is not None:
        raise AlreadyWaiting
    if starts_at not in slots.horizon(hours, now):
        raise NoSuchSlot
    await _sit(db, now, visit, starts_at)
    promise = await _write_line(db, now, visit, patient, starts_at, hours)
    booked = Booked(visit, patient, starts_at, starts_at + GRACE)
    await db.execute(
        insert(EntryRow).values(
            visit=visit,
            patient=patient,
            promise=promise,
            kind=Kind.BOOKED,
            state=State.WAITING,
            created_at=now,
            release_at=starts_at,
            deadline=booked.deadline,
            slot=starts_at,
        )
    )
    return booked


def _booked_before(stored: Entry, starts_at: datetime) -> Booked:
    if stored.state not in OPEN:
        raise VisitOver
    if stored.slot != starts_at:
        raise AlreadyWaiting
    return Booked(stored.visit, stored.patient, starts_at, stored.deadline, fresh=False)


async def _sit(db: AsyncSession, now: datetime, visit: str, starts_at: datetime) -> None:
    """Take the first free seat; the unique key refuses a second visit in the same one."""
    doctors = slots.doctors_at(starts_at, await roster.duties(db, now))
    for seat in range(slots.capacity(doctors)):
        if await insert_once(db, SeatRow, visit=visit, starts_at=starts_at, seat=seat):
            return
    raise SlotTaken


async def _write_line(
    db: AsyncSession, now: datetime, visit: str, patient: str, starts_at: datetime, hours: Hours
) -> str:
    """A line of the ledger for the slot: its time and the grace are promised."""
    offer = Offer(
        token_urlsafe(16), visit, Decision.SLOT, starts_at + GRACE, 1.0, now, (starts_at,)
    )
    floor = Floor(await shifts.live(db), await entries.live(db))
    grounds = inputs(situation(floor, hours, now), offer.slots)
    await ledger.write(db, offer, patient=patient, p_min_others=1.0, model=MODEL, grounds=grounds)
    return offer.id


async def cancel(db: AsyncSession, now: datetime, *, visit: str) -> Left:
    """Give a booked time back. Raises UnknownVisit, NotBooked, WrongState."""
    held = await entries.hold(db, visit)
    if held.slot is None:
        raise NotBooked
    return await leave(db, now, visit=visit)
