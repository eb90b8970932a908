"""The plan of shifts in and out of the database, and the booked times that hang on it.

Every change holds the admission lock, so that nobody books a time while the shift behind it goes.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import entries, ledger, planning, shifts, view
from venterom.queue.errors import BookingsDepend, NotPlanned, ShiftOver
from venterom.queue.events import PlanChanged
from venterom.queue.floor import Floor
from venterom.queue.hours import Hours
from venterom.queue.planning import Planned, Work
from venterom.queue.slots import Duty
from venterom.queue.states import Phase
from venterom.queue.tables import PlanRow, SeatRow, ShiftRow
from venterom.queue.view import LeftBehind

COLUMNS = PlanRow.__table__.c


async def plans(db: AsyncSession, since: datetime, until: datetime) -> tuple[Planned, ...]:
    """What is planned between two instants, or across one of them, in order."""
    return await _find(db, PlanRow.off_at > since, PlanRow.on_at < until)


async def shift_of(
    db: AsyncSession, practitioner: str, since: datetime, until: datetime
) -> Planned | None:
    """The first shift that a doctor is planned for between two instants, or across one of them."""
    found = await plans(db, since, until)
    own = (each for each in found if each.practitioner == practitioner)
    return next((each for each in own if each.work is Work.SHIFT), None)


async def duties(db: AsyncSession, now: datetime) -> tuple[Duty, ...]:
    """Who takes slots from now on: those who are planned to, and those who are at work."""
    return planning.duties(await to_come(db, now), await _at_work(db, now))


async def to_come(db: AsyncSession, now: datetime) -> tuple[Planned, ...]:
    """What is planned from now on, without the rest of shifts that the doctors have left."""
    return planning.still_planned(await _to_come(db, now), await _gone(db))


async def beside_shifts(db: AsyncSession, now: datetime) -> tuple[Planned, ...]:
    """Breaks and times on call that are not over and may lie in a shift that is under way."""
    near = (PlanRow.off_at > now, PlanRow.on_at < now + shifts.LONGEST)
    return await _find(db, PlanRow.work != Work.SHIFT, *near)


async def taken(db: AsyncSession, now: datetime) -> Mapping[datetime, int]:
    """How many have booked each time that is to come."""
    rows = await db.execute(
        select(SeatRow.starts_at, func.count())
        .where(SeatRow.starts_at >= now)
        .group_by(SeatRow.starts_at)
    )
    return {starts_at: count for starts_at, count in rows}


async def too_many(db: AsyncSession, now: datetime) -> Mapping[datetime, int]:
    """Booked times that have too few doctors by the plan as it is."""
    return planning.too_many(await taken(db, now), await duties(db, now))


async def left_behind(
    db: AsyncSession, now: datetime, *, practitioner: str, off_at: datetime
) -> LeftBehind:
    """Whom a doctor who goes at `off_at` leaves to the others. Nothing is changed."""
    lines, gone = await _to_come(db, now), await _gone(db)
    at_work = await _at_work(db, now)
    others = tuple(
        duty if duty.practitioner != practitioner else replace(duty, off_at=off_at)
        for duty in at_work
    )
    booked = planning.depending(
        await taken(db, now),
        planning.duties(planning.still_planned(lines, gone), at_work),
        planning.duties(planning.still_planned(lines, {**gone, practitioner: off_at}), others),
    )
    floor = Floor(await shifts.live(db), await entries.live(db))
    return view.left_behind(floor, now, practitioner, off_at, booked)


async def line(db: AsyncSession, plan: str) -> Planned:
    """One line of the plan. Raises NotPlanned."""
    found = await _find(db, PlanRow.id == plan)
    if not found:
        raise NotPlanned
    return found[0]


async def add(
    db: AsyncSession,
    now: datetime,
    wanted: Planned,
    *,
    hours: Hours,
    by: str,
    known: Collection[datetime] = (),
) -> PlanChanged:
    """Plan something, under a new id. Raises what `planning.check` raises, and BookingsDepend."""
    await ledger.admit(db)
    new = replace(wanted, id=token_urlsafe(16))
    lines = await _to_come(db, now)
    planning.check(new, lines, hours, now)
    left = await _left(db, now, lines, (*lines, new), known)
    await db.execute(insert(PlanRow).values(asdict(new)))
    return _changed("added", new, by, left)


async def change(
    db: AsyncSession,
    now: datetime,
    wanted: Planned,
    *,
    hours: Hours,
    by: str,
    known: Collection[datetime] = (),
) -> PlanChanged:
    """Plan the line with this id otherwise.

    Raises what `planning.check` raises, NotPlanned, and BookingsDepend with the booked times that
    would have too few doctors, unless all of them are `known` to whoever asks: no booking is lost,
    and none is left alone unseen.
    """
    await ledger.admit(db)
    await _to_be_worked(db, now, wanted.id)
    lines = await _to_come(db, now)
    rest = tuple(each for each in lines if each.id != wanted.id)
    planning.check(wanted, rest, hours, now)
    left = await _left(db, now, lines, (*rest, wanted), known)
    await db.execute(update(PlanRow).where(PlanRow.id == wanted.id).values(asdict(wanted)))
    return _changed("changed", wanted, by, left)


async def remove(
    db: AsyncSession, now: datetime, *, plan: str, by: str, known: Collection[datetime] = ()
) -> PlanChanged:
    """Take it out of the plan, with the breaks in it; what is booked stays booked.

    Raises NotPlanned, ShiftOver, and BookingsDepend as `change` does.
    """
    await ledger.admit(db)
    old = await _to_be_worked(db, now, plan)
    lines = await _to_come(db, now)
    rest = planning.without(old, lines)
    left = await _left(db, now, lines, rest, known)
    gone = {each.id for each in lines} - {each.id for each in rest}
    await db.execute(delete(PlanRow).where(PlanRow.id.in_(gone)))
    return _changed("removed", old, by, left)


async def _find(db: AsyncSession, *where: ColumnElement[bool]) -> tuple[Planned, ...]:
    found = select(*COLUMNS).where(*where).order_by(PlanRow.on_at, PlanRow.id)
    return tuple(Planned(**row._mapping) for row in await db.execute(found))


async def _to_come(db: AsyncSession, now: datetime) -> tuple[Planned, ...]:
    return await _find(db, PlanRow.off_at > now)


async def _to_be_worked(db: AsyncSession, now: datetime, plan: str) -> Planned:
    found = await line(db, plan)
    if found.off_at <= now:
        raise ShiftOver
    return found


async def _at_work(db: AsyncSession, now: datetime) -> tuple[Duty, ...]:
    live = [shift for shift in await shifts.live(db) if shift.off_at > now]
    return tuple(Duty(shift.practitioner, shift.on_at, shift.off_at) for shift in live)


async def _gone(db: AsyncSession) -> Mapping[str, datetime]:
    """Doctors who are not at work, and when they last went home."""
    there = select(ShiftRow.practitioner).where(ShiftRow.phase != Phase.OFF)
    rows = await db.execute(
        select(ShiftRow.practitioner, func.max(ShiftRow.phase_since))
        .where(ShiftRow.practitioner.not_in(there))
        .group_by(ShiftRow.practitioner)
    )
    return {practitioner: went_at for practitioner, went_at in rows}


async def _left(
    db: AsyncSession,
    now: datetime,
    before: Collection[Planned],
    after: Collection[Planned],
    known: Collection[datetime],
) -> int:
    """How many booked times would have too few doctors. Raises BookingsDepend if that is news."""
    at_work, gone = await _at_work(db, now), await _gone(db)
    was, will = (
        planning.duties(planning.still_planned(lines, gone), at_work) for lines in (before, after)
    )
    times = planning.depending(await taken(db, now), was, will)
    if not set(times) <= set(known):
        raise BookingsDepend(times)
    return len(times)


def _changed(act: str, line: Planned, by: str, depending: int) -> PlanChanged:
    return PlanChanged(
        act, line.id, by, line.practitioner, line.work, line.on_at, line.off_at, depending
    )
