"""The desk: a patient comes, a doctor takes the next, they meet, and one of them is done.

Each use case loads, asks the rule, writes under a guard, and returns what happened. Those of
coming in and of doctors' shifts live in `admission` and `shifts`; they are named here, so that
the whole waiting room can be used from one module.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import closing, deferrals, entries, ledger, shifts
from venterom.queue.admission import floor, join, quote
from venterom.queue.entries import entry
from venterom.queue.errors import AlreadyInCall, HeldForSlot, NobodyWaiting, WrongState
from venterom.queue.events import (
    Claimed,
    Connected,
    DoctorJoined,
    Finished,
    HungUp,
    NoAnswer,
    PromiseBroken,
    Unserved,
)
from venterom.queue.floor import Entry, Floor
from venterom.queue.hours import Hours, is_open, start_of_day
from venterom.queue.leaving import leave
from venterom.queue.order import try_again_after
from venterom.queue.promise import Outcome, is_held
from venterom.queue.shifts import (
    LEASE,
    go_off_shift,
    go_on_shift,
    heartbeat,
    reap,
    renew_leases,
)
from venterom.queue.states import HELD, Act, Phase, State, entry_after
from venterom.queue.tables import EntryRow

__all__ = [
    "claim",
    "close",
    "connect",
    "doctor_joined",
    "entry",
    "finish",
    "floor",
    "go_off_shift",
    "go_on_shift",
    "hang_up",
    "heartbeat",
    "join",
    "leave",
    "no_answer",
    "quote",
    "reap",
    "renew_leases",
    "settle",
]


async def claim(db: AsyncSession, now: datetime, *, practitioner: str) -> Claimed:
    """Give the doctor the next patient.

    Raises NotOnShift, AlreadyInCall, NobodyWaiting, HeldForSlot.
    """
    shift, slot_is_near = await shifts.hold_for_claim(db, now, practitioner)
    if shift.phase in shifts.BUSY:
        raise AlreadyInCall
    # Most of the time there is none, and nobody has to be weighed against it. If there is, one
    # doctor at a time is decided on: of two at once each would count on the other.
    if slot_is_near:
        await ledger.admit(db)
        if is_held(await floor(db, now), now, shift):
            raise HeldForSlot
    taken = await _take_next(db, now, practitioner)
    # Asking for a patient is a sign of life; it is written with the phase, for this is the one
    # moment when many doctors may want the same rows.
    await shifts.step(db, now, shift, Act.CLAIM, taken.visit, heartbeat_at=now)
    if shift.phase is Phase.WRAP:
        await deferrals.accept(db, now, practitioner=practitioner)
    return taken


# The order is that of `order.rank`. The lock skips what another doctor is just taking.
_FIRST = (
    select(EntryRow.visit)
    .where(EntryRow.state == State.WAITING, EntryRow.release_at <= bindparam("now"))
    .order_by(EntryRow.triage.desc(), EntryRow.deadline, EntryRow.created_at, EntryRow.visit)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_TAKE = (
    update(EntryRow)
    .where(EntryRow.visit == _FIRST, EntryRow.state == State.WAITING)
    .values(
        state=entry_after(State.WAITING, Act.CLAIM),
        claimed_by=bindparam("practitioner"),
        lease_token=EntryRow.lease_token + 1,
        lease_until=bindparam("until"),
    )
    .returning(EntryRow.visit, EntryRow.lease_token, EntryRow.deadline)
)


async def _take_next(db: AsyncSession, now: datetime, practitioner: str) -> Claimed:
    connection = await db.connection()
    times = {"now": now, "until": now + LEASE}
    row = (await connection.execute(_TAKE, {"practitioner": practitioner, **times})).first()
    if row is None:
        raise NobodyWaiting
    return Claimed(row.visit, practitioner, row.lease_token, row.deadline)


async def doctor_joined(
    db: AsyncSession, now: datetime, *, visit: str, practitioner: str
) -> DoctorJoined | None:
    """The doctor took the seat in the room: from here on the promise is kept, or broken.

    None if a doctor had been there before. Raises UnknownVisit, NotYours.
    """
    held = await entries.hold_own(db, visit, practitioner)
    if held.state not in HELD or held.doctor_joined_at is not None:
        return None
    return DoctorJoined(visit, practitioner, now, await _doctor_is_there(db, now, held))


async def _doctor_is_there(db: AsyncSession, now: datetime, held: Entry) -> bool:
    """Note when a doctor first came, and how the promise so ended; says whether it was kept."""
    met = await entries.note(db, held, doctor_joined_at=held.doctor_joined_at or now)
    return await ledger.settle(db, now, met) is Outcome.KEPT


async def connect(db: AsyncSession, now: datetime, *, visit: str) -> Connected | None:
    """Media flows both ways. None if the call was up already, or is over. Raises UnknownVisit."""
    held = await entries.hold(db, visit)
    if held.state is not State.CLAIMED:
        return None
    in_call = await entries.move(db, held, Act.CONNECT, connected_at=now)
    await _doctor_is_there(db, now, in_call)
    await shifts.follow(db, now, held, Act.CONNECT)
    return Connected(visit, held.claimed_by or "", now)


async def hang_up(db: AsyncSession, now: datetime, *, visit: str, practitioner: str) -> HungUp:
    """The doctor ends the call; the note is still to be signed.

    Raises UnknownVisit, NotYours, WrongState.
    """
    held = await entries.hold_own(db, visit, practitioner)
    if held.state in {State.WRAP, State.DONE}:
        return HungUp(visit, practitioner, held.ended_at or now, fresh=False)
    await entries.move(db, held, Act.HANG_UP, lease_until=None, ended_at=now)
    await shifts.follow(db, now, held, Act.HANG_UP)
    return HungUp(visit, practitioner, now)


async def finish(db: AsyncSession, now: datetime, *, visit: str, practitioner: str) -> Finished:
    """The note is signed. Raises UnknownVisit, NotYours, WrongState."""
    held = await entries.hold_own(db, visit, practitioner)
    if held.state is State.DONE:
        return Finished(visit, practitioner, now, fresh=False)
    await entries.move(db, held, Act.FINISH, signed_at=now)
    await shifts.follow(db, now, held, Act.FINISH)
    await deferrals.pay(db, now, visit=visit)
    return Finished(visit, practitioner, now)


async def no_answer(db: AsyncSession, now: datetime, *, visit: str, practitioner: str) -> NoAnswer:
    """The patient is not there: the doctor is free, and it is tried again, or given up.

    Raises UnknownVisit, NotYours, WrongState.
    """
    held = await entries.hold_own(db, visit, practitioner)
    attempts = held.attempts + 1
    wait = try_again_after(attempts)
    if wait is None:
        tried = await entries.move(db, held, Act.GIVE_UP, attempts=attempts, ended_at=now)
    else:
        free = {"claimed_by": None, "lease_until": None, "release_at": now + wait}
        tried = await entries.move(db, held, Act.NO_ANSWER, attempts=attempts, **free)
    await _doctor_is_there(db, now, tried)
    await shifts.follow(db, now, held, Act.NO_ANSWER)
    return NoAnswer(visit, practitioner, attempts, None if wait is None else now + wait)


async def close(db: AsyncSession, now: datetime, hours: Hours) -> list[Unserved]:
    """Let go, with the promise broken, whoever waits behind a closed door for no doctor at all."""
    waits = [EntryRow.state == State.WAITING]
    if is_open(hours, now):  # then only for those of another day, who are few
        waits.append(EntryRow.created_at < start_of_day(now))
    floor = Floor(await shifts.live(db), await entries.find(db, *waits))
    events: list[Unserved] = []
    for left in closing.unserved(floor, hours, now):
        with suppress(WrongState):  # has just cancelled, or been taken after all
            gone = await entries.move(db, left, Act.CLOSE, ended_at=now)
            await ledger.record(db, gone.promise, Outcome.BROKEN, now, await ledger.why(db, gone))
            events.append(Unserved(gone.visit, now))
    return events


async def settle(db: AsyncSession, now: datetime) -> list[PromiseBroken]:
    """Write down, once each, the promises whose time has passed without a doctor."""
    overdue = (
        EntryRow.state.in_({State.WAITING, State.CLAIMED}),
        EntryRow.doctor_joined_at.is_(None),
        EntryRow.deadline < now,
        ~ledger.is_settled(),
    )
    late = await entries.find(db, *overdue)
    return [
        PromiseBroken(entry.visit, entry.deadline)
        for entry in late
        if await ledger.record(db, entry.promise, Outcome.BROKEN, now, await ledger.why(db, entry))
    ]
