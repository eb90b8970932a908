"""The plan is changed by directors, one at a time, and no booked time is lost by it."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.queue.make import LONG_AGO, NOON, after, at_work, entry, plan, planned, put
from tests.queue.test_booking import book
from venterom.queue import booking, desk, roster
from venterom.queue.errors import (
    BookingsDepend,
    NoSuchSlot,
    NotPlanned,
    ShiftOver,
    ShiftsOverlap,
    SlotTaken,
)
from venterom.queue.events import Booked, PlanChanged
from venterom.queue.hours import Hours
from venterom.queue.planning import Planned, Work
from venterom.queue.slots import Duty
from venterom.queue.states import State
from venterom.queue.view import LeftBehind

pytestmark = pytest.mark.adapter
HOURS = Hours.STANDARD


async def change(
    db: AsyncSession, wanted: Planned, known: tuple[datetime, ...] = ()
) -> PlanChanged:
    return await roster.change(db, NOON, wanted, hours=HOURS, by="director", known=known)


async def remove(db: AsyncSession, line: str, known: tuple[datetime, ...] = ()) -> PlanChanged:
    return await roster.remove(db, NOON, plan=line, by="director", known=known)


async def everything(db: AsyncSession) -> tuple[Planned, ...]:
    return await roster.plans(db, LONG_AGO, after(100_000))


async def test_a_shift_is_added_changed_and_removed(db: AsyncSession) -> None:
    wanted = planned(on=60, off=240)
    added = await roster.add(db, NOON, wanted, hours=HOURS, by="director")
    assert added.act == "added"
    assert await everything(db) == (replace(wanted, id=added.plan),)
    later = Planned(added.plan, "d2", Work.ON_CALL, after(120), after(300))
    assert (await change(db, later)).practitioner == "d2"
    assert await everything(db) == (later,)
    removed = await remove(db, added.plan)
    assert (removed.act, removed.work, removed.on_at) == ("removed", "on_call", after(120))
    assert await everything(db) == ()


async def test_what_is_changed_by_whom_is_in_the_event(db: AsyncSession) -> None:
    added = await roster.add(db, NOON, planned(on=60, off=240), hours=HOURS, by="director")
    assert added == PlanChanged(
        "added", added.plan, "director", "d1", "shift", after(60), after(240)
    )


async def test_the_plan_is_shown_from_and_until(db: AsyncSession) -> None:
    for begins in (0, 60, 120):
        await plan(db, "d1", after(begins), after(begins + 60))
    shown = await roster.plans(db, after(60), after(120))
    assert [line.on_at for line in shown] == [after(60)]
    across = await roster.plans(db, after(59), after(121))
    assert [line.on_at for line in across] == [after(0), after(60), after(120)]


async def test_what_is_gone_or_over_is_not_changed(db: AsyncSession) -> None:
    over = await plan(db, "d1", after(-60), NOON)
    for line, error in (("nowhere", NotPlanned), (over, ShiftOver)):
        with pytest.raises(error):
            await change(db, replace(planned(on=60, off=120), id=line))
        with pytest.raises(error):
            await remove(db, line)
    assert len(await everything(db)) == 1
    assert (await roster.line(db, over)).off_at == NOON


async def test_a_change_that_may_not_be_changes_nothing(db: AsyncSession) -> None:
    await plan(db, "d1", after(60), after(120))
    second = await plan(db, "d1", after(120), after(180))
    before = await everything(db)
    with pytest.raises(ShiftsOverlap):
        await change(db, planned(on=90, off=180, id=second))
    assert await everything(db) == before


async def test_duties_are_those_at_work_and_those_planned_but_for_breaks(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await plan(db, "d1", after(0), after(300))
    await plan(db, "d1", after(90), after(120), Work.BREAK)
    await plan(db, "d2", after(60), after(120))
    await plan(db, "d3", after(-120), NOON)  # over
    await plan(db, "d4", after(60), after(120), Work.ON_CALL)
    duties = await roster.duties(db, NOON)
    assert Counter(duties) == {  # at work and planned
        Duty("d1", NOON, after(90)): 2,
        Duty("d1", after(120), after(300)): 2,
        Duty("d2", after(60), after(120)): 1,
    }


async def test_a_doctor_who_goes_home_early_opens_no_more_slots_until_back(
    db: AsyncSession,
) -> None:
    await plan(db, "d1", after(-60), after(240))
    await plan(db, "d1", after(300), after(400))
    later = Duty("d1", after(300), after(400))
    assert len(await roster.duties(db, NOON)) == 2  # planned, and not there yet
    await at_work(db, "d1", off=200)
    await desk.go_off_shift(db, after(1), practitioner="d1")
    assert await roster.duties(db, after(1)) == (later,)
    await at_work(db, "d1", now=after(30), off=200)
    back = await roster.duties(db, after(30))
    assert set(back) == {
        Duty("d1", after(30), after(200)),
        Duty("d1", after(-60), after(240)),
        later,
    }


async def test_what_a_doctor_leaves_behind_is_known_before_and_nothing_is_changed(
    db: AsyncSession,
) -> None:
    await plan(db, "d1", after(-60), after(240))
    await at_work(db, "d1", off=200)
    await book(db, "v1", 60)
    await book(db, "v2", 120)
    await put(db, entry("v3"))
    before = await desk.floor(db, NOON)
    left = await roster.left_behind(db, NOON, practitioner="d1", off_at=NOON)
    assert left == LeftBehind(1, 0, (after(60), after(120)))
    later = await roster.left_behind(db, NOON, practitioner="d1", off_at=after(100))
    assert later == LeftBehind(0, 0, (after(120),))
    assert await desk.floor(db, NOON) == before
    await at_work(db, "d2")
    assert (await roster.left_behind(db, NOON, practitioner="d1", off_at=NOON)).booked == ()


async def test_no_slot_is_free_in_a_break_or_on_call(db: AsyncSession) -> None:
    await plan(db, "d1", after(0), after(240))
    await plan(db, "d1", after(90), after(120), Work.BREAK)
    await plan(db, "d2", after(240), after(480), Work.ON_CALL)
    free = await booking.free_slots(db, NOON, HOURS)
    assert free == tuple(after(n) for n in (30, 45, 60, 120, 135, 150, 165, 180, 195, 210))
    with pytest.raises(SlotTaken):
        await book(db, "v1", 90)


# ---- booked times


async def test_a_shift_with_booked_times_is_not_removed_unseen(db: AsyncSession) -> None:
    line = await plan(db, "d1", after(0), after(240))
    await book(db, "v1", 60)
    await book(db, "v2", 90)
    with pytest.raises(BookingsDepend) as refused:
        await remove(db, line)
    assert refused.value.times == (after(60), after(90))
    with pytest.raises(BookingsDepend):
        await remove(db, line, known=(after(60),))  # one has come since it was shown
    assert len(await everything(db)) == 1


async def test_removed_all_the_same_nothing_that_was_booked_is_changed(db: AsyncSession) -> None:
    line = await plan(db, "d1", after(0), after(240))
    await book(db, "v1", 60)
    before = await desk.entry(db, "v1")
    removed = await remove(db, line, known=(after(60),))
    assert removed.depending == 1
    assert await desk.entry(db, "v1") == before
    assert before is not None and before.state is State.WAITING
    assert await roster.taken(db, NOON) == {after(60): 1}
    assert await roster.too_many(db, NOON) == {after(60): 1}  # and it is said until it is mended
    await plan(db, "d2", after(0), after(240))
    assert await roster.too_many(db, NOON) == {}


async def test_a_shift_is_not_shortened_or_broken_from_under_a_booked_time(
    db: AsyncSession,
) -> None:
    line = await plan(db, "d1", after(0), after(240))
    await book(db, "v1", 60)
    with pytest.raises(BookingsDepend):
        await change(db, planned(on=0, off=75, id=line))
    with pytest.raises(BookingsDepend):
        await plan(db, "d1", after(60), after(90), Work.BREAK, now=NOON)
    assert (await change(db, planned(on=0, off=80, id=line))).depending == 0
    assert (await change(db, planned("d2", on=0, off=80, id=line))).depending == 0


async def test_a_removed_shift_can_still_be_served_by_those_who_are_there(
    db: AsyncSession,
) -> None:
    line = await plan(db, "d1", after(0), after(240))
    await at_work(db, "d1")
    await book(db, "v1", 60)
    assert (await remove(db, line)).depending == 0


# ---- at once


async def test_of_those_who_plan_the_same_doctor_at_once_one_does(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async def try_it(begins: float) -> str:
        async with session_factory.begin() as db:
            return await plan(db, "d1", after(begins), after(begins + 120))

    answers = await asyncio.gather(*(try_it(5 * n) for n in range(8)), return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {str: 1, ShiftsOverlap: 7}
    async with session_factory() as db:
        assert len(await everything(db)) == 1


async def test_a_time_is_not_booked_while_the_shift_behind_it_goes(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    """Either the booking came first and the removal is told, or there was nothing left to book."""
    async with session_factory.begin() as db:
        line = await plan(db, "d1", after(0), after(240))

    async def try_to_book() -> Booked:
        async with session_factory.begin() as db:
            return await book(db, "v1", 60)

    async def try_to_remove() -> PlanChanged:
        async with session_factory.begin() as db:
            return await remove(db, line)

    booked, removed = await asyncio.gather(try_to_book(), try_to_remove(), return_exceptions=True)
    if isinstance(booked, Booked):
        assert isinstance(removed, BookingsDepend)
    else:
        assert isinstance(booked, SlotTaken | NoSuchSlot) and isinstance(removed, PlanChanged)
