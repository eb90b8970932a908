"""What happens by itself: patients of vanished doctors come back, promises are settled, notes are
delivered, people are told."""

from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.pool import AsyncAdaptedQueuePool

from tests.conftest import FakeClock
from tests.journal.make import consented, person, signed
from tests.queue.make import after, at_work, entry, put
from tests.server.make import POSTED, FakeRooms, Sessions, engine_of, happened, parts
from venterom.journal import chart, delivery
from venterom.journal.epj_answer import Receipt
from venterom.journal.errors import EpjUnreachable
from venterom.journal.fhir import CONTENT, Resource
from venterom.journal.states import Delivery
from venterom.queue import desk, ledger
from venterom.queue.floor import Entry
from venterom.queue.learn import FEWEST
from venterom.queue.promise import Outcome
from venterom.queue.shifts import LEASE
from venterom.queue.states import State
from venterom.queue.tables import OutcomeRow
from venterom.server import jobs
from venterom.server.notify import feed
from venterom.web.keys import ROOMS
from venterom.web.work import look, work

pytestmark = pytest.mark.adapter

SECOND = timedelta(seconds=1)


async def the_entry(app: web.Application, visit: str = "v1") -> Entry:
    async with look(app) as unit:
        found = await desk.entry(unit.db, visit)
    assert found is not None
    return found


async def with_doctor(app: web.Application) -> Entry:
    """A patient whom doctor d1 has just taken."""
    async with work(app) as unit:
        await put(unit.db, entry("v1"))
        await at_work(unit.db, "d1")
        await desk.claim(unit.db, unit.now, practitioner="d1")
    return await the_entry(app)


class StrictRooms(FakeRooms):
    """Stands in for the rooms, and wants the change to be stored before anybody is told."""

    def __init__(self, app: web.Application) -> None:
        super().__init__()
        self._app = app

    async def close_room(self, visit: str, reason: str) -> None:
        """Noted, when it is true."""
        assert (await the_entry(self._app, visit)).state is State.WAITING
        await super().close_room(visit, reason)


async def test_the_patient_of_a_vanished_doctor_is_back_with_the_same_deadline(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    app[ROOMS] = rooms = StrictRooms(app)
    held = await with_doctor(app)
    clock.now += LEASE
    await jobs.watch_promises(app)  # the last moment of the lease
    assert await the_entry(app) == held
    clock.now += SECOND
    await jobs.watch_promises(app)
    back = await the_entry(app)
    assert (back.state, back.claimed_by, back.deadline) == (State.WAITING, None, held.deadline)
    assert rooms.closed == [("v1", "returned")]
    assert [event.name for event in await happened(app)] == ["Returned", "DoctorLost"]
    await jobs.watch_promises(app)
    assert rooms.closed == [("v1", "returned")]


@pytest.mark.parametrize("hours", [2, -2])
async def test_a_clock_that_is_set_takes_no_patient_from_a_doctor_who_is_there(
    session_factory: Sessions, clock: FakeClock, hours: int
) -> None:
    app = parts(session_factory, clock)
    held = await with_doctor(app)
    await jobs.watch_promises(app)
    for moved in (hours, -hours):  # … and set right again
        clock.tick(hours=moved)
        await jobs.watch_promises(app)
        for _ in range(5):
            clock.tick(seconds=5)
            await jobs.watch_promises(app)
        kept = await the_entry(app)
        assert (kept.state, kept.claimed_by, kept.deadline) == (
            held.state,
            held.claimed_by,
            held.deadline,
        )
        async with work(app) as unit:
            await desk.heartbeat(unit.db, unit.now, practitioner="d1", visit="v1")
    for _ in range(8):  # whoever is silent from then on is given up as ever
        clock.tick(seconds=5)
        await jobs.watch_promises(app)
    assert (await the_entry(app)).state is State.WAITING


async def test_an_overdue_promise_is_written_down_as_broken_once(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        await put(unit.db, entry("v1", deadline=20))
    clock.tick(minutes=20)
    await jobs.watch_promises(app)
    assert await happened(app) == []
    for _ in range(3):
        clock.tick(seconds=5)
        await jobs.watch_promises(app)
    assert [event.name for event in await happened(app)] == ["PromiseBroken"]
    async with look(app) as unit:
        assert await unit.db.scalar(select(func.count()).select_from(OutcomeRow)) == 1
    assert (await the_entry(app)).state is State.WAITING  # and the patient still waits


async def test_nobody_loses_a_patient_because_the_server_was_away(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    await with_doctor(app)
    clock.tick(hours=1)
    await jobs.renew_leases(app)
    await jobs.watch_promises(app)
    assert (await the_entry(app)).state is State.CLAIMED
    for _ in range(7):
        clock.now += LEASE / 6
        await jobs.watch_promises(app)
    assert (await the_entry(app)).state is State.WAITING  # a new lease, not a life-long one


class FakeEpj:
    """Stands in for the EPJ. Strict: no transaction of ours may be open while we wait for it."""

    def __init__(self, sessions: Sessions, clock: FakeClock) -> None:
        self._engine = engine_of(sessions)
        self._clock = clock
        self.is_there = True
        self.got: list[str] = []

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        """A receipt, when it is there."""
        pool = self._engine.pool
        assert isinstance(pool, AsyncAdaptedQueuePool)
        assert self.got or pool.checkedout() == 0  # the first goes alone, others beside each other
        self.got.append(encounter)
        if not self.is_there:
            raise EpjUnreachable
        identifiers = bundle["entry"][3]["resource"]["identifier"]
        [content] = [each["value"] for each in identifiers if each["system"] == CONTENT]
        return Receipt(encounter, content, "DocumentReference/1", self._clock())


async def notes(app: web.Application, count: int) -> list[str]:
    """So many signed notes."""
    visits = []
    for number in range(count):
        async with work(app) as unit:
            visits.append((await signed(unit.db, by=person(f"p{number}"), now=unit.now)).visit)
    return visits


async def states(app: web.Application, visits: list[str]) -> set[Delivery | None]:
    """Where these notes are."""
    async with look(app) as unit:
        return {await delivery.state_of(unit.db, visit) for visit in visits}


async def test_who_waits_behind_a_closed_door_is_told_once_and_the_visit_ends(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        visit = await consented(unit.db, now=unit.now)
        await chart.mark_open(unit.db, unit.now, visit=visit)
        await put(unit.db, entry(visit, 590, patient="kari", promise="p1"))
    for minutes in (599, 1, 1):  # 21:59, 22:00, 22:01
        clock.tick(minutes=minutes)
        await jobs.close_the_day(app)
        await jobs.tell(app)
        states = {(await the_entry(app, visit)).state}
        assert states == {State.WAITING if minutes == 599 else State.UNSERVED}
    assert [event.name for event in await happened(app)] == ["Unserved"]
    async with look(app) as unit:
        [sent] = await feed.inbox(unit.db, POSTED)
        assert (await chart.visit(unit.db, visit)).closed_at is not None
    assert (sent.person, "21 49 24 01" in sent.text) == ("kari", True)


async def test_everything_that_is_due_is_delivered_in_one_go(
    session_factory: Sessions, clock: FakeClock
) -> None:
    epj = FakeEpj(session_factory, clock)
    app = parts(session_factory, clock, epj)
    visits = await notes(app, 3)
    await jobs.deliver(app)
    assert sorted(epj.got) == sorted(visits)
    assert await states(app, visits) == {Delivery.IN_THE_JOURNAL}
    assert [event.name for event in await happened(app)] == ["Delivered"] * 3
    await jobs.deliver(app)
    assert len(epj.got) == 3


async def test_an_epj_that_is_away_is_asked_again_later_and_not_at_once(
    session_factory: Sessions, clock: FakeClock
) -> None:
    epj = FakeEpj(session_factory, clock)
    app = parts(session_factory, clock, epj)
    epj.is_there = False
    visits = await notes(app, 2)
    await jobs.deliver(app)
    assert len(epj.got) == 1  # one is enough to see that nobody is there
    assert await states(app, visits) == {Delivery.ON_ITS_WAY, Delivery.SIGNED}
    assert {event.name for event in await happened(app)} == {"DeliveryDelayed"}
    epj.is_there = True
    clock.tick(hours=1)
    await jobs.deliver(app)
    assert await states(app, visits) == {Delivery.IN_THE_JOURNAL}


async def test_people_are_told_what_has_happened(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        visit = await consented(unit.db, now=unit.now)
        await put(unit.db, entry(visit, patient="kari", promise="p1"))
        await at_work(unit.db, "d1")
        unit.events.append(await desk.claim(unit.db, unit.now, practitioner="d1"))
    for _ in range(2):
        await jobs.tell(app)
    async with look(app) as unit:
        sent = await feed.inbox(unit.db, POSTED)
    assert [message.person for message in sent] == ["kari"]


async def test_what_a_day_has_taught_is_learned_in_the_night_and_once(
    session_factory: Sessions, clock: FakeClock
) -> None:
    app = parts(session_factory, clock)
    async with work(app) as unit:
        for n in range(FEWEST):
            done = entry(
                f"v{n}",
                state=State.DONE,
                claimed_by=f"d{n}",
                connected_at=after(n),
                ended_at=after(n + 20),
                signed_at=after(n + 25),
            )
            await put(unit.db, done)
            await ledger.record(unit.db, done.promise, Outcome.KEPT, after(n), "")
    await jobs.learn(app)
    assert await happened(app) == []  # the day is not over
    clock.tick(days=1)
    for _ in range(2):
        await jobs.learn(app)
    certainty, service = await happened(app)
    assert (certainty.name, service.name) == ("CertaintyLearned", "ServiceLearned")
    assert certainty.body["after"] < certainty.body["before"]
    assert (service.body["version"], service.body["consultation"] > 13) == (1, True)
