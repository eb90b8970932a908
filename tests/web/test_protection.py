"""The doctor's page says how the call is kept from others, and the note holds it."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import JONAS, NOTE, Rig
from tests.web.test_consultation import facts
from venterom.journal.tables import ProtectionRow

pytestmark = pytest.mark.slow


async def report(rig: Rig, doctor: Browser, visit: str, encryption: str, words: str) -> int:
    """What the script of the call does; the status that it is told."""
    path = f"/doctor/visit/{visit}/protection"
    headers = {"X-CSRF-Token": rig.token(doctor, path)}
    sent = {"encryption": encryption, "words": words}
    return (await doctor.raw("POST", path, headers, data=sent)).status


async def stored(rig: Rig) -> list[tuple[str, str]]:
    """What the database holds."""
    return [(row.encryption, row.words) for row in await rig.rows(ProtectionRow)]


async def test_it_stands_beside_the_note_when_the_call_is_over(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    assert await report(rig, doctor, visit, "end_to_end", "not_compared") == 204
    assert "Samtalen" not in facts(await doctor.reload())  # the call says it itself
    assert await report(rig, doctor, visit, "end_to_end", "matched") == 204
    page = await rig.hang_up(doctor, visit)
    assert facts(page)["Samtalen"] == "Kryptert hele veien Ordene stemte."
    page = await doctor.press("Signer og send", NOTE)
    assert facts(page)["Samtalen"] == "Kryptert hele veien Ordene stemte."


async def test_an_open_call_is_named_as_one(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await report(rig, doctor, visit, "hop_by_hop", "not_compared")
    page = await rig.hang_up(doctor, visit)
    assert facts(page)["Samtalen"] == "Ikke kryptert hele veien"


async def test_of_a_call_of_which_nothing_was_said_nothing_stands_there(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    page = await rig.hang_up(doctor, visit)
    assert "Samtalen" not in facts(page)


@pytest.mark.parametrize(
    ("encryption", "words"),
    [("", ""), ("end_to_end", ""), ("some", "matched"), ("end_to_end", "matched\n")],
)
async def test_other_words_are_none(rig: Rig, encryption: str, words: str) -> None:
    _patient, doctor, visit = await rig.consult()
    assert await report(rig, doctor, visit, encryption, words) == 400
    assert await stored(rig) == []


async def test_only_the_doctor_in_the_room_can_say_it_and_only_while_it_lasts(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    other = await rig.doctor(JONAS)
    for who in (patient, other, await rig.browser()):
        assert await report(rig, who, visit, "end_to_end", "matched") in (303, 404)
    await rig.hang_up(doctor, visit)
    assert await report(rig, doctor, visit, "end_to_end", "matched") == 404
    assert await stored(rig) == []
