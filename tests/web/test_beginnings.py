"""Who takes up a beginning is where who walked it was; who has done anything else does not."""

from collections.abc import Awaitable, Callable

import pytest

from tests.web.beginnings import Trail
from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, Rig
from venterom.queue import desk
from venterom.queue.states import State
from venterom.queue.tables import EntryRow
from venterom.server.tables import METADATA
from venterom.web.work import work

pytestmark = pytest.mark.slow


@pytest.fixture
def trail(rig: Rig) -> Trail:
    """Of a run in which nothing has been walked yet."""
    assert rig.trail is not None
    rig.trail.kept = {}
    rig.trail.stand(rig, ())
    return rig.trail


def cookies(browser: Browser) -> dict[str, str]:
    """What it would send."""
    return {each.key: each.value for each in browser.http.cookie_jar}


async def everything(rig: Rig) -> list[object]:
    """All rows of all tables."""
    return [await rig.select(table) for part in METADATA for table in part.sorted_tables]


async def test_who_takes_up_a_beginning_is_where_who_walked_it_was(rig: Rig, trail: Trail) -> None:
    patient, doctor, visit = await rig.consult()
    walked, held, read, now = await everything(rig), cookies(doctor), doctor.page, rig.clock.now
    await rig.hang_up(doctor, visit)
    rig.clock.tick(minutes=1)
    rig.registers.asked.clear()
    assert await everything(rig) != walked

    rig.clock.now = now  # another test begins
    trail.stand(rig, ())
    other_patient, other, same = await rig.consult()
    assert await everything(rig) == walked and same == visit
    assert other is not doctor and cookies(other) == held
    assert (other.page, other_patient.page) == (read, patient.page)
    assert rig.registers.asked == ["hpr"]


async def test_it_goes_on_from_there(rig: Rig, trail: Trail) -> None:
    await rig.consult()
    trail.stand(rig, ())
    _patient, doctor, visit = await rig.consult()
    assert "I samtale" in (await doctor.reload()).main
    assert "Lagt på" in (await rig.hang_up(doctor, visit)).main
    [entry] = await rig.rows(EntryRow)
    assert entry.state == State.WRAP


async def asks(rig: Rig) -> None:
    """For a page."""
    await (await rig.stranger()).open("/")


async def changes(rig: Rig) -> None:
    """A row."""
    doctor = await rig.person(JONAS)
    async with work(rig.app) as unit:
        await desk.go_off_shift(unit.db, unit.now, practitioner=doctor)


async def tells(rig: Rig) -> None:
    """A stand-in what to say."""
    rig.registers.doctors["9990099"] = []


async def waits(rig: Rig) -> None:
    """A second."""
    rig.clock.tick(seconds=1)


@pytest.mark.parametrize("does", [asks, changes, tells, waits])
async def test_who_has_done_anything_else_walks(
    rig: Rig, trail: Trail, does: Callable[[Rig], Awaitable[None]]
) -> None:
    walked = cookies(await rig.sign_in(KARI))
    trail.stand(rig, ())
    assert cookies(await rig.sign_in(KARI)) == walked
    trail.stand(rig, ())
    await does(rig)
    assert cookies(await rig.sign_in(KARI)) != walked


async def test_who_replaces_a_part_of_the_service_walks(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rig.trail is None
