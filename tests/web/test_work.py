"""A change and its events are stored together, and then told; or neither is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from aiohttp import web
from sqlalchemy import event, select

from tests.conftest import FakeClock
from tests.queue.make import NOON, entry, put
from tests.server.make import Sessions, engine_of, happened, parts
from venterom.queue import desk
from venterom.queue.events import DoctorLost, Returned
from venterom.queue.tables import EntryRow
from venterom.web.keys import LINE
from venterom.web.live import FLOOR, HUB, visit_topic
from venterom.web.outbox import Event
from venterom.web.work import Unit, look, work

pytestmark = pytest.mark.adapter


@dataclass(frozen=True)
class Unstorable:
    """An event that holds what cannot be written down."""

    visit: str
    what: Callable[[], datetime]


async def change(unit: Unit, *events: Event) -> None:
    """A patient comes, and these events with them."""
    await put(unit.db, entry("v1"))
    unit.events.extend(events)


async def is_there(app: web.Application) -> bool:
    """Whether the change was stored."""
    async with look(app) as unit:
        return await desk.entry(unit.db, "v1") is not None


async def test_what_is_stored_is_told_to_whom_it_concerns(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    listen = app[HUB].listen
    with listen(FLOOR) as floor, listen(visit_topic("v1")) as own, listen("visit/v2") as other:
        async with work(app) as unit:
            await change(unit, Returned("v1", "d1", NOON))
            assert not floor.is_set()  # not before it is true
        assert (floor.is_set(), own.is_set(), other.is_set()) == (True, True, False)
    assert await is_there(app)
    assert [each.name for each in await happened(app)] == ["Returned"]


async def test_nobody_is_told_before_it_is_committed(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    told: list[bool] = []
    with app[HUB].listen(FLOOR) as floor:
        engine = engine_of(session_factory).sync_engine
        event.listen(engine, "commit", lambda _connection: told.append(floor.is_set()))
        async with work(app) as unit:
            await change(unit, Returned("v1", "d1", NOON))
        assert (told, floor.is_set()) == ([False], True)


async def test_an_event_of_no_visit_concerns_the_floor(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    with app[HUB].listen(FLOOR) as floor, app[HUB].listen(visit_topic("")) as nobody:
        async with work(app) as unit:
            unit.events.append(DoctorLost("d1"))
        assert (floor.is_set(), nobody.is_set()) == (True, False)


async def test_a_change_without_an_event_wakes_nobody(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    with app[HUB].listen(FLOOR) as floor:
        async with work(app) as unit:
            await change(unit)
        assert not floor.is_set()
    assert await is_there(app)


@pytest.mark.parametrize("why", ["the handler fails", "an event cannot be stored", "it is refused"])
async def test_when_it_fails_nothing_is_stored_and_nobody_told(
    session_factory: Sessions, clock: FakeClock, why: str
) -> None:
    app = parts(session_factory, clock)
    with app[HUB].listen(FLOOR, visit_topic("v1")) as wake:
        with pytest.raises((RuntimeError, TypeError, web.HTTPSeeOther)):
            async with work(app) as unit:
                await change(unit, Returned("v1", "d1", NOON))
                if why == "the handler fails":
                    raise RuntimeError
                if why == "it is refused":
                    raise web.HTTPSeeOther("/start")
                unit.events.append(Unstorable("v1", clock))
        assert not wake.is_set()
    assert not await is_there(app)
    assert await happened(app) == []


async def test_what_a_transaction_cannot_commit_is_not_told(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    with app[HUB].listen(FLOOR) as floor:
        with pytest.raises(Exception, match="(?i)unique|duplicate"):
            async with work(app) as unit:
                await change(unit, Returned("v1", "d1", NOON))
                row = (await unit.db.execute(select(*EntryRow.__table__.c))).one()
                unit.db.add(EntryRow(**row._mapping))  # found out when the session is flushed
        assert not floor.is_set()
    assert await happened(app) == []


async def test_one_unit_has_one_time(session_factory: Sessions, clock: FakeClock) -> None:
    asked: list[datetime] = []

    def ticking() -> datetime:
        asked.append(clock.tick(seconds=1))
        return asked[-1]

    app = parts(session_factory, ticking)
    async with work(app) as unit:
        await change(unit, Returned("v1", "d1", NOON))
    assert asked == [unit.now]
    assert [each.at for each in await happened(app)] == [unit.now]


async def test_whoever_only_looks_holds_up_nobody(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with look(app) as one, look(app) as other:
        assert await desk.entry(one.db, "v1") is None
        assert await desk.entry(other.db, "v1") is None


async def test_on_sqlite_whoever_asks_first_writes_first(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    if not isinstance(app[LINE], asyncio.Lock):
        pytest.skip("PostgreSQL has many writers at once, and no line")
    wrote: list[int] = []

    async def write(number: int) -> None:
        async with work(app) as unit:
            await put(unit.db, entry(f"v{number}"))
            wrote.append(number)

    await asyncio.gather(*(write(number) for number in range(30)))
    assert wrote == list(range(30))
