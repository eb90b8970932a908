"""The doctor's list and shift: who may take whom, who sees what, and what is still to be done."""

import asyncio
import json

import pytest

from tests.web.browser import Browser
from tests.web.rig import INGRID, JONAS, KARI, LINNEA, NOTE, PER, REASON, SOLVEIG, Rig
from venterom.journal.chain import Action
from venterom.journal.tables import AuditRow
from venterom.queue.states import Phase, State
from venterom.queue.tables import EntryRow, ShiftRow
from venterom.server import jobs

pytestmark = pytest.mark.slow

OFF_SHIFT = "Yusuf Brevikstest"


async def take_at_once(*doctors: Browser) -> list[tuple[int, str]]:
    """Several doctors press the button in the same moment: what each hears."""
    answers = await asyncio.gather(
        *(each.raw("POST", "/doctor/next", {"X-CSRF-Token": each.page.token}) for each in doctors)
    )
    return [(answer.status, answer.headers.get("Location", "")) for answer in answers]


async def test_the_list_shows_who_waits_by_the_time_that_is_left(rig: Rig) -> None:
    await rig.waiting(KARI)
    rig.clock.tick(minutes=4)
    await rig.waiting(PER)
    rig.clock.tick(minutes=8)
    doctor = await rig.doctor()
    table = doctor.page.tree.by_id("waiting")
    first, second = [[cell.text for cell in row.every("td")] for row in table.every("tr")][1:]
    assert first[0] == "Snart 8 min" and second[0] == "God tid 12 min"
    told = f"{REASON} Ta først? {KARI}, 41 år"
    assert first[1:] == ["12:20", f"{KARI}, 41 år", told, "12 min", "Ikke testet", "Dekket"]
    assert second[2].startswith(PER)


async def test_the_open_list_learns_of_a_new_patient(rig: Rig) -> None:
    doctor = await rig.doctor()
    assert "Ingen venter nå." in doctor.page.main
    async with await doctor.listen("/live/doctor") as socket:
        assert "Ingen venter nå." in json.loads(await socket.receive_str(timeout=10))["html"]
        await rig.waiting()
        sent = json.loads(await socket.receive_str(timeout=10))
        assert sent["view"] == "worklist" and REASON in sent["html"]


async def test_names_and_reasons_are_for_doctors_on_shift(rig: Rig) -> None:
    await rig.waiting()
    visitor = await rig.doctor(OFF_SHIFT)
    assert "Du er ikke på vakt." in visitor.page.main
    assert "1 venter" in visitor.page.main
    assert KARI not in visitor.page.body and REASON not in visitor.page.body
    async with await visitor.listen("/live/doctor") as socket:
        sent = await socket.receive_str(timeout=10)
    assert KARI not in sent and REASON not in sent
    assert await rig.rows(AuditRow, action=Action.REASON_READ) == []


async def test_each_doctor_who_sees_a_reason_leaves_one_line(rig: Rig) -> None:
    _patient, visit = await rig.waiting()
    one, other = await rig.doctor(SOLVEIG), await rig.doctor(JONAS)
    for doctor in (one, other, one, other):
        assert REASON in (await doctor.reload()).main
    lines = await rig.rows(AuditRow, action=Action.REASON_READ)
    assert {line.visit for line in lines} == {visit}
    assert len({line.actor for line in lines}) == len(lines) == 2
    assert {line.purpose for line in lines} == {"TREAT/on_duty"}


# ---- taking the next


async def test_two_doctors_at_once_get_two_patients(rig: Rig) -> None:
    _kari, first = await rig.waiting(KARI)
    _per, second = await rig.waiting(PER)
    answers = await take_at_once(await rig.doctor(SOLVEIG), await rig.doctor(JONAS))
    assert sorted(answers) == sorted(
        [(303, f"/doctor/visit/{first}"), (303, f"/doctor/visit/{second}")]
    )


async def test_two_doctors_at_once_and_one_patient_one_wins_the_other_is_told(rig: Rig) -> None:
    _patient, visit = await rig.waiting()
    one, other = await rig.doctor(SOLVEIG), await rig.doctor(JONAS)
    answers = await take_at_once(one, other)
    assert sorted(answers) == [(303, f"/doctor/visit/{visit}"), (409, "")]
    loser = [one, other][[status for status, _ in answers].index(409)]
    page = await loser.post("/doctor/next", {})
    assert (page.status, page.title) == (409, "Venteliste")
    assert "Ingen venter akkurat nå. Vi sier fra når noen kommer." in page.main
    page = await loser.open(page.link("EN English"))  # from a page that only a form leads to
    assert (page.status, page.path) == (200, "/doctor")


async def test_who_has_a_patient_takes_no_second_one(rig: Rig) -> None:
    await rig.waiting(PER)
    await rig.waiting(KARI)
    doctor = await rig.doctor()
    left_open = doctor.page
    await doctor.press("Ta neste")
    for connected in (False, True):  # while calling, and in the call
        [entry] = [row for row in await rig.rows(EntryRow) if row.claimed_by]
        if connected:
            await rig.meet(entry.visit)
        doctor.page = left_open
        page = await doctor.press("Ta neste")
        assert (page.status, page.title) == (409, "Venteliste")
        assert "Du har en pasient i rommet. Legg på først." in page.main
        assert page.link("Gå tilbake til rommet") == f"/doctor/visit/{entry.visit}"


async def test_who_is_not_on_shift_is_led_to_the_shift(rig: Rig) -> None:
    _patient, visit = await rig.waiting()
    doctor = await rig.doctor(OFF_SHIFT, "/doctor/shift")
    page = await doctor.post("/doctor/next", {})
    assert (page.path, page.title) == ("/doctor/shift", "Gå på vakt")
    [entry] = await rig.rows(EntryRow, visit=visit)
    assert entry.state == State.WAITING


# ---- notes, signs of life, the day


async def test_a_note_that_is_not_in_the_journal_is_held_up_before_the_doctor(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    page = await doctor.open("/doctor/shift")
    assert "1 notat er ikke signert." in page.main
    page = await doctor.open("/doctor")
    mine = page.tree.by_id("mine").text
    assert KARI in mine and "Ikke signert" in mine
    page = await doctor.click(f"Åpne {KARI}")
    await doctor.press("Signer og send", NOTE)
    page = await doctor.open("/doctor")
    assert "På vei" in page.tree.by_id("mine").text
    await rig.jobs()
    page = await doctor.open("/doctor")
    assert "Alt er i journalen." in page.main
    page = await doctor.open("/doctor/shift")
    assert "ikke i journalen ennå" not in page.main


async def test_the_next_patient_can_be_taken_while_a_note_is_unsigned(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult(KARI)
    await rig.hang_up(doctor, visit)
    _next, other = await rig.waiting(INGRID)
    await doctor.open("/doctor")
    page = await doctor.press("Ta neste")
    assert page.path == f"/doctor/visit/{other}"
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert page.title.startswith(KARI) and "Lagt på · ikke signert" in page.main


async def test_a_doctor_whose_page_is_open_is_at_work_and_one_whose_is_not_is_lost(
    rig: Rig,
) -> None:
    doctor = await rig.doctor(SOLVEIG)
    rig.clock.tick(seconds=31)
    async with await doctor.listen("/live/doctor") as socket:
        await socket.receive_str(timeout=10)
    await jobs.watch_promises(rig.app)
    phases = {row.phase for row in await rig.rows(ShiftRow)}
    assert phases == {Phase.IDLE, Phase.LOST}
    visitor = await rig.browser()
    assert "1 lege på vakt" in (await visitor.open("/")).main


async def test_the_list_counts_the_day(rig: Rig) -> None:
    await rig.consult(KARI, SOLVEIG)
    await rig.waiting(PER)
    rig.clock.tick(minutes=21)
    await rig.jobs()
    page = (await rig.doctor(LINNEA)).page
    assert "i dag: 1 holdt, 1 brutt" in page.main
