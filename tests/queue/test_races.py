"""Many at once, on a real database: nobody is served twice, and nobody is forgotten."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.queue.make import NOON, after, at_work, booked, entry, put
from venterom.queue import desk
from venterom.queue.errors import AlreadyInCall, HeldForSlot, NobodyWaiting, QueueError, WrongState
from venterom.queue.events import Claimed
from venterom.queue.states import State
from venterom.queue.tables import EntryRow, SeatRow

pytestmark = pytest.mark.adapter

T = TypeVar("T")
Sessions = async_sessionmaker[AsyncSession]
DOCTORS = [f"d{n}" for n in range(16)]
PATIENTS = 240


async def patiently(use_case: Callable[[], Awaitable[T]]) -> T:
    """Try again while SQLite says that it waited too long for its turn.

    Its waiting is not fair: of sixteen writers one may be passed over for five seconds. What is
    tested here is that nobody is served twice, also by one who had to ask again.
    """
    while True:
        try:
            return await use_case()
        except OperationalError as error:
            if "database is locked" not in str(error):
                raise


async def take(sessions: Sessions, doctor: str, minutes: float = 1) -> Claimed:
    async def once() -> Claimed:
        async with sessions.begin() as db:
            return await desk.claim(db, after(minutes), practitioner=doctor)

    return await patiently(once)


async def see(sessions: Sessions, doctor: str, visit: str) -> None:
    async def once() -> None:
        async with sessions.begin() as db:
            await desk.connect(db, after(1), visit=visit)
            await desk.hang_up(db, after(2), visit=visit, practitioner=doctor)

    await patiently(once)


async def work_until_nobody_waits(sessions: Sessions, doctor: str) -> list[str]:
    seen: list[str] = []
    while True:
        try:
            claimed = await take(sessions, doctor)
        except NobodyWaiting:
            return seen
        seen.append(claimed.visit)
        await see(sessions, doctor, claimed.visit)


async def test_of_doctors_who_ask_at_once_one_is_kept_for_a_booked_time(
    session_factory: Sessions,
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1", "d2", "d3")
        await put(db, *(entry(f"v{n}", 31) for n in range(3)), booked("v9", 15))
        await db.execute(insert(SeatRow).values(visit="v9", starts_at=after(15), seat=0))
    answers = await asyncio.gather(
        *(take(session_factory, d, 12) for d in ("d1", "d2", "d3")), return_exceptions=True
    )
    assert Counter(type(answer) for answer in answers) == {Claimed: 2, HeldForSlot: 1}


@pytest.mark.slow
async def test_sixteen_doctors_never_take_the_same_patient(session_factory: Sessions) -> None:
    async with session_factory.begin() as db:
        await at_work(db, *DOCTORS)
        await put(db, *(entry(f"v{n:03}", 20 + n) for n in range(PATIENTS)))
    taken = await asyncio.gather(*(work_until_nobody_waits(session_factory, d) for d in DOCTORS))
    times = Counter(visit for visits in taken for visit in visits)
    assert set(times.values()) == {1}
    assert len(times) == PATIENTS
    async with session_factory() as db:
        rows = await db.execute(select(EntryRow.visit, EntryRow.claimed_by))
        owners = {visit: doctor for visit, doctor in rows}
    assert owners == {v: d for d, visits in zip(DOCTORS, taken, strict=True) for v in visits}


async def test_of_two_who_want_the_last_patient_one_has_it(session_factory: Sessions) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1", "d2")
        await put(db, entry("v1"))
    answers = await asyncio.gather(
        *(take(session_factory, d) for d in ("d1", "d2")), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Claimed", "NobodyWaiting"]


async def test_nobody_is_told_that_nobody_waits_because_another_was_faster(
    session_factory: Sessions,
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, *DOCTORS)
        await put(db, *(entry(f"v{n}") for n in range(len(DOCTORS))))
    taken = await asyncio.gather(*(take(session_factory, d) for d in DOCTORS))
    assert len({claimed.visit for claimed in taken}) == len(DOCTORS)


async def test_one_doctor_in_many_tabs_has_one_patient(session_factory: Sessions) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        await put(db, *(entry(f"v{n}") for n in range(8)))
    answers = await asyncio.gather(
        *(take(session_factory, "d1") for _ in range(8)), return_exceptions=True
    )
    assert Counter(type(answer) for answer in answers) == {Claimed: 1, AlreadyInCall: 7}


async def test_a_patient_who_cancels_as_a_doctor_comes_is_in_one_state(
    session_factory: Sessions,
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        await put(db, entry("v1"))

    async def leave() -> None:
        async with session_factory.begin() as db:
            await desk.leave(db, after(1), visit="v1")

    answers = await asyncio.gather(leave(), take(session_factory, "d1"), return_exceptions=True)
    assert all(answer is None or isinstance(answer, (Claimed, NobodyWaiting)) for answer in answers)
    async with session_factory() as db:
        stored = await desk.entry(db, "v1")
        shifts = (await desk.floor(db, NOON)).shifts
    assert stored is not None
    assert stored.state is State.CANCELLED
    assert shifts[0].visit is None


async def test_a_call_that_ends_as_the_lease_runs_out_is_in_one_state(
    session_factory: Sessions,
) -> None:
    async with session_factory.begin() as db:
        await at_work(db, "d1")
        await put(db, entry("v1"))
        await desk.claim(db, NOON, practitioner="d1")
        await desk.connect(db, NOON, visit="v1")

    async def hang_up() -> State:
        async with session_factory.begin() as db:
            await desk.hang_up(db, after(1), visit="v1", practitioner="d1")
        return State.WRAP

    async def reap() -> State | None:
        async with session_factory.begin() as db:
            events = await desk.reap(db, after(1))
        return State.WAITING if any(event.visit for event in events) else None

    hung_up, reaped = await asyncio.gather(hang_up(), reap(), return_exceptions=True)
    async with session_factory() as db:
        stored = await desk.entry(db, "v1")
    assert stored is not None
    if isinstance(hung_up, QueueError):
        assert stored.state is reaped is State.WAITING
    else:
        assert (stored.state, reaped) in [(State.WRAP, None), (State.WRAP, WrongState)]


async def test_writing_down_a_broken_promise_does_not_hide_the_patient(
    session_factory: Sessions,
) -> None:
    """`claim` skips what is locked, so nothing may lock those who wait the longest."""
    async with session_factory.begin() as db:
        if db.get_bind().dialect.name == "sqlite":
            pytest.skip("one writer at a time: nothing is ever skipped")
        await at_work(db, "d1")
        await put(db, entry("overdue", -5), entry("calm", 30))
    async with session_factory.begin() as db:
        assert len(await desk.settle(db, after(1))) == 1
        assert (await take(session_factory, "d1")).visit == "overdue"
