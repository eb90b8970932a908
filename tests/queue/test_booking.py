"""Slots are taken once, and given back."""

import asyncio
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.queue.make import NOON, after, arrive, at_work, plan
from tests.queue.test_desk import the_entry
from venterom.queue import booking, desk, ladder
from venterom.queue.errors import (
    AlreadyWaiting,
    NobodyWaiting,
    NoSuchSlot,
    NotBooked,
    SlotTaken,
    TooLateToMove,
    UnknownVisit,
    VisitOver,
    WrongState,
)
from venterom.queue.events import Booked, Moved
from venterom.queue.floor import GRACE, Kind
from venterom.queue.hours import Hours, at, wall
from venterom.queue.planning import span
from venterom.queue.promise import Decision, Outcome
from venterom.queue.states import State
from venterom.queue.tables import OutcomeRow, PromiseRow, SeatRow

pytestmark = pytest.mark.adapter
HOURS = Hours.STANDARD


async def book(
    db: AsyncSession, visit: str, minute: float = 60, now: float = 0, patient: str = ""
) -> Booked:
    return await booking.book(
        db,
        after(now),
        visit=visit,
        patient=patient or f"patient of {visit}",
        starts_at=after(minute),
        hours=HOURS,
    )


async def test_a_booked_time_is_a_place_that_opens_with_the_slot(db: AsyncSession) -> None:
    await at_work(db, "d1")
    assert await book(db, "v1") == Booked("v1", "patient of v1", after(60), after(63))
    stored = await desk.entry(db, "v1")
    assert stored is not None
    assert (stored.kind, stored.state, stored.slot) == (Kind.BOOKED, State.WAITING, after(60))
    assert (stored.release_at, stored.deadline) == (after(60), after(63))


async def test_a_booked_time_is_in_the_ledger_apart_from_promises(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await book(db, "v1")
    stored = await desk.entry(db, "v1")
    assert stored is not None
    line = await db.get_one(PromiseRow, stored.promise)
    assert (line.decision, line.deadline) == (Decision.SLOT, after(63))
    assert line.model == "capacity-1"
    await desk.settle(db, after(64))
    assert (await desk.floor(db, after(64))).broken == 0


async def test_a_slot_is_free_until_half_of_the_doctors_are_booked(db: AsyncSession) -> None:
    await at_work(db, "d1", "d2", "d3")
    await book(db, "v1")
    assert after(60) in await booking.free_slots(db, NOON, HOURS)
    await book(db, "v2")
    assert after(60) not in await booking.free_slots(db, NOON, HOURS)
    with pytest.raises(SlotTaken):
        await book(db, "v3")
    assert await desk.entry(db, "v3") is None
    await book(db, "v3", 75)


@pytest.mark.parametrize(
    "minute",
    [
        61,  # not on the grid
        15,  # too near
        -60,  # in the past
        10 * 60,  # 22:00: the door is closed
        3 * 24 * 60,  # beyond tomorrow
    ],
)
async def test_what_is_not_a_slot_cannot_be_booked(db: AsyncSession, minute: float) -> None:
    await at_work(db, "d1")
    with pytest.raises(NoSuchSlot):
        await book(db, "v1", minute)


async def test_with_nobody_planned_there_is_nothing_to_book(db: AsyncSession) -> None:
    assert await booking.free_slots(db, NOON, HOURS) == ()
    with pytest.raises(SlotTaken):
        await book(db, "v1")


async def test_tomorrow_can_be_booked_where_somebody_is_planned(db: AsyncSession) -> None:
    morning = NOON + timedelta(days=1, hours=-4)
    await plan(db, "d1", morning, morning + timedelta(hours=1))
    assert await booking.free_slots(db, NOON, HOURS) == tuple(
        morning + timedelta(minutes=m) for m in (0, 15, 30)
    )


async def test_booking_the_same_time_twice_is_booking_it_once(db: AsyncSession) -> None:
    await at_work(db, "d1", "d2", "d3")
    first, second = await book(db, "v1"), await book(db, "v1", now=1)
    assert (first.fresh, second.fresh) == (True, False)
    assert (first.slot, first.deadline) == (second.slot, second.deadline)
    assert await db.scalar(select(func.count()).select_from(SeatRow)) == 1


async def test_a_patient_has_one_place_booked_or_not(db: AsyncSession) -> None:
    await at_work(db, "d1", "d2", "d3")
    await book(db, "v1")
    with pytest.raises(AlreadyWaiting):
        await book(db, "v1", 75)  # another time with the same visit
    with pytest.raises(AlreadyWaiting):
        await book(db, "v2", 75, patient="patient of v1")
    await arrive(db, "v3")
    with pytest.raises(AlreadyWaiting):
        await book(db, "v3", 75)  # has dropped in already


async def test_a_cancelled_time_is_free_for_others(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await book(db, "v1")
    assert (await desk.leave(db, after(1), visit="v1")).fresh
    assert not (await desk.leave(db, after(1), visit="v1")).fresh
    assert after(60) in await booking.free_slots(db, after(1), HOURS)
    await book(db, "v2", now=1)
    with pytest.raises(VisitOver):
        await book(db, "v1", 75, now=2)


@pytest.mark.parametrize(
    ("night", "count", "at_half_past_two"),
    [
        (date(2026, 10, 24), 35, 2),  # the hour comes twice, and each of them can be booked
        (date(2027, 3, 27), 27, 0),  # and here it does not come
    ],
)
async def test_a_night_shift_is_booked_to_the_last_quarter_that_there_is(
    db: AsyncSession, night: date, count: int, at_half_past_two: int
) -> None:
    noon = at(night, time(12))
    on_at, off_at = span(Hours.ALL_DAY, night, time(22), time(6))
    await plan(db, "d1", on_at, off_at, now=noon)
    free = await booking.free_slots(db, noon, Hours.ALL_DAY)
    assert len(free) == count
    assert [wall(slot).time() for slot in free].count(time(2, 30)) == at_half_past_two
    for n, slot in enumerate(free):
        booked = await booking.book(
            db, noon, visit=f"v{n}", patient=f"p{n}", starts_at=slot, hours=Hours.ALL_DAY
        )
        assert booked.deadline - slot == GRACE
    assert await booking.free_slots(db, noon, Hours.ALL_DAY) == ()
    assert len(await seats(db)) == count


# ---- another time instead


async def move(db: AsyncSession, visit: str, minute: float, now: float = 0) -> Moved:
    return await booking.move(db, after(now), visit=visit, starts_at=after(minute), hours=HOURS)


async def seats(db: AsyncSession) -> dict[str, datetime]:
    """Who sits where."""
    return {seat.visit: seat.starts_at for seat in await db.scalars(select(SeatRow))}


async def test_a_booked_time_is_moved_with_its_seat_and_a_promise_of_its_own(
    db: AsyncSession,
) -> None:
    await at_work(db, "d1")
    await book(db, "v1", 60)
    first = await the_entry(db)
    assert await move(db, "v1", 120, now=5) == Moved(
        "v1", "patient of v1", after(60), after(120), after(123)
    )
    stored = await the_entry(db)
    assert (stored.slot, stored.release_at, stored.deadline) == (after(120), after(120), after(123))
    assert (stored.state, stored.created_at) == (State.WAITING, NOON)
    assert await seats(db) == {"v1": after(120)}
    assert after(60) in await booking.free_slots(db, after(5), HOURS)
    line = await db.get_one(PromiseRow, stored.promise)
    assert (line.decision, line.deadline, line.quoted_at) == (
        Decision.SLOT,
        after(123),
        after(5),
    )
    ended = await db.get_one(OutcomeRow, first.promise)
    assert (ended.outcome, ended.at) == (Outcome.WITHDRAWN, after(5))
    assert await db.get(OutcomeRow, stored.promise) is None


async def test_moving_to_where_one_is_changes_nothing(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await book(db, "v1", 60)
    before = await the_entry(db)
    again = await move(db, "v1", 60, now=50)  # nearer than a new booking may be
    assert (again.fresh, again.slot) == (False, after(60))
    assert await the_entry(db) == before


@pytest.mark.parametrize("minute", [61, 15, -60, 10 * 60, 3 * 24 * 60])
async def test_nobody_moves_to_what_is_not_a_slot(db: AsyncSession, minute: float) -> None:
    await at_work(db, "d1")
    await book(db, "v1", 60)
    with pytest.raises(NoSuchSlot):
        await move(db, "v1", minute)
    assert await seats(db) == {"v1": after(60)}


async def test_who_cannot_have_the_new_time_keeps_the_old_one(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        await book(db, "v1", 60)
        await book(db, "v2", 120)
        before = await the_entry(db)
    with pytest.raises(SlotTaken):
        async with session_factory.begin() as db:
            await move(db, "v1", 120)
    async with session_factory() as db:
        assert await the_entry(db) == before
        assert await seats(db) == {"v1": after(60), "v2": after(120)}
        assert await db.get(OutcomeRow, before.promise) is None


async def test_a_time_is_moved_until_it_comes(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await book(db, "v1", 60)
    with pytest.raises(TooLateToMove):
        await move(db, "v1", 120, now=60)
    with pytest.raises(TooLateToMove):
        await booking.slot_of(db, after(60), visit="v1")
    assert await booking.slot_of(db, after(59), visit="v1") == after(60)
    await desk.leave(db, after(10), visit="v1")
    with pytest.raises(TooLateToMove):
        await move(db, "v1", 120, now=11)


async def test_what_is_not_there_cannot_be_moved(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await arrive(db, "v1")
    with pytest.raises(NotBooked):
        await booking.slot_of(db, NOON, visit="v1")
    for use_case in (move(db, "nowhere", 60), booking.slot_of(db, NOON, visit="nowhere")):
        with pytest.raises(UnknownVisit):
            await use_case


@pytest.mark.parametrize(
    ("warned", "ended", "cause"),
    [
        (False, Outcome.WITHDRAWN, ""),  # the patient would rather have a time
        (True, Outcome.BROKEN, "short_staff"),  # it was we who could not keep it
    ],
)
async def test_who_waits_in_line_may_take_a_time_instead(
    db: AsyncSession, warned: bool, ended: Outcome, cause: str
) -> None:
    await at_work(db, "d1", "d2")
    await plan(db, "d3", NOON, after(300))
    await arrive(db, "v1")
    promised = (await the_entry(db)).promise
    if warned:
        for doctor in ("d1", "d2"):
            await desk.go_off_shift(db, after(1), practitioner=doctor)
        dangers = ladder.in_danger(await ladder.see(db, after(1)), Hours.STANDARD)
        await ladder.climb(db, after(1), dangers)
    moved = await move(db, "v1", 60, now=2)
    stored = await the_entry(db)
    assert (moved.was, moved.slot, stored.slot, stored.kind) == (
        None,
        after(60),
        after(60),
        Kind.BOOKED,
    )
    assert stored.promise != promised
    [outcome] = await db.scalars(select(OutcomeRow))
    assert (outcome.promise, outcome.outcome, outcome.cause) == (promised, ended, cause)


async def test_one_who_did_not_answer_at_the_booked_time_is_rung_twice_more_and_let_go(
    db: AsyncSession,
) -> None:
    await at_work(db, "d1")
    await book(db, "v1", 60)
    with pytest.raises(NobodyWaiting):
        await desk.claim(db, after(59.9), practitioner="d1")
    for minute, again in ((60, 62), (62, 67), (67, None)):
        assert (await desk.claim(db, after(minute), practitioner="d1")).visit == "v1"
        missed = await desk.no_answer(db, after(minute), visit="v1", practitioner="d1")
        assert missed.again_at == (None if again is None else after(again))
    stored = await the_entry(db)
    assert (stored.state, stored.deadline) == (State.NO_ANSWER, after(63))
    ended = await db.get_one(OutcomeRow, stored.promise)
    assert ended.outcome is Outcome.KEPT  # the doctor was there in time
    await book(db, "v2", 120, now=68, patient="patient of v1")  # and may come again


async def test_a_near_slot_stands_before_a_new_promise(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await book(db, "v1", 30)
    offer = await desk.quote(db, after(22), visit="v2", patient="p2", hours=HOURS)
    assert offer.decision is Decision.LATER


async def test_of_those_who_book_the_last_seat_at_once_one_has_it(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1", "d2", "d3")

    async def try_it(visit: str) -> bool:
        try:
            async with session_factory.begin() as db:
                await book(db, visit)
        except SlotTaken:
            return False
        return True

    seated = await asyncio.gather(*(try_it(f"v{n}") for n in range(12)))
    assert seated.count(True) == 2
    async with session_factory.begin() as db:
        seats = await db.scalars(select(SeatRow.seat).order_by(SeatRow.seat))
        assert list(seats) == [0, 1]


async def test_of_those_who_move_to_the_last_seat_at_once_one_has_it_and_the_others_their_own(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        for n in range(6):
            await book(db, f"v{n}", 60 + 15 * n)

    async def try_it(visit: str) -> bool:
        try:
            async with session_factory.begin() as db:
                await move(db, visit, 180)
        except SlotTaken:
            return False
        return True

    moved = await asyncio.gather(*(try_it(f"v{n}") for n in range(6)))
    assert moved.count(True) == 1
    async with session_factory() as db:
        assert await seats(db) == {
            f"v{n}": after(180 if moved[n] else 60 + 15 * n) for n in range(6)
        }


async def test_one_patient_in_many_browsers_has_one_seat_wherever_it_is_moved(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        await book(db, "v1", 60)

    async def try_it(minute: float) -> datetime:
        async with session_factory.begin() as db:
            return (await move(db, "v1", minute)).slot

    await asyncio.gather(*(try_it(75 + 15 * n) for n in range(6)))
    async with session_factory() as db:
        stored = await the_entry(db)
        assert await seats(db) == {"v1": stored.slot}
        lines = await db.scalar(select(func.count()).select_from(PromiseRow))
        ended = await db.scalar(select(func.count()).select_from(OutcomeRow))
        assert (lines, ended) == (7, 6)  # each move withdrew the one before


async def test_a_time_that_is_cancelled_and_moved_at_once_is_in_one_state(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        await book(db, "v1", 60)

    async def try_to_leave() -> None:
        async with session_factory.begin() as db:
            await desk.leave(db, NOON, visit="v1")

    async def try_to_move() -> None:
        async with session_factory.begin() as db:
            await move(db, "v1", 120)

    left, moved = await asyncio.gather(try_to_leave(), try_to_move(), return_exceptions=True)
    assert left is None or isinstance(left, WrongState)
    assert moved is None or isinstance(moved, TooLateToMove)
    async with session_factory() as db:
        stored = await the_entry(db)
        assert stored.state is State.CANCELLED
        assert await seats(db) == {}
