"""Slots: which are free, taking a seat in one, and taking another instead."""

from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import entries, grounds, ledger, planner, roster, shifts, slots
from venterom.queue.errors import (
    AlreadyWaiting,
    NoSuchSlot,
    NotBooked,
    SlotTaken,
    TooLateToMove,
    UnknownVisit,
    VisitOver,
)
from venterom.queue.events import Booked, Moved
from venterom.queue.floor import GRACE, Entry, Floor, Kind
from venterom.queue.hours import DAY, Hours, start_of_day, wall
from venterom.queue.outlook import HISTORY, usual
from venterom.queue.promise import Decision, Offer, situation
from venterom.queue.service import MINUTE, mean
from venterom.queue.states import OPEN, State
from venterom.queue.tables import EntryRow, SeatRow, insert_once

MODEL = "capacity-1"  # a slot is promised by counting seats, not by a probability


async def free_slots(db: AsyncSession, now: datetime, hours: Hours) -> tuple[datetime, ...]:
    """The slots of today and tomorrow that can be booked now."""
    return slots.free(hours, now, await roster.duties(db, now), await roster.taken(db, now))


async def offered(
    db: AsyncSession, now: datetime, hours: Hours, floor: Floor, most: int
) -> tuple[datetime, ...]:
    """So many of the free slots: the next ones, or those with most room if the lever is on."""
    free = await free_slots(db, now, hours)
    if not floor.levers.plans:
        return free[:most]
    asked = await ledger.asked_by_hour(db, start_of_day(now) - HISTORY * DAY, now)
    usually = usual(asked, now) or {}
    expected = {slot: usually.get(wall(slot).hour, 0.0) for slot in free}
    duties, taken = await roster.duties(db, now), await roster.taken(db, now)
    work = round(mean(floor.service.consultations) + mean(floor.service.wrap_ups)) * MINUTE
    return planner.with_most_room(free, duties, taken, expected, work, most)


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
    basis = grounds.written(situation(floor, hours, now), offer.slots)
    await ledger.write(db, offer, patient=patient, p_min_others=1.0, model=MODEL, basis=basis)
    return offer.id


async def move(
    db: AsyncSession, now: datetime, *, visit: str, starts_at: datetime, hours: Hours
) -> Moved:
    """Take a seat in another slot, or one instead of waiting in line.

    What was promised before is withdrawn by the patient; but whoever was told that a promise will
    hardly be kept, and so takes a slot, was not served in time: that one is broken. Moving to the
    same slot again gives the same answer. Raises UnknownVisit, TooLateToMove, NoSuchSlot; and
    SlotTaken, on which the transaction must end, and the old place is kept.
    """
    await ledger.admit(db)
    held = _movable(await entries.hold(db, visit), now)
    if starts_at == held.slot:
        return Moved(visit, held.patient, held.slot, held.slot, held.deadline, fresh=False)
    if starts_at not in slots.horizon(hours, now):
        raise NoSuchSlot
    await db.execute(delete(SeatRow).where(SeatRow.visit == visit))
    await _sit(db, now, visit, starts_at)
    promise = await _write_line(db, now, visit, held.patient, starts_at, hours)
    times = {"slot": starts_at, "release_at": starts_at, "deadline": starts_at + GRACE}
    moved = await entries.note(db, held, promise=promise, kind=Kind.BOOKED, **times)
    await ledger.give_up(db, now, held)
    return Moved(visit, held.patient, held.slot, starts_at, moved.deadline)


async def place(db: AsyncSession, now: datetime, *, visit: str) -> Entry:
    """A place in the waiting room that can be changed for a slot. Raises UnknownVisit,
    TooLateToMove."""
    found = await entries.entry(db, visit)
    if found is None:
        raise UnknownVisit
    return _movable(found, now)


async def slot_of(db: AsyncSession, now: datetime, *, visit: str) -> datetime:
    """The time that a visit has booked. Raises UnknownVisit, NotBooked, TooLateToMove."""
    found = await place(db, now, visit=visit)
    if found.slot is None:
        raise NotBooked
    return found.slot


def _movable(entry: Entry, now: datetime) -> Entry:
    if not entry.can_be_moved(now):
        raise TooLateToMove
    return entry
