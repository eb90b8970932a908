"""A doctor puts somebody first: with a ground, with a line in the log, and nobody else can."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, PER, REASON, SOLVEIG, Rig
from venterom.journal.chain import Action
from venterom.journal.tables import AuditRow
from venterom.queue.tables import EntryRow, TriageRow
from venterom.queue.triage import Ground

pytestmark = pytest.mark.slow

OFF_SHIFT = "Yusuf Brevikstest"


async def two_wait(rig: Rig) -> tuple[Browser, str, str]:
    """A doctor at the list; who came first, and who came next."""
    _, first = await rig.waiting(KARI)
    rig.clock.tick(minutes=1)
    _, second = await rig.waiting(PER)
    return await rig.doctor(SOLVEIG), first, second


async def ask(doctor: Browser, visit: str) -> None:
    await doctor.open(f"/doctor/visit/{visit}/priority")


async def put_first(doctor: Browser, visit: str) -> None:
    await ask(doctor, visit)
    await doctor.press("Ta først", {"Blitt verre": True})


async def test_whoever_is_put_first_is_taken_next(rig: Rig) -> None:
    doctor, _, second = await two_wait(rig)
    page = await doctor.open(f"/doctor/visit/{second}/priority")
    assert PER in page.main and REASON in page.main and "113" in page.main
    page = await doctor.press("Ta først", {"Blitt verre": True})
    assert page.path == "/doctor" and "Tas først" in page.main
    page = await doctor.press("Ta neste")
    assert page.path == f"/doctor/visit/{second}"


async def test_it_is_written_who_did_it_and_why(rig: Rig) -> None:
    doctor, _, second = await two_wait(rig)
    await put_first(doctor, second)
    [line] = await rig.rows(TriageRow)
    assert (line.visit, line.was, line.triage, line.ground) == (second, 0, 1, Ground.WORSE)
    [logged] = await rig.rows(AuditRow, action=Action.TRIAGE_CHANGED)
    assert (logged.visit, logged.actor, logged.role) == (second, line.practitioner, "doctor")


async def test_one_can_be_put_back(rig: Rig) -> None:
    doctor, first, second = await two_wait(rig)
    await put_first(doctor, second)
    await ask(doctor, second)
    assert (await doctor.press("Sett tilbake")).path == "/doctor"
    assert (await doctor.press("Ta neste")).path == f"/doctor/visit/{first}"
    assert len(await rig.rows(AuditRow, action=Action.TRIAGE_CHANGED)) == 2


async def test_without_a_ground_nothing_is_changed(rig: Rig) -> None:
    doctor, first, second = await two_wait(rig)
    await ask(doctor, second)
    page = await doctor.press("Ta først", careless=True)
    assert page.status == 422 and "Velg hvorfor." in page.main
    assert await rig.rows(TriageRow) == []
    assert (await doctor.open("/doctor")).status == 200
    assert (await doctor.press("Ta neste")).path == f"/doctor/visit/{first}"


async def test_the_patient_cannot_go_first_by_oneself(rig: Rig) -> None:
    patient, visit = await rig.waiting(KARI)
    path = f"/doctor/visit/{visit}/priority"
    answer = await patient.raw("POST", path, {"X-CSRF-Token": rig.token(patient, path)})
    assert answer.status == 303 and answer.headers["Location"].startswith("/sign-in/doctor")
    [waits] = await rig.rows(EntryRow, visit=visit)
    assert waits.triage == 0


async def test_a_doctor_who_is_not_at_work_is_sent_to_the_shift(rig: Rig) -> None:
    _, visit = await rig.waiting(KARI)
    visitor = await rig.doctor(OFF_SHIFT)
    page = await visitor.open(f"/doctor/visit/{visit}/priority")
    assert page.path == "/doctor/shift" and KARI not in page.body


async def test_who_has_been_taken_meanwhile_is_told_of_at_the_list(rig: Rig) -> None:
    doctor, first, _ = await two_wait(rig)
    await ask(doctor, first)
    other = await rig.doctor(JONAS)
    await other.press("Ta neste")
    page = await doctor.press("Ta først", {"Blitt verre": True})
    assert page.status == 409 and "venter ikke lenger" in page.main
    assert (await doctor.open("/doctor/visit/nosuchvisit/priority")).status == 409


async def test_whose_promise_it_endangers_stands_there_before(rig: Rig) -> None:
    doctor, first, second = await two_wait(rig)
    page = await doctor.open(f"/doctor/visit/{second}/priority")
    assert "Ingen andre løfter kommer i fare." in page.main
