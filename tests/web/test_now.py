"""The director sees the floor as it is, and nothing about anybody who waits."""

import json
from datetime import timedelta

import pytest

from tests.web.rig import KARI, NOON, PER, RAGNA, REASON, SOLVEIG, Rig
from tests.web.test_booking import everybody_goes_home
from tests.web.test_ladder import busy_with_a_note, climb
from venterom.queue.tables import PromiseRow
from venterom.server import jobs
from venterom.web.live import HUB, Pace

pytestmark = pytest.mark.slow

ADDRESS = "/director/now"
WITHIN = 30.0  # seconds until a test gives up; nothing is asserted by it


async def now_page(rig: Rig) -> str:
    """What the director reads."""
    director = await rig.sign_in(RAGNA, ADDRESS)
    page = await director.open(ADDRESS)
    for secret in (KARI, PER, REASON):
        assert secret not in page.body
    for visit in await rig.rows(PromiseRow):
        assert visit.visit not in page.body and visit.patient not in page.body
    return page.text.replace("\u00a0", " ")


async def test_a_calm_floor_is_said_to_be_calm(rig: Rig) -> None:
    said = await now_page(rig)
    assert "Ingen løfter er i fare." in said
    assert "Ingen venter nå." in said
    assert "Ingenting har vært nødvendig." in said
    assert f"{SOLVEIG} Ledig 12:00 0 min" in said
    assert "Utsikten blir regnet ut" in said


async def test_doctors_and_promises_are_shown_as_they_are(rig: Rig) -> None:
    await rig.consult(KARI, SOLVEIG)
    await rig.waiting(PER)
    rig.clock.tick(minutes=3)
    said = await now_page(rig)
    assert f"{SOLVEIG} I samtale 12:00 3 min" in said
    assert "God tid 17 min 12:20 Innen 20 minutter" in said


async def test_what_was_done_is_shown_with_its_cause_and_alerts_come_first(rig: Rig) -> None:
    await rig.waiting(KARI)
    rig.clock.tick(minutes=5)
    await rig.waiting(PER)
    await everybody_goes_home(rig)
    await climb(rig)
    said = await now_page(rig)
    assert "2 i fare" in said and "trenger deg" not in said
    assert "12:05 Pasienten fikk vite det og kan velge 12:20 0 % Færre leger" in said
    rig.clock.now = NOON + timedelta(minutes=19)
    await climb(rig)
    said = await now_page(rig)
    assert "1 trenger deg" in said and "1 i fare" in said
    assert said.index("Ingen lege på vei 1 min 12:20") < said.index("I fare 6 min 12:25")
    rig.clock.now = NOON + timedelta(minutes=21)
    assert "Over tiden 1 min 12:20" in await now_page(rig)


async def test_a_note_that_is_put_off_is_shown_with_the_doctor_who_owes_it(rig: Rig) -> None:
    desk, visit, _ = await busy_with_a_note(rig)
    assert "Bedt om å skrive senere" in await now_page(rig)
    await desk.open(f"/doctor/visit/{visit}")
    await desk.press("Ja, ta neste")
    assert "Skylder et notat siden kl. 12:38" in await now_page(rig)


async def test_without_history_the_hours_to_come_are_the_plan(rig: Rig) -> None:
    await jobs.look_ahead(rig.app)
    said = await now_page(rig)
    assert "regnet ut kl. 12:00" in said
    assert "Her er bare planen." in said
    assert "Legg til" not in said


async def test_with_a_day_of_history_it_is_said_whether_the_plan_is_enough(rig: Rig) -> None:
    await rig.waiting(KARI)
    rig.clock.tick(days=1)
    await everybody_goes_home(rig)
    await jobs.look_ahead(rig.app)
    said = await now_page(rig)
    assert "Legg til 2 leger kl. 12:00–13:30, så holder løftet." in said
    assert "12:00 0 1 0 %" in said  # nobody is planned, one asks, and would be promised nothing


async def test_the_page_keeps_itself_up_to_date(rig: Rig) -> None:
    rig.app[HUB].pace = Pace(refresh=3600)  # nothing is rendered unless something happens
    director = await rig.sign_in(RAGNA, ADDRESS)
    async with await director.listen(f"/live{ADDRESS}") as socket:
        first = json.loads((await socket.receive(timeout=WITHIN)).data)
        assert first["view"] == "now" and "Ingen venter nå." in first["html"]
        await rig.waiting(KARI)
        later = json.loads((await socket.receive(timeout=WITHIN)).data)
        assert "Ingen venter nå." not in later["html"] and KARI not in later["html"]
        await jobs.look_ahead(rig.app)
        assert "regnet ut kl." in json.loads((await socket.receive(timeout=WITHIN)).data)["html"]
