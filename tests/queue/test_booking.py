"""Slots are taken once, and given back."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.queue.make import NOON, after, arrive, at_work, plan
from venterom.queue import booking, desk
from venterom.queue.errors import (
    AlreadyWaiting,
    NoSuchSlot,
    NotBooked,
    SlotTaken,
    UnknownVisit,
    VisitOver,
)
from venterom.queue.events import Booked
from venterom.queue.floor import Kind
from venterom.queue.hours import Hours
from venterom.queue.promise import Decision
from venterom.queue.states import State
from venterom.queue.tables import PromiseRow, SeatRow

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
    assert (await booking.cancel(db, after(1), visit="v1")).fresh
    assert not (await booking.cancel(db, after(1), visit="v1")).fresh
    assert after(60) in await booking.free_slots(db, after(1), HOURS)
    await book(db, "v2", now=1)
    with pytest.raises(VisitOver):
        await book(db, "v1", 75, now=2)


async def test_only_a_booked_time_can_be_cancelled_as_one(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await arrive(db, "v1")
    with pytest.raises(NotBooked):
        await booking.cancel(db, NOON, visit="v1")
    with pytest.raises(UnknownVisit):
        await booking.cancel(db, NOON, visit="nowhere")


async def test_a_near_slot_stands_before_a_new_promise(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await book(db, "v1", 30)
    offer = await desk.quote(db, after(12), visit="v2", patient="p2", hours=HOURS)
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
