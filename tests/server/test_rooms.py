"""What happens in a room, told to the waiting room; and who may enter, asked of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from tests.conftest import FakeClock
from tests.queue.make import NOON, after, at_work, entry, put
from tests.rtc.test_tested import SENT, echoed
from tests.server.make import Sessions, happened, parts
from venterom.queue import desk
from venterom.queue.states import OPEN, State
from venterom.rtc import tested
from venterom.rtc.figures import Kept
from venterom.rtc.quality import Verdict
from venterom.rtc.seat import WELCOME
from venterom.rtc.ticket import Role, Ticket
from venterom.server.rooms import Floor
from venterom.web import measured
from venterom.web.work import look, work

pytestmark = pytest.mark.adapter


def ticket(role: Role, person: str, visit: str = "v1") -> Ticket:
    """A right that the signature holds for."""
    return Ticket(visit, person, role, NOON, NOON + timedelta(hours=1))


@pytest.fixture
def app(session_factory: Sessions, clock: FakeClock) -> web.Application:
    """What a floor needs."""
    return parts(session_factory, clock)


async def stands(app: web.Application, state: State) -> None:
    """Visit v1 is in this state, with doctor d1 where there is one."""
    with_doctor = state not in {State.WAITING, State.CANCELLED, State.UNSERVED}
    lease = after(60) if state in {State.CLAIMED, State.IN_CALL} else None
    doctor = "d1" if with_doctor else None
    async with work(app) as unit:
        await put(unit.db, entry("v1", state=state, claimed_by=doctor, lease_until=lease))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("role", "person"),
    [(Role.PATIENT, "kari"), (Role.DOCTOR, "d1"), (Role.DOCTOR, "d2")],
)
async def test_a_room_is_open_to_its_patient_and_to_the_doctor_who_took_them(
    app: web.Application, state: State, role: Role, person: str
) -> None:
    await stands(app, state)
    theirs = role is Role.PATIENT or (person == "d1" and state is not State.WAITING)
    assert await Floor(app).may_enter(ticket(role, person)) == (
        WELCOME if state in OPEN and theirs else None
    )


@pytest.mark.parametrize("role", Role)
async def test_a_visit_that_is_not_in_the_waiting_room_has_no_room(
    app: web.Application, role: Role
) -> None:
    assert await Floor(app).may_enter(ticket(role, "d1", "v9")) is None


async def taken(app: web.Application) -> Floor:
    """Doctor d1 has taken the patient."""
    async with work(app) as unit:
        await put(unit.db, entry("v1"))
        await at_work(unit.db, "d1")
        await desk.claim(unit.db, unit.now, practitioner="d1")
    return Floor(app)


async def the_state(app: web.Application) -> State:
    async with look(app) as unit:
        found = await desk.entry(unit.db, "v1")
    assert found is not None
    return found.state


async def names(app: web.Application) -> list[str]:
    return [event.name for event in await happened(app)]


async def test_the_doctors_seat_settles_the_promise_once(
    app: web.Application, clock: FakeClock
) -> None:
    floor = await taken(app)
    await floor.seated("v1", Role.PATIENT, "kari")
    assert await names(app) == []
    for _ in range(2):  # and again after a lost connection
        await floor.seated("v1", Role.DOCTOR, "d1")
        clock.tick(seconds=20)
    [joined] = await happened(app)
    assert (joined.name, joined.body["kept"]) == ("DoctorJoined", True)


async def test_when_both_are_seen_the_consultation_begins_once(app: web.Application) -> None:
    floor = await taken(app)
    for _ in range(2):
        await floor.talking("v1")
    assert await names(app) == ["Connected"]
    assert await the_state(app) is State.IN_CALL


async def test_whoever_is_lost_keeps_the_seat(app: web.Application) -> None:
    floor = await taken(app)
    await floor.gone("v1", Role.PATIENT)
    await floor.gone("v1", Role.DOCTOR)
    assert await names(app) == []
    assert await the_state(app) is State.CLAIMED


KEPT = Kept("patient", 720, 70, 2, 4, 38, 61, 6, 420, 390, None)


async def test_the_figures_of_a_call_are_kept_as_they_were_counted(app: web.Application) -> None:
    doctors = replace(KEPT, seat="doctor", lost=None)
    await Floor(app).measured("v1", [doctors, KEPT])
    async with look(app) as unit:
        assert await measured.last_call(unit.db, "v1") == [KEPT, doctors]
        assert await measured.last_call(unit.db, "v2") == []


async def test_what_was_counted_cannot_be_changed(app: web.Application) -> None:
    await Floor(app).measured("v1", [KEPT])
    with pytest.raises(DBAPIError, match="insert-only"):
        async with work(app) as unit:
            await unit.db.execute(update(measured.CallRow).values(lost=0))


async def test_the_latest_technical_test_takes_the_place_of_the_one_before(
    app: web.Application,
) -> None:
    for sent in (echoed(room_kbit=60), {**SENT, "camera": False}):
        async with work(app) as unit:
            await measured.keep_check(unit.db, unit.now, visit="v1", tested=tested.read(sent))
    async with look(app) as unit:
        found = await measured.checks_of(unit.db, ["v1", "v2"])
    assert [(visit, check.verdict, check.camera) for visit, check in found.items()] == [
        ("v1", Verdict.GOOD, False)
    ]
    assert found["v1"].figures == tested.read(SENT).figures and found["v1"].findings == ()
