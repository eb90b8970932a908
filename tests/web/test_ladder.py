"""A promise in danger, as people see it: the doctor who writes, the patient, the doctor on call."""

from datetime import timedelta

import pytest

from tests.web.browser import Browser
from tests.web.rig import KARI, NOON, PER, SOLVEIG, Rig
from tests.web.test_booking import everybody_goes_home, plan
from tests.web.test_shift import OFF_SHIFT
from venterom.queue import desk as waiting_room
from venterom.queue import roster
from venterom.queue.on_call import Answer
from venterom.queue.planning import Planned, Work
from venterom.queue.states import Phase, State
from venterom.queue.tables import CallRow, DeferralRow, EntryRow, OutcomeRow, ShiftRow
from venterom.server import jobs
from venterom.server.notify import feed
from venterom.web.identity import people
from venterom.web.identity.roles import Role
from venterom.web.keys import HOURS, IDENTITY_KEYS
from venterom.web.work import look, work

pytestmark = pytest.mark.slow

QUESTION = "Kan du ta den først og skrive etterpå?"


async def climb(rig: Rig) -> None:
    await jobs.climb_the_ladder(rig.app)


async def messages(rig: Rig) -> list[tuple[str, str]]:
    """Who was told what, the newest first."""
    await jobs.tell(rig.app)
    async with look(rig.app) as unit:
        sent = await feed.inbox(unit.db, rig.app[jobs.POST])
        return [(each.person, each.text) for each in sent]


async def test_a_patient_is_told_in_time_and_may_take_a_fixed_time_instead(rig: Rig) -> None:
    kari, visit = await rig.waiting(KARI)
    [promised] = await rig.rows(EntryRow)
    await everybody_goes_home(rig)
    await plan(rig, NOON + timedelta(hours=1))
    rig.clock.tick(minutes=1)
    await climb(rig)
    page = await kari.reload()
    assert "Det ser ut til å bli senere enn kl. 12:20. Det beklager vi." in page.main
    assert "Du beholder plassen din." in page.main
    assert "Det blir trolig senere enn kl. 12:20." in (await messages(rig))[0][1]
    await climb(rig)
    assert len([text for _, text in await messages(rig) if "trolig" in text]) == 1

    page = await kari.click("Velg en fast time")
    assert "Nå venter du i køen, og vi lovte en lege innen kl. 12:20" in page.main
    assert await rig.rows(OutcomeRow) == []  # looking changes nothing
    page = await kari.press("13:15")
    assert (
        page.path == f"/visit/{visit}" and "Du har time tirsdag 24. november kl. 13:15" in page.main
    )
    [ended] = await rig.rows(OutcomeRow)
    assert (ended.promise, ended.outcome) == (promised.promise, "broken")


async def busy_with_a_note(rig: Rig) -> tuple[Browser, str, str]:
    """One doctor is left, who has just begun a note; the next promise is due in two minutes."""
    _, desk, visit = await rig.consult(KARI, SOLVEIG)
    for shift in await rig.rows(ShiftRow, phase=Phase.IDLE):
        async with work(rig.app) as unit:
            await waiting_room.go_off_shift(unit.db, unit.now, practitioner=shift.practitioner)
    _, next_visit = await rig.waiting(PER)
    [waits] = await rig.rows(EntryRow, visit=next_visit)
    rig.clock.now = waits.deadline - timedelta(minutes=2)
    await rig.hang_up(desk, visit)
    await climb(rig)
    return desk, visit, next_visit


async def test_the_doctor_who_writes_is_asked_and_takes_the_next(rig: Rig) -> None:
    desk, visit, next_visit = await busy_with_a_note(rig)
    page = await desk.open(f"/doctor/visit/{visit}")
    assert QUESTION in page.main
    page = await desk.press("Ja, ta neste")
    assert page.path == f"/doctor/visit/{next_visit}"
    [asked] = await rig.rows(DeferralRow)
    assert (asked.visit, asked.accepted_at, asked.paid_at) == (visit, rig.clock.now, None)
    assert QUESTION not in (await desk.open(f"/doctor/visit/{visit}")).main
    assert "Utsatt for en pasient" in (await desk.open("/doctor")).main


async def test_the_doctor_may_write_first(rig: Rig) -> None:
    desk, visit, next_visit = await busy_with_a_note(rig)
    await desk.open(f"/doctor/visit/{visit}")
    page = await desk.press("Nei, jeg skriver ferdig")
    assert page.path == f"/doctor/visit/{visit}"
    assert QUESTION not in page.main
    await climb(rig)
    assert QUESTION not in (await desk.reload()).main
    [waits] = await rig.rows(EntryRow, visit=next_visit)
    assert waits.state is State.WAITING


async def test_the_doctor_on_call_is_called_in_and_learns_nothing_else(rig: Rig) -> None:
    first, *_ = await rig.rows(ShiftRow)
    hour = (NOON, NOON + timedelta(hours=1))
    line = Planned("", first.practitioner, Work.ON_CALL, *hour)
    async with work(rig.app) as unit:
        await roster.add(unit.db, unit.now, line, hours=rig.app[HOURS], by="director")
    rig.clock.tick(minutes=1)
    await rig.waiting(KARI)
    await everybody_goes_home(rig)
    await climb(rig)
    told = [each for each in await messages(rig) if each[0] == first.practitioner]
    assert told == [
        (
            first.practitioner,
            f"Du trengs på vakt nå. Svar her om du kommer: {rig.url}/doctor/shift Hilsen Venterom",
        )
    ]


async def rung(rig: Rig, name: str) -> Browser:
    """A doctor who is on call, at home, and has just been rung."""
    doctor = await rig.doctor(name, "/doctor")
    async with look(rig.app) as unit:
        staff = await people.staff(unit.db, rig.app[IDENTITY_KEYS], Role.DOCTOR)
    [who] = [each.id for each in staff if each.name == name]
    line = Planned("", who, Work.ON_CALL, NOON, NOON + timedelta(hours=3))
    async with work(rig.app) as unit:
        await roster.add(unit.db, unit.now, line, hours=rig.app[HOURS], by="director")
    rig.clock.tick(minutes=1)
    await rig.waiting(KARI)
    await everybody_goes_home(rig)
    await climb(rig)
    return doctor


async def test_who_is_rung_says_yes_and_goes_on_shift(rig: Rig) -> None:
    doctor = await rung(rig, OFF_SHIFT)
    page = await doctor.open("/doctor/shift")
    assert "Et løfte er i fare. Kan du komme nå?" in page.main
    page = await doctor.press("Jeg kommer")
    assert "Takk, vi venter på deg." in page.main and "Kan du komme nå?" not in page.main
    page = await doctor.press("Gå på vakt")
    assert "Takk, vi venter på deg." not in page.main
    [call] = await rig.rows(CallRow)
    assert (call.answer, call.answered_at) == (Answer.COMES, rig.clock.now)


async def test_who_cannot_come_says_so_and_another_is_rung(rig: Rig) -> None:
    doctor = await rung(rig, OFF_SHIFT)
    await doctor.open("/doctor/shift")
    page = await doctor.press("Jeg kan ikke nå")
    assert "Takk for svaret. Vi ringer den neste." in page.main
    await doctor.post("/doctor/on-call", {"comes": "yes"})  # from another window
    [call] = await rig.rows(CallRow)
    assert call.answer is Answer.CANNOT


async def test_what_is_no_answer_is_not_taken_for_a_no(rig: Rig) -> None:
    doctor = await rung(rig, OFF_SHIFT)
    for said in ("", "kanskje"):
        assert (await doctor.post("/doctor/on-call", {"comes": said})).status == 400
    [call] = await rig.rows(CallRow)
    assert call.answer is Answer.NONE


async def test_who_was_not_rung_changes_nothing(rig: Rig) -> None:
    doctor = await rig.doctor(OFF_SHIFT, "/doctor/shift")
    assert "Kan du komme nå?" not in doctor.page.main
    await doctor.post("/doctor/on-call", {"comes": "yes"})
    assert await rig.rows(CallRow) == []
