"""The invented world in the database: who is at work, and so what can be promised."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.conftest import FakeClock
from tests.queue.make import NOON
from venterom.journal.seal import KekRing
from venterom.queue import booking, desk, roster, view
from venterom.queue.coverage import charges, promises
from venterom.queue.hours import DAY, Hours
from venterom.queue.states import Phase
from venterom.server.demo import past, people, world
from venterom.web import keys
from venterom.web.identity.sealed import Keys
from venterom.web.live import HUB, Hub
from venterom.web.text import today
from venterom.web.work import look, work

pytestmark = [pytest.mark.adapter, pytest.mark.slow]


@pytest.fixture
def app(session_factory: async_sessionmaker[AsyncSession], clock: FakeClock) -> web.Application:
    """What the world needs of an application."""
    app = web.Application()
    app[keys.SESSIONS] = session_factory
    app[keys.READING] = session_factory
    app[keys.LINE] = asyncio.Lock()
    now: Callable[[], datetime] = clock
    app[keys.CLOCK] = now
    app[keys.HOURS] = Hours.ALL_DAY
    app[keys.IDENTITY_KEYS] = Keys(KekRing("kek-1", {"kek-1": b"1" * 32}), b"i" * 32)
    app[HUB] = Hub()
    return app


async def forecast(app: web.Application) -> view.Forecast:
    """What the front page says."""
    async with look(app) as unit:
        return view.forecast(await desk.floor(unit.db, unit.now), Hours.ALL_DAY, unit.now)


async def phases(app: web.Application) -> list[Phase]:
    """What the doctors on shift are doing."""
    async with look(app) as unit:
        return [shift.phase for shift in (await desk.floor(unit.db, unit.now)).shifts]


async def somebody_waits(app: web.Application) -> None:
    """A patient who was promised a doctor."""
    async with work(app) as unit:
        db, now, hours = unit.db, unit.now, Hours.ALL_DAY
        offer = await desk.quote(db, now, visit="v1", patient="p1", hours=hours)
        await desk.join(db, now, visit="v1", patient="p1", offer_id=offer.id, hours=hours)


async def test_without_a_crowd_three_doctors_wait_to_be_played(app: web.Application) -> None:
    await world.fill(app)
    shown = await forecast(app)
    assert (shown.doctors, shown.promise) == (3, True)


async def test_with_a_crowd_nobody_is_promised_a_doctor_whom_nobody_plays(
    app: web.Application,
) -> None:
    await world.fill(app, crowd=True)
    shown = await forecast(app)
    assert (shown.doctors, shown.promise) == (0, False)


async def test_those_whom_a_run_without_a_crowd_left_at_work_go_home(
    app: web.Application, clock: FakeClock
) -> None:
    await world.fill(app)
    clock.tick(hours=1)
    await world.fill(app, crowd=True)
    assert await phases(app) == []
    await world.keep_awake(app)
    assert await phases(app) == []


async def test_a_doctor_in_the_room_is_not_sent_home(
    app: web.Application, clock: FakeClock
) -> None:
    await world.fill(app)
    await somebody_waits(app)
    async with work(app) as unit:
        await desk.claim(unit.db, unit.now, practitioner=app[world.ON_SHIFT][0])
    await world.fill(app, crowd=True)
    assert await phases(app) == [Phase.RINGING]


async def test_filling_again_changes_nothing(app: web.Application, clock: FakeClock) -> None:
    await world.fill(app)
    before = app[world.ON_SHIFT]
    clock.tick(minutes=5)
    await world.fill(app)
    assert app[world.ON_SHIFT] == before
    assert len(await phases(app)) == 3


async def test_doctors_whom_nobody_plays_stay_awake_for_as_long_as_they_are_idle(
    app: web.Application, clock: FakeClock
) -> None:
    await world.fill(app)
    for _ in range(6):
        clock.now += timedelta(seconds=world.AWAKE_S)
        await world.keep_awake(app)
        async with work(app) as unit:
            await desk.reap(unit.db, unit.now)
    assert await phases(app) == [Phase.IDLE] * 3


@pytest.mark.parametrize(("crowd", "first"), [(False, 1), (True, 2)])
async def test_the_days_to_come_are_planned_and_a_plan_that_is_there_is_kept(
    app: web.Application, crowd: bool, first: int
) -> None:
    await world.fill(app)
    for _ in range(2):
        await world.plan_the_week(app, crowd=crowd)
    async with look(app) as unit:
        lines = await roster.plans(unit.db, unit.now, unit.now + 30 * DAY)
        slots = await booking.free_slots(unit.db, unit.now, Hours.ALL_DAY)
    days = Counter(today(line.on_at) for line in lines)
    assert set(days) == {today(NOON) + n * DAY for n in range(first, 14)}
    assert set(days.values()) == {6 * 2 + 1}  # everybody's shift and break, and one on call
    assert any(today(slot) == today(NOON) + DAY for slot in slots) is not crowd


async def test_it_is_known_whether_somebody_is_still_here(app: web.Application) -> None:
    await world.fill(app)
    assert not await world.is_open_for_somebody(app)
    await somebody_waits(app)
    assert await world.is_open_for_somebody(app)


async def test_insurers_see_months_that_are_over_and_a_second_start_adds_nothing(
    app: web.Application, clock: FakeClock
) -> None:
    await world.fill(app)
    for _ in range(2):
        await past.fill(app)
        async with look(app) as unit:
            for whose in people.INSURERS:
                year = await charges.year(unit.db, today(unit.now), insurer=whose)
                assert tuple(each.uses for each in year if each.uses) == past.USES
                told = await promises.year(unit.db, today(unit.now), insurer=whose)
                assert len(told) == len(past.USES) and all(each.share for each in told.values())
