"""The director chooses what the service does so that more can be promised."""

from datetime import timedelta

import pytest

from tests.web.rig import NOON, PER, RAGNA, Rig
from tests.web.test_booking import everybody_goes_home, plan, slots
from venterom.queue import ledger, roster
from venterom.queue.grounds import slots_in
from venterom.queue.levers import Levers
from venterom.queue.planning import Planned, Work
from venterom.queue.promise import Decision, Offer
from venterom.queue.tables import LeversRow, PromiseRow
from venterom.web.keys import HOURS
from venterom.web.work import work

pytestmark = pytest.mark.slow

DEFER, PLAN = "Be leger om å skrive senere", "Vis de romsligste timene først"
LEAN = "Lov flere når noen har bakvakt"


async def test_what_is_chosen_is_kept_with_who_chose_it(rig: Rig) -> None:
    director = await rig.sign_in(RAGNA, "/director/levers")
    assert "Ingen har valgt ennå." in director.page.main
    page = await director.press("Lagre", {DEFER: False, PLAN: True})
    assert page.path == "/director/levers"
    assert f"kl. 12:00 av {RAGNA}." in page.main
    assert [page.control(each).attributes.get("checked") for each in (DEFER, PLAN)] == [None, ""]
    [row] = await rig.rows(LeversRow)
    assert (row.defers, row.plans) == (False, True)
    await director.press("Lagre")  # nothing new
    assert len(await rig.rows(LeversRow)) == 1


async def test_the_next_offer_is_made_by_it(rig: Rig) -> None:
    director = await rig.sign_in(RAGNA, "/director/levers")
    await director.press("Lagre", {DEFER: False})
    await rig.arrive()
    [line] = await rig.rows(PromiseRow)
    assert '"defers":false' in line.state_json


async def asked_yesterday(rig: Rig, at: timedelta, count: int) -> None:
    """So many asked at this time after yesterday's noon."""
    quoted_at = NOON - timedelta(days=1) + at
    async with work(rig.app) as unit:
        for n in range(count):
            name = f"{at} {n}"
            offer = Offer(name, name, Decision.DECLINED, None, 0.0, quoted_at)
            await ledger.write(
                unit.db, offer, patient=name, p_min_others=1, model="test", basis='{"slots":[]}'
            )


async def test_the_times_with_most_room_are_shown_first(rig: Rig) -> None:
    await everybody_goes_home(rig)
    await plan(rig, NOON + timedelta(minutes=30), hours=8)
    await asked_yesterday(rig, timedelta(minutes=30), 6)
    director = await rig.sign_in(RAGNA, "/director/levers")
    await director.press("Lagre", {PLAN: True})
    patient = await rig.arrive()
    [line] = await rig.rows(PromiseRow, quoted_at=rig.clock.now)
    first = NOON + timedelta(minutes=30)
    assert first not in slots_in(line.state_json)  # six came in that hour yesterday
    assert first.isoformat() in slots(patient.page)  # and yet it may be chosen


async def test_promises_lean_on_a_doctor_on_call_while_there_is_one(rig: Rig) -> None:
    director = await rig.sign_in(RAGNA, "/director/levers")
    page = await director.press("Lagre", {LEAN: True})
    assert page.control(LEAN).attributes.get("checked") == ""
    await rig.arrive()
    [alone] = await rig.rows(PromiseRow)
    assert not alone.leans
    line = Planned("", "d9", Work.ON_CALL, NOON, NOON + timedelta(hours=3))
    async with work(rig.app) as unit:
        await roster.add(unit.db, unit.now, line, hours=rig.app[HOURS], by="director")
    rig.clock.tick(minutes=1)
    await rig.arrive(PER)
    [leaning] = await rig.rows(PromiseRow, quoted_at=rig.clock.now)
    assert leaning.leans


def test_from_the_start_notes_may_be_put_off_and_nothing_else() -> None:
    assert Levers() == Levers(defers=True, plans=False, leans=False)
