"""The doctor's room: the story, hanging up, nobody who answers, and a patient who is gone."""

import json
from datetime import timedelta

import pytest

from tests.web.page import Page
from tests.web.rig import JONAS, KARI, NOON, NOTE, PER, REASON, SOLVEIG, Rig
from tests.web.test_whom import IDA
from venterom.journal.chain import Action
from venterom.journal.tables import AuditRow, VisitRow
from venterom.queue.states import Phase, State
from venterom.queue.tables import EntryRow, ShiftRow
from venterom.server import jobs
from venterom.web.identity.tables import LinkRow
from venterom.web.intake import Step

pytestmark = pytest.mark.slow


def facts(page: Page) -> dict[str, str]:
    """Term and value of the story."""
    [listed] = [node for node in page.tree.every("dl")]
    terms = [node.text for node in listed.every("dt")]
    return dict(zip(terms, [node.text for node in listed.every("dd")], strict=True))


async def test_the_room_shows_the_story_beside_the_note(rig: Rig) -> None:
    _patient, _visit = await rig.waiting(KARI)
    rig.clock.tick(minutes=3)
    doctor = await rig.doctor()
    page = await doctor.press("Ta neste")
    assert page.title == f"{KARI}, 41 år"
    assert REASON in page.main and "Ringer" in page.main
    assert facts(page) == {
        "Kom": "12:00",
        "Lovet": "12:20",
        "Polise": "Dekket Fjellprøve Forsikring",
        "Samtykke": "Gitt 12:00",
        "Språk": "Bokmål",
    }


async def test_a_child_is_shown_with_whoever_is_with_it(rig: Rig) -> None:
    parent = await rig.arrive(KARI, who=IDA)
    await rig.answer(parent, Step.OFFER)
    doctor = await rig.doctor()
    page = await doctor.press("Ta neste")
    assert page.title.startswith(f"{IDA}, ")
    assert facts(page)["Med"] == f"{KARI} Foreldreansvar bekreftet"


async def test_each_look_at_the_story_is_a_line_in_the_log(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    before = len(await rig.rows(AuditRow, visit=visit, action=Action.STORY_READ))
    await doctor.reload()
    lines = await rig.rows(AuditRow, visit=visit, action=Action.STORY_READ)
    assert len(lines) == before + 1
    assert {line.purpose for line in lines} == {"TREAT/care"}


async def test_the_open_room_shows_where_the_call_is(rig: Rig) -> None:
    _patient, visit = await rig.waiting()
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    async with await doctor.listen(f"/live/doctor/visit/{visit}") as socket:
        assert "Ringer" in json.loads(await socket.receive_str(timeout=10))["html"]
        await rig.meet(visit)
        sent = [json.loads(await socket.receive_str(timeout=10)) for _ in range(1)]
        assert sent[-1]["view"] == "doctor-room" and "I samtale" in sent[-1]["html"]


# ---- hanging up


async def test_hanging_up_is_not_finishing(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    rig.clock.tick(minutes=9)
    page = await rig.hang_up(doctor, visit)
    assert "Lagt på · ikke signert" in page.main and "9 av 15 min" in page.main
    assert "Å legge på avslutter ikke timen." in page.main
    [entry] = await rig.rows(EntryRow)
    assert (entry.state, entry.ended_at) == (State.WRAP, rig.clock.now)


async def test_hanging_up_twice_is_hanging_up_once(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    [before] = await rig.rows(EntryRow)
    rig.clock.tick(seconds=5)
    page = await rig.hang_up(doctor, visit)
    assert page.path == f"/doctor/visit/{visit}"
    assert await rig.rows(EntryRow) == [before]


async def test_nobody_hangs_up_before_the_call(rig: Rig) -> None:
    _patient, visit = await rig.waiting()
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    page = await doctor.post(f"/doctor/visit/{visit}/hang-up", {})
    assert (page.status, page.title) == (409, "Dette er allerede gjort")
    page = await doctor.click("Til forsiden")  # the doctor's own, not the patients'
    assert (page.path, page.title) == ("/doctor", "Venteliste")
    assert page.link("Gå tilbake til rommet") == f"/doctor/visit/{visit}"


# ---- nobody answers


async def test_who_does_not_answer_is_tried_three_times_and_then_told(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    doctor = await rig.doctor()
    for attempt, wait in ((1, 2), (2, 5)):
        page = await doctor.press("Ta neste")
        page = await doctor.press("Pasienten svarer ikke")
        assert page.path == "/doctor"
        [entry] = await rig.rows(EntryRow)
        assert (entry.state, entry.attempts) == (State.WAITING, attempt)
        assert entry.deadline == NOON + timedelta(minutes=20)  # as it was promised
        assert f"Svarte ikke ({attempt})" in page.main
        page = await doctor.post("/doctor/next", {})  # from a list that was left open
        assert (page.status, page.path) == (409, "/doctor/next")  # not yet
        rig.clock.tick(minutes=wait)
        await doctor.open("/doctor")
    page = await doctor.press("Ta neste")
    left_open = doctor.page
    await doctor.press("Pasienten svarer ikke")
    [entry] = await rig.rows(EntryRow)
    assert entry.state == State.NO_ANSWER
    [row] = await rig.rows(VisitRow)
    assert row.stage == "closed"
    page = await patient.open(f"/visit/{visit}")
    assert page.title == "Vi fikk ikke tak i deg"
    assert (await patient.click("Finn en ny tid")).path == "/start/policy"
    page = await doctor.open(f"/doctor/visit/{visit}")  # the back button
    assert (page.status, page.title) == (409, "Venteliste")
    assert "Pasienten er ikke hos deg lenger. Ingen svarte da vi prøvde sist." in page.main
    doctor.page = left_open
    page = await doctor.press("Pasienten svarer ikke")  # pressed twice
    assert page.status == 409 and await rig.rows(EntryRow) == [entry]


async def test_the_doctor_who_waits_for_nobody_is_free_at_once(rig: Rig) -> None:
    await rig.waiting(KARI)
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    await rig.waiting(PER)
    await doctor.press("Pasienten svarer ikke")
    assert {row.phase for row in await rig.rows(ShiftRow)} == {Phase.IDLE}
    page = await doctor.press("Ta neste")
    assert page.title.startswith(PER)


async def test_links_to_a_visit_that_was_given_up_are_closed(rig: Rig) -> None:
    _patient, visit = await rig.waiting()
    await jobs.tell(rig.app)
    doctor = await rig.doctor()
    for wait in (2, 5, 0):
        await doctor.press("Ta neste")
        await doctor.press("Pasienten svarer ikke")
        rig.clock.tick(minutes=wait)
        await doctor.reload()
    assert {row.state for row in await rig.rows(LinkRow, visit=visit)} == {"closed"}


# ---- the patient is gone


async def test_a_patient_who_cancels_while_being_called_leaves_no_dead_page(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    waiting = patient.page
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    async with await doctor.listen(f"/live/doctor/visit/{visit}") as socket:
        await socket.receive_str(timeout=10)
        patient.page = waiting
        await patient.press("Ja, avbryt timen")
        assert json.loads(await socket.receive_str(timeout=10))["view"] == "reload"
    page = await doctor.reload()
    assert (page.status, page.title) == (409, "Venteliste")
    assert "Pasienten er ikke hos deg lenger. Timen er avbrutt." in page.main
    page = await doctor.post(f"/doctor/visit/{visit}/sign", {"plan": "Noe"})
    assert page.status == 409
    assert "Ingen venter nå." in (await doctor.open("/doctor")).main


async def test_a_colleagues_patient_is_none_of_ones_own(rig: Rig) -> None:
    _patient, _doctor, visit = await rig.consult(KARI, SOLVEIG)
    colleague = await rig.doctor(JONAS)
    page = await colleague.open(f"/doctor/visit/{visit}")
    assert page.path == "/doctor" and page.status == 200
    for act in ("hang-up", "no-answer", "sign"):
        page = await colleague.post(f"/doctor/visit/{visit}/{act}", NOTE)
        assert (page.status, page.title) == (404, "Vi finner ikke denne siden")
        await colleague.open("/doctor")
    [entry] = await rig.rows(EntryRow)
    assert entry.state == State.IN_CALL
