"""Promises in danger: each step is taken once, tells whom it concerns, and leaves its cause."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, at_work, booked, entry, put
from venterom.queue import desk, ladder, ledger, ringing
from venterom.queue.events import DeferralAsked, DirectorAlerted, OnCallPaged, PatientWarned
from venterom.queue.hours import Hours
from venterom.queue.ladder import Danger, Raised
from venterom.queue.monitor import Cause, Step
from venterom.queue.planning import Work
from venterom.queue.promise import Outcome
from venterom.queue.tables import EscalationRow, PlanRow

pytestmark = pytest.mark.adapter
HOURS = Hours.ALL_DAY


async def climb(db: AsyncSession, now: datetime) -> list[Raised]:
    dangers = ladder.in_danger(await ladder.see(db, now), HOURS)
    return await ladder.climb(db, now, dangers)


async def steps(db: AsyncSession) -> Sequence[tuple[Step, Cause]]:
    found = select(EscalationRow.step, EscalationRow.cause).order_by(EscalationRow.at)
    return [(step, cause) for step, cause in await db.execute(found)]


async def on_call(db: AsyncSession, name: str) -> None:
    times = {"on_at": after(-60), "off_at": after(300)}
    await db.execute(insert(PlanRow).values(id=name, practitioner=name, work=Work.ON_CALL, **times))


async def test_a_promise_that_will_be_kept_asks_for_nothing(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await put(db, entry("v1"))
    assert await climb(db, NOON) == []
    assert await steps(db) == []


async def test_where_nobody_is_at_work_every_step_is_taken_once(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await on_call(db, "d9")
    assert await climb(db, NOON) == [
        PatientWarned("v1", after(20), None),
        OnCallPaged("v1", "d9"),
    ]
    assert await climb(db, after(1)) == []
    assert await climb(db, after(18)) == [
        DirectorAlerted("v1", after(20)),
        OnCallPaged("v1", "d9"),  # who has not answered for a quarter of an hour
    ]
    assert await climb(db, after(20)) == []
    taken = [step for step, _ in await steps(db)]
    assert sorted(taken) == sorted([Step.PAGE, Step.TELL, Step.ALERT, Step.APOLOGISE])


def rung(events: list[Raised]) -> list[str]:
    return [event.practitioner for event in events if isinstance(event, OnCallPaged)]


async def test_doctors_on_call_are_rung_one_after_the_other(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    for name in ("d7", "d8", "d9"):
        await on_call(db, name)
    assert rung(await climb(db, NOON)) == ["d7"]
    assert rung(await climb(db, after(1))) == []
    await ringing.answer(db, after(1), practitioner="d7", comes=False)
    assert rung(await climb(db, after(1.25))) == ["d8"]
    assert rung(await climb(db, after(3.25))) == ["d9"]  # d8 says nothing
    await ringing.answer(db, after(4), practitioner="d8", comes=True)
    assert rung(await climb(db, after(8))) == []  # d8 is on the way
    [paged] = [step for step, _ in await steps(db) if step is Step.PAGE]
    assert paged  # one line of the promise, however often it rang


async def test_two_promises_in_danger_need_two_doctors(db: AsyncSession) -> None:
    await put(db, entry("v1"), entry("v2", deadline=22))
    for name in ("d7", "d8", "d9"):
        await on_call(db, name)
    assert rung(await climb(db, NOON)) == ["d7", "d8"]
    assert [step for step, _ in await steps(db)].count(Step.PAGE) == 2


async def test_a_doctor_who_writes_is_asked_before_anybody_is_rung(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await put(db, entry("v0"), entry("v1", deadline=6))
    await desk.claim(db, NOON, practitioner="d1")
    await desk.doctor_joined(db, NOON, visit="v1", practitioner="d1")
    await desk.connect(db, NOON, visit="v1")
    await desk.hang_up(db, after(14), visit="v1", practitioner="d1")
    await on_call(db, "d9")
    first, then = await climb(db, after(15)), await climb(db, after(15.25))
    assert any(isinstance(event, DeferralAsked) for event in first)
    assert (rung(first), rung(then)) == ([], ["d9"])


async def test_who_is_on_call_and_at_work_already_is_not_called(db: AsyncSession) -> None:
    await at_work(db, "d1", off=5)  # takes nobody any more
    await on_call(db, "d1")
    await put(db, entry("v1"))
    assert [type(event) for event in await climb(db, NOON)] == [PatientWarned]


async def test_where_nobody_is_on_call_a_promise_that_is_kept_was_no_rescue(
    db: AsyncSession,
) -> None:
    """Otherwise the floor would rise for days on which nobody helped."""
    await put(db, entry("v1"))
    await climb(db, NOON)
    assert [step for step, _ in await steps(db)] == [Step.TELL]
    await at_work(db, "d1", now=after(5))
    await desk.claim(db, after(6), practitioner="d1")
    await desk.doctor_joined(db, after(6), visit="v1", practitioner="d1")
    [one] = await ledger.asked(db, NOON, after(60))
    assert (one.outcome, one.cause) == (Outcome.KEPT, "")


async def test_the_patient_is_told_by_when_somebody_comes(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await put(db, *(entry(f"v{n}", 20 + n) for n in range(4)))
    told = {e.visit: e for e in await climb(db, NOON) if isinstance(e, PatientWarned)}
    assert set(told) == {"v2", "v3"}
    likely = told["v3"].likely
    assert likely is not None and after(40) < likely < after(120)


async def test_a_note_is_put_off_before_anybody_is_called(db: AsyncSession) -> None:
    await at_work(db, "d1", "d2")
    await put(db, entry("v1"), entry("v2"), entry("v3", 22), entry("v4", 23))
    for doctor, visit in (("d1", "v1"), ("d2", "v2")):
        await desk.claim(db, after(1), practitioner=doctor)
        await desk.connect(db, after(1), visit=visit)
    await desk.hang_up(db, after(14), visit="v1", practitioner="d1")
    raised = await climb(db, after(15))
    assert type(raised[0]).__name__ == "DeferralAsked"
    assert (await steps(db))[0] == (Step.DEFER, Cause.LONG_CALLS)


async def test_two_promises_in_danger_ask_two_doctors(db: AsyncSession) -> None:
    await at_work(db, "d1", "d2")
    await put(db, entry("v1"), entry("v2"), entry("v3", 22), entry("v4", 22))
    for doctor, visit in (("d1", "v1"), ("d2", "v2")):
        await desk.claim(db, after(1), practitioner=doctor)
        await desk.connect(db, after(1), visit=visit)
        await desk.hang_up(db, after(16), visit=visit, practitioner=doctor)
    dangers = {"promise of v3": Danger(0.7), "promise of v4": Danger(0.7)}
    asked = await ladder.climb(db, after(16), dangers)
    assert {each.practitioner for each in asked if isinstance(each, DeferralAsked)} == {"d1", "d2"}
    assert [step for step, _ in await steps(db)] == [Step.DEFER, Step.DEFER]


async def test_whoever_met_a_doctor_since_they_were_looked_at_is_left_alone(
    db: AsyncSession,
) -> None:
    await put(db, entry("v1"))
    dangers = ladder.in_danger(await ladder.see(db, NOON), HOURS)
    assert set(dangers) == {"promise of v1"}
    await at_work(db, "d1")
    await desk.claim(db, after(1), practitioner="d1")
    assert await ladder.climb(db, after(1), dangers) == []
    assert await steps(db) == []


async def test_what_was_kept_by_a_rescue_says_so(db: AsyncSession) -> None:
    await put(db, entry("v1", returns=1))
    await on_call(db, "d9")
    await climb(db, NOON)
    await at_work(db, "d9", now=after(5))
    await desk.claim(db, after(6), practitioner="d9")
    await desk.doctor_joined(db, after(6), visit="v1", practitioner="d9")
    [one] = await ledger.asked(db, NOON, after(60))
    assert (one.outcome, one.cause) == (Outcome.KEPT, Cause.DOCTOR_LOST)


async def test_where_another_doctor_was_free_first_the_call_was_no_rescue(
    db: AsyncSession,
) -> None:
    await put(db, entry("v1", returns=1))
    await on_call(db, "d9")
    await climb(db, NOON)
    await at_work(db, "d1", "d9", now=after(5))
    await desk.claim(db, after(6), practitioner="d1")
    await desk.doctor_joined(db, after(6), visit="v1", practitioner="d1")
    [one] = await ledger.asked(db, NOON, after(60))
    assert (one.outcome, one.cause) == (Outcome.KEPT, "")


async def test_when_a_booked_time_has_come_and_no_doctor_has_the_director_is_told(
    db: AsyncSession,
) -> None:
    await put(db, booked("v1", 15), booked("v2", 120))
    assert await climb(db, after(15)) == []  # the grace has begun
    assert await climb(db, after(16)) == [DirectorAlerted("v1", after(18))]
    assert await climb(db, after(18)) == []
    assert [step for step, _ in await steps(db)] == [Step.ALERT, Step.APOLOGISE]


async def test_who_is_with_a_doctor_is_not_watched(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await put(db, entry("v1"))
    await desk.claim(db, after(1), practitioner="d1")
    assert await climb(db, after(19)) == []


async def test_the_steps_of_the_day_are_told_the_latest_first(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await on_call(db, "d9")
    await climb(db, NOON)
    await climb(db, after(18))
    first, *rest = await ladder.taken_since(db, NOON)
    assert (first.promise, first.deadline) == ("promise of v1", after(20))
    assert (first.step, first.at, first.cause) == (Step.ALERT, after(18), Cause.LONG_CALLS)
    assert [each.step for each in rest] == [Step.TELL, Step.PAGE]
    assert await ladder.taken_since(db, after(1)) == (first,)
