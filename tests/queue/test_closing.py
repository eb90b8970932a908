"""When the door is closed and nobody can take them, those who wait are let go; not before."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.queue.make import NOON, after, at_work, booked, entry, put, shift
from tests.queue.test_desk import outcome_of, the_entry
from venterom.queue import desk, ledger
from venterom.queue.closing import unserved
from venterom.queue.events import Unserved
from venterom.queue.floor import Entry, Floor, Shift
from venterom.queue.hours import Hours
from venterom.queue.promise import Outcome
from venterom.queue.states import LIVE, Phase, State
from venterom.queue.tables import OutcomeRow

CLOSED = 600  # minutes after noon: 22:00
HOURS = Hours.STANDARD


def left(
    *shifts: Shift, at: float = CLOSED, entries: tuple[Entry, ...] = (), hours: Hours = HOURS
) -> list[str]:
    """Who is let go at this minute."""
    floor = Floor(shifts, entries or (entry("v1", 590), entry("v2", 20)))
    return [each.visit for each in unserved(floor, hours, after(at))]


@pytest.mark.parametrize(
    ("at", "shifts", "expected"),
    [
        (CLOSED, [], ["v2", "v1"]),
        (CLOSED - 0.01, [], []),  # the door is open: somebody may still come to work
        (CLOSED + 300, [], ["v2", "v1"]),  # the service was away for a while
        (CLOSED + 540, [], ["v2", "v1"]),  # 07:00, and the service has just come back
        (CLOSED + 600, [shift("d1", off=1200)], ["v2", "v1"]),  # the day that began is not theirs
        (CLOSED, [shift("d1", off=600)], []),  # the shift is over, but the doctor is there
        (CLOSED + 14, [shift("d1", off=600)], []),
        (CLOSED + 15, [shift("d1", off=600)], ["v2", "v1"]),  # has gone, and left the list open
        (CLOSED + 60, [shift("d1", off=600, phase_since=after(CLOSED + 50))], []),  # works on
        (CLOSED + 60, [shift("d1", off=600, phase=Phase.WRAP)], ["v2", "v1"]),
        (CLOSED + 60, [shift("d1", off=600, phase=Phase.CONSULT)], []),
        (CLOSED, [shift("d1", off=660, phase=Phase.RINGING)], []),
        (CLOSED, [shift("d1", off=660, phase=Phase.CONSULT)], []),
        (CLOSED, [shift("d1", off=660, phase=Phase.WRAP)], []),
        (CLOSED, [shift("d1", off=660, phase=Phase.LOST)], []),  # may come back
        (CLOSED, [shift("d1", off=600, phase=Phase.LOST)], ["v2", "v1"]),  # but not for ever
        (CLOSED + 60, [shift("d1", off=660, phase=Phase.LOST)], ["v2", "v1"]),
        (CLOSED, [shift("d1", off=600, phase=Phase.LOST), shift("d2", off=600)], []),
    ],
)
def test_nobody_is_let_go_while_a_doctor_can_still_take_them(
    at: float, shifts: list[Shift], expected: list[str]
) -> None:
    assert left(*shifts, at=at) == expected


def test_a_door_that_never_closes_lets_nobody_go() -> None:
    assert left(hours=Hours.ALL_DAY) == []


@pytest.mark.parametrize("state", sorted(LIVE - {State.WAITING}))
def test_who_is_with_a_doctor_is_not_let_go(state: State) -> None:
    held = entry("v1", state=state, claimed_by="d1", lease_until=after(CLOSED + 1))
    assert left(entries=(held,)) == []


def test_a_time_that_is_to_come_is_kept_and_one_that_has_passed_is_not() -> None:
    today, tomorrow = booked("today", CLOSED - 15), booked("tomorrow", 24 * 60)
    again = entry("again", 590, attempts=1, release_at=after(CLOSED + 2))
    assert left(entries=(tomorrow, today, again)) == ["today", "again"]


# ---- written down


@pytest.mark.adapter
async def test_the_promise_is_broken_with_its_cause(db: AsyncSession) -> None:
    await put(db, entry("v1", CLOSED + 5))
    assert await desk.close(db, after(CLOSED), HOURS) == [Unserved("v1", after(CLOSED))]
    gone = await the_entry(db)
    assert (gone.state, gone.ended_at) == (State.UNSERVED, after(CLOSED))
    assert gone.deadline == after(CLOSED + 5)
    assert await outcome_of(db) == (Outcome.BROKEN, "closed")
    assert await desk.close(db, after(CLOSED + 1), HOURS) == []


@pytest.mark.adapter
async def test_a_promise_that_was_broken_before_is_broken_once(db: AsyncSession) -> None:
    await put(db, entry("v1", 590))
    await desk.settle(db, after(595))
    assert len(await desk.close(db, after(CLOSED), HOURS)) == 1
    assert await outcome_of(db) == (Outcome.BROKEN, "long_calls")  # what is written stays
    assert (await ledger.tally(db, NOON)).broken == 1


@pytest.mark.adapter
async def test_as_long_as_a_doctor_is_on_shift_nothing_is_touched(db: AsyncSession) -> None:
    await put(db, entry("v1", 590))
    await at_work(db, "d1", now=after(CLOSED - 10), off=CLOSED)
    before = await the_entry(db)
    assert await desk.close(db, after(CLOSED + 14), HOURS) == []
    assert await the_entry(db) == before
    claimed = await desk.claim(db, after(CLOSED + 14), practitioner="d1")
    assert claimed.visit == "v1"
    await desk.connect(db, after(CLOSED + 31), visit="v1")
    await desk.hang_up(db, after(CLOSED + 40), visit="v1", practitioner="d1")
    await desk.go_off_shift(db, after(CLOSED + 41), practitioner="d1")
    assert await desk.close(db, after(CLOSED + 41), HOURS) == []
    assert (await the_entry(db)).state is State.WRAP


@pytest.mark.adapter
async def test_who_waited_when_the_service_went_away_is_let_go_on_the_next_day(
    db: AsyncSession,
) -> None:
    morning = CLOSED + 10 * 60  # the door is open again, and a doctor is there
    await put(db, entry("v1", 590), entry("v2", morning + 15, created_at=after(morning - 5)))
    await at_work(db, "d1", now=after(morning), off=morning + 300)
    assert await desk.close(db, after(morning), HOURS) == [Unserved("v1", after(morning))]


@pytest.mark.adapter
async def test_whoever_was_let_go_may_come_again_tomorrow(db: AsyncSession) -> None:
    await put(db, entry("v1", 590, patient="p"))
    await desk.close(db, after(CLOSED), HOURS)
    morning = after(CLOSED) + timedelta(hours=10)
    await at_work(db, "d1", now=morning, off=CLOSED + 900)
    offer = await desk.quote(db, morning, visit="v2", patient="p", hours=HOURS)
    assert offer.deadline is not None


@pytest.mark.adapter
async def test_a_patient_who_cancels_as_the_door_closes_is_in_one_state(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory.begin() as db:
        await put(db, *(entry(f"v{n}", CLOSED + 5) for n in range(6)))

    async def leave(visit: str) -> None:
        async with session_factory.begin() as db:
            await desk.leave(db, after(CLOSED), visit=visit)

    async def close() -> list[Unserved]:
        async with session_factory.begin() as db:
            return await desk.close(db, after(CLOSED), HOURS)

    answers = await asyncio.gather(
        *(leave(f"v{n}") for n in range(3)), close(), return_exceptions=True
    )
    closed = answers[3]
    assert isinstance(closed, list)
    async with session_factory() as db:
        entries = [await desk.entry(db, f"v{n}") for n in range(6)]
        outcomes = await db.scalars(select(OutcomeRow.promise))
        assert len(set(outcomes)) == 6  # each promise has ended, and once
    states = {each.visit: each.state for each in entries if each is not None}
    assert {visit for visit, state in states.items() if state is State.UNSERVED} == {
        each.visit for each in closed
    }
    assert set(states.values()) <= {State.UNSERVED, State.CANCELLED}
