"""The doctor goes over to the telephone: both read so, and the note says it."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import JONAS, NOTE, SOLVEIG, Rig
from tests.web.test_consultation import facts
from venterom.journal.call_tables import TelephoneRow
from venterom.web.outbox import OutboxRow

pytestmark = pytest.mark.slow

WORDS = "Legen ringer deg på telefon"


async def ring(rig: Rig, who: Browser, visit: str, why: str = "network", then: str = "") -> int:
    path = f"/doctor/visit/{visit}/telephone{then}"
    headers = {"X-CSRF-Token": rig.token(who, path)}
    return (await who.raw("POST", path, headers, data={"why": why})).status


async def test_in_a_call_the_patient_reads_it_and_the_note_says_why(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    room = await patient.open(f"/visit/{visit}/room")
    assert WORDS not in room.text
    assert await ring(rig, doctor, visit) == 303
    assert WORDS in (await patient.reload()).text
    assert WORDS in (await patient.open(f"/visit/{visit}")).text
    assert facts(await doctor.reload())["Kontakt"] == "Video, så telefon Nettet holdt ikke."
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    assert facts(page)["Kontakt"] == "Video, så telefon Nettet holdt ikke."
    [row] = await rig.rows(TelephoneRow)
    assert (row.visit, row.why, row.after_video) == (visit, "network", True)
    assert len(await rig.rows(OutboxRow, name="Telephoned")) == 1


async def test_a_patient_who_never_came_to_the_room_is_met_by_telephone(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    doctor = await rig.doctor(SOLVEIG)
    await doctor.press("Ta neste")
    assert await ring(rig, doctor, visit, then="/answered") == 303  # nobody has rung: no call
    assert "Ringer" in (await doctor.open(f"/doctor/visit/{visit}")).text
    assert await ring(rig, doctor, visit, "wish") == 303
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert "Pasienten svarer ikke" in page.text  # still to be had
    assert facts(page)["Kontakt"] == "Telefon Pasienten ønsket det."
    assert WORDS in (await patient.open(f"/visit/{visit}")).text
    assert await ring(rig, doctor, visit, then="/answered") == 303
    assert "I samtale" in (await doctor.reload()).text
    await rig.hang_up(doctor, visit)
    assert facts(await doctor.press("Signer og send", NOTE))["Kontakt"].startswith("Telefon")


@pytest.mark.parametrize("why", ["", "NETWORK", "wish\n", "boredom"])
async def test_other_reasons_are_none(rig: Rig, why: str) -> None:
    _patient, doctor, visit = await rig.consult()
    assert await ring(rig, doctor, visit, why) == 400
    assert not await rig.rows(TelephoneRow)


async def test_only_the_doctor_in_the_room_says_it_and_only_while_it_lasts(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    for who in (patient, await rig.doctor(JONAS), await rig.browser()):
        assert await ring(rig, who, visit) in (303, 404)
    await rig.hang_up(doctor, visit)
    assert await ring(rig, doctor, visit) == 404
    assert not await rig.rows(TelephoneRow)
