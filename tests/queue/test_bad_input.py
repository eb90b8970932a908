"""What must not be, and happens all the same: each gets a clear answer, no promise is lost, and
none is changed by anybody but its patient.

| input | answered in |
|---|---|
| the clock is set back or forward | below; calls go on: `tests/server/test_jobs.py` |
| a shift that ends before it starts | below; `test_shifts.py`, and typed: `test_planning.py` |
| a shift that overlaps another | below; all ways to overlap: `test_planning.py` |
| a shift that crosses midnight | below; nights when the clocks change: `test_planning.py` |
| a slot in the past | below; all that is no slot: `test_booking.py` |
| a doctor goes off shift with patients promised | below; asked before: `test_roster.py` |
| every doctor vanishes at once | below, and in days with everything else: `tests/days` |
| a booking at 21:59 | below |
| the same patient in two browsers | below; at the same instant: `test_admission.py` |
| a ledger with a line cut off | `tests/server/test_replay.py` |
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, arrive, at_work, plan
from venterom.queue import booking, desk, ladder, roster
from venterom.queue.errors import (
    AlreadyWaiting,
    NoSuchSlot,
    NotAPromise,
    ShiftEndsTooEarly,
    ShiftOutsideHours,
    ShiftsOverlap,
)
from venterom.queue.events import DirectorAlerted, DoctorLost, OnCallPaged, PatientWarned, Returned
from venterom.queue.floor import Entry
from venterom.queue.hours import Hours
from venterom.queue.ladder import Raised
from venterom.queue.planning import Planned, Work
from venterom.queue.promise import Decision, Outcome
from venterom.queue.states import State
from venterom.queue.tables import OutcomeRow

pytestmark = pytest.mark.adapter
HOURS = Hours.STANDARD
TWO_HOURS = 120  # minutes


async def places(db: AsyncSession) -> Mapping[str, Entry]:
    """Everybody's place, by visit."""
    return {each.visit: each for each in (await desk.floor(db, NOON)).entries}


async def outcomes(db: AsyncSession) -> Mapping[str, Outcome]:
    """How promises ended."""
    return {row.promise: row.outcome for row in await db.scalars(select(OutcomeRow))}


async def climb(db: AsyncSession, now: datetime) -> list[Raised]:
    """What the ladder does then."""
    dangers = ladder.in_danger(await ladder.see(db, now), HOURS)
    return await ladder.climb(db, now, dangers)


async def in_call(db: AsyncSession, doctor: str, now: float = 1) -> str:
    """The next patient and this doctor meet; says the visit."""
    visit = (await desk.claim(db, after(now), practitioner=doctor)).visit
    await desk.connect(db, after(now), visit=visit)
    return visit


async def test_a_clock_that_is_set_back_breaks_no_promise_and_changes_none(
    db: AsyncSession,
) -> None:
    await at_work(db, "d1", "d2")
    for visit in ("v1", "v2"):
        await arrive(db, visit)
    called = await in_call(db, "d1")
    before = await places(db)
    earlier = after(1 - TWO_HOURS)
    assert await desk.settle(db, earlier) == []
    assert await desk.reap(db, earlier) == []
    assert await desk.close(db, earlier, HOURS) == []
    assert await climb(db, earlier) == []
    assert await places(db) == before
    # The day goes on by the clock as it is: calls end, and new patients are promised something.
    over = await desk.hang_up(db, earlier, visit=called, practitioner="d1")
    assert over.at == earlier
    await desk.finish(db, earlier, visit=called, practitioner="d1")
    offer = await desk.quote(db, earlier, visit="v3", patient="p3", hours=HOURS)
    assert offer.deadline is None or offer.deadline > earlier
    assert await outcomes(db) == {before[called].promise: Outcome.KEPT}


async def test_a_clock_that_is_set_forward_and_right_again_loses_nobody(db: AsyncSession) -> None:
    await at_work(db, "d1")
    for visit in ("v1", "v2"):
        await arrive(db, visit)
    called = await in_call(db, "d1")
    before = await places(db)
    await desk.renew_leases(db, after(TWO_HOURS))  # what the service does when time has jumped
    assert await desk.reap(db, after(TWO_HOURS)) == []
    [late] = await desk.settle(db, after(TWO_HOURS))  # by that clock it is late, and says so
    assert late.deadline == before[late.visit].deadline
    await desk.renew_leases(db, after(2))
    now = await places(db)
    assert set(now) == set(before)
    for visit, place in now.items():
        assert (place.state, place.deadline, place.promise) == (
            before[visit].state,
            before[visit].deadline,
            before[visit].promise,
        )
    await desk.hang_up(db, after(5), visit=called, practitioner="d1")
    assert (await desk.claim(db, after(6), practitioner="d1")).visit == late.visit


async def test_a_shift_that_ends_before_it_starts_is_refused_and_the_old_one_stays(
    db: AsyncSession,
) -> None:
    with pytest.raises(ShiftEndsTooEarly):
        await plan(db, "d1", after(60), after(30))
    await at_work(db, "d2")
    with pytest.raises(ShiftEndsTooEarly):
        await desk.go_on_shift(db, after(1), practitioner="d2", off_at=after(0))
    [shift] = (await desk.floor(db, NOON)).shifts
    assert shift.off_at == after(300)
    assert await roster.plans(db, NOON, after(600)) == ()


async def test_a_shift_that_overlaps_another_or_crosses_midnight_is_refused(
    db: AsyncSession,
) -> None:
    await plan(db, "d1", after(60), after(240))
    with pytest.raises(ShiftsOverlap):
        await plan(db, "d1", after(120), after(300))
    night = Planned("", "d2", Work.SHIFT, after(540), after(780))  # 21:00–01:00
    with pytest.raises(ShiftOutsideHours):
        await roster.add(db, NOON, night, hours=HOURS, by="director")
    [line] = await roster.plans(db, NOON, after(900))
    assert (line.on_at, line.off_at) == (after(60), after(240))
    await roster.add(db, NOON, night, hours=Hours.ALL_DAY, by="director")  # where nights are worked


@pytest.mark.parametrize("minutes", [-15, -24 * 60, 0])
async def test_a_slot_in_the_past_is_refused_and_the_place_in_line_is_kept(
    db: AsyncSession, minutes: float
) -> None:
    await at_work(db, "d1")
    joined = await arrive(db, "v1")
    with pytest.raises(NoSuchSlot):
        await booking.book(
            db, NOON, visit="v2", patient="p2", starts_at=after(minutes), hours=HOURS
        )
    with pytest.raises(NoSuchSlot):
        await booking.move(db, NOON, visit="v1", starts_at=after(minutes), hours=HOURS)
    assert {visit: each.deadline for visit, each in (await places(db)).items()} == {
        "v1": joined.deadline
    }


async def test_whoever_is_promised_to_a_doctor_who_goes_home_keeps_the_promise_and_is_told(
    db: AsyncSession,
) -> None:
    await at_work(db, "d1")
    joined = await arrive(db, "v1")
    await desk.go_off_shift(db, after(1), practitioner="d1")
    raised = await climb(db, after(1))
    assert PatientWarned("v1", joined.deadline, None) in raised
    waits = (await places(db))["v1"]
    assert (waits.state, waits.deadline) == (State.WAITING, joined.deadline)
    await at_work(db, "d2", now=after(5))
    await in_call(db, "d2", now=6)
    assert await outcomes(db) == {waits.promise: Outcome.KEPT}


async def test_when_every_doctor_vanishes_all_patients_are_back_and_help_is_called(
    db: AsyncSession,
) -> None:
    await at_work(db, "d1", "d2", "d3")
    joined = {visit: (await arrive(db, visit)).deadline for visit in ("v1", "v2", "v3", "v4")}
    for doctor in ("d1", "d2", "d3"):
        await desk.claim(db, after(1), practitioner=doctor)
    on_call = Planned("", "d9", Work.ON_CALL, after(5), after(300))
    await roster.add(db, NOON, on_call, hours=HOURS, by="director")
    back = await desk.reap(db, after(5))
    assert sorted(each.visit for each in back if isinstance(each, Returned)) == ["v1", "v2", "v3"]
    assert sum(isinstance(each, DoctorLost) for each in back) == 3
    raised = await climb(db, after(6))
    waiting = await places(db)
    assert {visit: each.deadline for visit, each in waiting.items()} == joined
    assert all(each.state is State.WAITING for each in waiting.values())
    assert {each.visit for each in raised if isinstance(each, PatientWarned)} == set(joined)
    [rung] = [each for each in raised if isinstance(each, OnCallPaged)]  # the one who is on call
    assert rung.visit == "v1"  # for the first
    offer = await desk.quote(db, after(6), visit="v5", patient="p5", hours=HOURS)
    assert offer.decision in (Decision.SLOT, Decision.DECLINED)  # nobody is promised a lost doctor
    alarmed = await climb(db, after(18))
    assert {e.visit for e in alarmed if isinstance(e, DirectorAlerted)} == set(joined)


async def test_at_a_minute_to_ten_nothing_of_today_is_promised_and_tomorrow_can_be_booked(
    db: AsyncSession,
) -> None:
    last_minute = after(599)
    await at_work(db, "d1", now=after(300), off=615)
    await plan(db, "d1", after(24 * 60), after(28 * 60), now=last_minute)
    offer = await desk.quote(db, last_minute, visit="v1", patient="p1", hours=HOURS)
    assert (offer.decision, offer.deadline) == (Decision.SLOT, None)
    assert offer.slots and min(offer.slots) >= after(24 * 60)
    with pytest.raises(NotAPromise):
        await desk.join(db, last_minute, visit="v1", patient="p1", offer_id=offer.id, hours=HOURS)
    with pytest.raises(NoSuchSlot):
        await booking.book(
            db, last_minute, visit="v1", patient="p1", starts_at=after(600), hours=HOURS
        )
    booked = await booking.book(
        db, last_minute, visit="v1", patient="p1", starts_at=offer.slots[0], hours=HOURS
    )
    await desk.go_off_shift(db, after(601), practitioner="d1")
    assert await desk.close(db, after(601), HOURS) == []  # the door is closed, the booking stands
    assert (await places(db))["v1"].deadline == booked.deadline


async def test_a_patient_in_two_browsers_has_one_place_and_one_answer(db: AsyncSession) -> None:
    await at_work(db, "d1")
    here = await desk.quote(db, NOON, visit="v1", patient="p1", hours=HOURS)
    there = await desk.quote(db, after(0.05), visit="v1", patient="p1", hours=HOURS)
    assert here == there
    first, second = [
        await desk.join(db, now, visit="v1", patient="p1", offer_id=here.id, hours=HOURS)
        for now in (after(0.1), after(0.2))
    ]
    assert (first.fresh, second.fresh) == (True, False)
    assert first.deadline == second.deadline == here.deadline
    with pytest.raises(AlreadyWaiting):  # another visit of the same patient
        await booking.book(db, after(1), visit="v2", patient="p1", starts_at=after(60), hours=HOURS)
    [place] = (await places(db)).values()
    assert place.deadline - here.quoted_at == timedelta(minutes=20)
