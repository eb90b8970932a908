"""Doctors at work: on and off shift, signs of life, and what happens when there are none."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import entries
from venterom.queue.errors import (
    AlreadyInCall,
    LeaseLost,
    NotOnShift,
    ShiftEndsTooEarly,
    ShiftEndsTooLate,
)
from venterom.queue.events import DoctorLost, DoctorReturned, Returned, WentOffShift, WentOnShift
from venterom.queue.floor import Entry, Shift
from venterom.queue.promise import SLOT_NEAR
from venterom.queue.states import HELD, Act, Phase, phase_after
from venterom.queue.tables import EntryRow, SeatRow, ShiftRow, insert_once

LEASE = timedelta(seconds=30)  # without a heartbeat; doctors send one every 10 seconds
# Between two rounds of those who look for lost doctors, which are a few seconds apart. With more,
# the clock was set or the machine slept: nobody could be heard meanwhile, so nobody is given up.
UNHEARD = timedelta(seconds=20)
# No working time rule goes beyond twelve hours; and half an hour, until it has begun.
LONGEST = timedelta(hours=12, minutes=30)
COLUMNS = ShiftRow.__table__.c
BUSY = frozenset({Phase.RINGING, Phase.CONSULT})
LIVE = ShiftRow.phase != Phase.OFF


async def go_on_shift(
    db: AsyncSession, now: datetime, *, practitioner: str, off_at: datetime
) -> WentOnShift:
    """Begin to work until `off_at`; on shift already, only the end is changed.

    Raises ShiftEndsTooEarly, ShiftEndsTooLate.
    """
    if off_at <= now:
        raise ShiftEndsTooEarly
    if off_at - now > LONGEST:
        raise ShiftEndsTooLate
    started = await insert_once(
        db,
        ShiftRow,
        id=token_urlsafe(16),
        practitioner=practitioner,
        on_at=now,
        off_at=off_at,
        phase=Phase.IDLE,
        phase_since=now,
        heartbeat_at=now,
    )
    if not started:
        shift = await hold(db, practitioner)
        await _write(db, shift, off_at=off_at)
        await _sign_of_life(db, now, shift)
    return WentOnShift(practitioner, off_at, fresh=started)


async def go_off_shift(db: AsyncSession, now: datetime, *, practitioner: str) -> WentOffShift:
    """Stop working; a note that is not signed stays the doctor's. Raises AlreadyInCall."""
    shift = await _find(db, practitioner)
    if shift is None:
        return WentOffShift(practitioner, fresh=False)
    if shift.phase in BUSY:
        raise AlreadyInCall
    await step(db, now, shift, Act.GO_OFF, None)
    return WentOffShift(practitioner)


async def heartbeat(
    db: AsyncSession,
    now: datetime,
    *,
    practitioner: str,
    visit: str | None = None,
    lease_token: int | None = None,
) -> DoctorReturned | None:
    """A sign of life: renews the lease of the doctor's patient, and brings back a lost doctor.

    A page that shows a patient names the visit and its lease token, and gets LeaseLost if the
    patient was given back in the meantime. Raises NotOnShift.
    """
    if visit is not None:
        await _check_lease(db, visit, practitioner, lease_token)
    own = (EntryRow.claimed_by == practitioner, EntryRow.state.in_(HELD))
    await db.execute(update(EntryRow).where(*own).values(lease_until=now + LEASE))
    shift = await hold(db, practitioner)
    return await _sign_of_life(db, now, shift)


async def _check_lease(
    db: AsyncSession, visit: str, practitioner: str, lease_token: int | None
) -> None:
    entry = await entries.entry(db, visit)
    if entry is None or entry.claimed_by != practitioner:
        raise LeaseLost
    if lease_token is not None and entry.lease_token != lease_token:
        raise LeaseLost


async def _sign_of_life(db: AsyncSession, now: datetime, shift: Shift) -> DoctorReturned | None:
    await _write(db, shift, heartbeat_at=now)
    if shift.phase is not Phase.LOST:
        return None
    await step(db, now, shift, Act.RETURN, None)
    return DoctorReturned(shift.practitioner)


async def reap(db: AsyncSession, now: datetime) -> list[Returned | DoctorLost]:
    """Give back the patients of doctors who are not heard from, with place and deadline unchanged.

    Such a doctor is lost, and out of every prediction at once.
    """
    events: list[Returned | DoctorLost] = []
    lapsed = (EntryRow.state.in_(HELD), EntryRow.lease_until < now)
    for entry in await entries.hold_all(db, *lapsed):
        events.append(await _give_back(db, entry))
    silent = (LIVE, ShiftRow.phase != Phase.LOST, ShiftRow.heartbeat_at < now - LEASE)
    rows = await db.execute(select(*COLUMNS).where(*silent).with_for_update())
    for shift in [Shift(**row._mapping) for row in rows]:
        await step(db, now, shift, Act.LOSE, None)
        events.append(DoctorLost(shift.practitioner))
    return events


async def _give_back(db: AsyncSession, entry: Entry) -> Returned:
    await entries.move(
        db, entry, Act.LOSE, claimed_by=None, lease_until=None, returns=entry.returns + 1
    )
    return Returned(entry.visit, entry.claimed_by or "", entry.deadline)


def nobody_was_heard(before: datetime, now: datetime) -> bool:
    """Whether the time between two rounds says nothing about who is there."""
    return not timedelta() <= now - before <= UNHEARD


async def renew_leases(db: AsyncSession, now: datetime) -> None:
    """At start-up, or when the clock was set: nobody loses a call because we did not listen."""
    held = EntryRow.state.in_(HELD)
    await db.execute(update(EntryRow).where(held).values(lease_until=now + LEASE))
    working = (LIVE, ShiftRow.phase != Phase.LOST)
    await db.execute(update(ShiftRow).where(*working).values(heartbeat_at=now))


async def live(db: AsyncSession) -> tuple[Shift, ...]:
    """Everybody on shift, the lost ones too."""
    rows = await db.execute(select(*COLUMNS).where(LIVE).order_by(ShiftRow.practitioner))
    return tuple(Shift(**row._mapping) for row in rows)


async def hold(db: AsyncSession, practitioner: str) -> Shift:
    """A doctor's shift, locked until the transaction ends. Raises NotOnShift."""
    shift = await _find(db, practitioner)
    if shift is None:
        raise NotOnShift
    return shift


_NEAR = exists().where(SeatRow.starts_at > bindparam("now"), SeatRow.starts_at <= bindparam("near"))
_SHIFT_AND_NEAR = (
    select(*COLUMNS, _NEAR.label("slot_is_near"))
    .where(ShiftRow.practitioner == bindparam("practitioner"), LIVE)
    .with_for_update(of=ShiftRow)
)


async def hold_for_claim(db: AsyncSession, now: datetime, practitioner: str) -> tuple[Shift, bool]:
    """A doctor's shift, locked, and whether somebody has booked a time that is near.

    One question for both, since doctors ask it more often than anything else. Raises NotOnShift.
    """
    times = {"now": now, "near": now + SLOT_NEAR}
    connection = await db.connection()
    asked = await connection.execute(_SHIFT_AND_NEAR, {"practitioner": practitioner, **times})
    row = asked.first()
    if row is None:
        raise NotOnShift
    *shift, slot_is_near = row
    return Shift(*shift), slot_is_near


async def follow(db: AsyncSession, now: datetime, entry: Entry, act: Act) -> None:
    """Let the doctor's phase follow what happened to the doctor's patient."""
    shift = await _find(db, entry.claimed_by or "")
    if shift is None or shift.visit != entry.visit:
        return  # the doctor has gone, or has the next patient already
    await step(db, now, shift, act, entry.visit)


async def step(
    db: AsyncSession, now: datetime, shift: Shift, act: Act, visit: str | None, **more: datetime
) -> None:
    """Move a shift's phase; whoever is idle, lost or off has no patient."""
    phase = phase_after(shift.phase, act)
    patient = visit if phase in BUSY | {Phase.WRAP} else None
    await _write(db, shift, phase=phase, phase_since=now, visit=patient, **more)


async def _find(db: AsyncSession, practitioner: str) -> Shift | None:
    own = (ShiftRow.practitioner == practitioner, LIVE)
    row = (await db.execute(select(*COLUMNS).where(*own).with_for_update())).first()
    return None if row is None else Shift(**row._mapping)


async def _write(db: AsyncSession, shift: Shift, **changes: object) -> None:
    await db.execute(update(ShiftRow).where(ShiftRow.id == shift.id).values(**changes))
