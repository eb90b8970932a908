"""The doctor is asked whom she sees; she answers with one press, and the note says it."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, NOTE, SOLVEIG, Rig
from tests.web.test_papers import prescribe
from tests.web.test_whom import IDA
from venterom.journal.call_tables import IdentificationRow
from venterom.journal.papers.tables import PaperDraftRow
from venterom.web.intake import Step

pytestmark = pytest.mark.slow

CONFIRMED = "Identitet bekreftet"
NOT_SAID = "Identiteten ble ikke bekreftet i samtalen."
OTHER = "Det er noen andre"


async def say(rig: Rig, who: Browser, visit: str, seen: str) -> int:
    path = f"/doctor/visit/{visit}/identity"
    headers = {"X-CSRF-Token": rig.token(who, path)}
    return (await who.raw("POST", path, headers, data={"seen": seen})).status


async def test_it_is_asked_when_they_have_met_with_name_and_date_of_birth(rig: Rig) -> None:
    _patient, _visit = await rig.waiting()
    doctor = await rig.doctor(SOLVEIG)
    page = await doctor.press("Ta neste")
    assert OTHER not in page.text  # nobody is in the picture yet
    await rig.meet(_visit)
    page = await doctor.reload()
    assert f"Er det {KARI}, født " in page.main
    assert 'aria-keyshortcuts="J"' in page.body
    page = await doctor.press(f"Ja, det er {KARI}")
    assert 'aria-keyshortcuts="J"' not in page.body  # pressed again it changes nothing
    assert CONFIRMED in page.main and f"Er det {KARI}" not in page.main


async def test_the_note_says_what_the_doctor_said(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await doctor.press(f"Ja, det er {KARI}")
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    assert "Identitet bekreftet i bilde kl." in page.main


async def test_it_can_be_said_after_the_call_and_what_is_not_said_the_note_says(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    page = await rig.hang_up(doctor, visit)
    assert "Svarer du ikke, står det i notatet at identiteten ikke ble bekreftet." in page.main
    assert 'aria-keyshortcuts="J"' not in page.body  # no key works without a call
    page = await doctor.press("Signer og send", NOTE)
    assert NOT_SAID in page.main
    assert await say(rig, doctor, visit, "patient") == 404  # what is signed is signed


async def test_somebody_else_gets_no_papers_and_it_can_be_put_right(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    assert "Papirer kan ikke utstedes" in (await doctor.press(OTHER)).main
    await prescribe(doctor, visit)
    assert len(await rig.rows(PaperDraftRow)) == 1
    page = await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    assert page.status == 422 and "Da kan ingen papirer utstedes" in page.main
    await doctor.press(f"Ja, det er {KARI}")
    page = await doctor.press("Signer og send", NOTE)
    assert page.status == 200 and "Identitet bekreftet i bilde" in page.main


async def test_a_child_is_met_with_its_parent_or_the_parent_alone(rig: Rig) -> None:
    parent = await rig.arrive(KARI, who=IDA)
    await rig.answer(parent, Step.OFFER)
    doctor = await rig.doctor()
    visit = (await doctor.press("Ta neste")).path.rpartition("/")[2]
    await rig.meet(visit)
    assert f"Ja, {IDA} og {KARI}" in (await doctor.reload()).main
    page = await doctor.press(f"Bare {KARI}, uten barnet")
    assert "Bare forelderen" in page.main


async def test_for_an_adult_nobody_else_speaks(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    assert "uten barnet" not in doctor.page.main
    assert await say(rig, doctor, visit, "parent") == 400
    assert not await rig.rows(IdentificationRow)


@pytest.mark.parametrize("seen", ["", "PATIENT", "patient\n", "not_said"])
async def test_other_words_are_none(rig: Rig, seen: str) -> None:
    _patient, doctor, visit = await rig.consult()
    assert await say(rig, doctor, visit, seen) == 400
    assert not await rig.rows(IdentificationRow)


async def test_only_the_doctor_who_met_the_patient_says_it(rig: Rig) -> None:
    patient, _doctor, visit = await rig.consult()
    for who in (patient, await rig.doctor(JONAS), await rig.browser()):
        assert await say(rig, who, visit, "patient") in (303, 404)
    assert not await rig.rows(IdentificationRow)
