"""A doctor's phrases, and how they come into a note."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import JONAS, NOTE, SOLVEIG, Rig

pytestmark = pytest.mark.slow

SHARE = "Del med de andre legene"


async def make(doctor: Browser, key: str, text: str, *, shared: bool = False) -> None:
    """One more phrase."""
    await doctor.open("/doctor/phrases")
    page = await doctor.press("Lagre", {"Kortform": key, "Tekst": text, SHARE: shared})
    assert (page.status, page.path) == (200, "/doctor/phrases")


async def test_a_phrase_is_made_changed_and_taken_out(rig: Rig) -> None:
    doctor = await rig.doctor()
    await make(doctor, ".Hals", "Rød svelg.")
    assert ".hals Rød svelg." in doctor.page.main
    await doctor.open(doctor.page.link("Endre hals"))
    assert doctor.page.value("Tekst") == "Rød svelg."
    page = await doctor.press("Lagre", {"Tekst": "Blek svelg."})
    assert ".hals Blek svelg." in page.main
    await doctor.open(page.link("Endre hals"))
    page = await doctor.press("Fjern frasen")
    assert "Ingen fraser ennå." in page.main


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(rig: Rig) -> None:
    doctor = await rig.doctor(address="/doctor/phrases")
    page = await doctor.press("Lagre", {"Kortform": "h", "Tekst": "17858012345", SHARE: True})
    assert page.status == 422
    assert page.trouble("Kortform").startswith("En kortform har 2–20 tegn")
    assert page.trouble("Tekst").startswith("Dette ligner et fødselsnummer.")
    assert page.value("Tekst") == "17858012345" and "Ingen fraser ennå." in page.main


async def test_others_use_a_shared_one_and_cannot_change_it(rig: Rig) -> None:
    doctor = await rig.doctor()
    await make(doctor, "hals", "Rød svelg.", shared=True)
    await make(doctor, "kne", "Ingen hevelse.")
    path = doctor.page.link("Endre hals")
    other = await rig.doctor(JONAS, "/doctor/phrases")
    assert SOLVEIG in other.page.main and "Rød svelg." in other.page.main
    assert "kne" not in other.page.main
    assert (await other.open(path)).path == "/doctor/phrases"
    for address in (path, f"{path}/remove"):
        await other.post(address, {"key": "hals", "text": "Tull"})
    page = await doctor.open("/doctor/phrases")
    assert "Rød svelg." in page.main and "Tull" not in page.main


async def test_a_phrase_is_filled_in_for_the_note_and_its_holes_are_not_signed(rig: Rig) -> None:
    doctor = await rig.doctor()
    await make(doctor, "feber", "{dato} {lege}: temp. ___")
    _patient, doctor, visit = await rig.consult()
    [button] = [each for each in doctor.page.tree.every("button") if each.text == ".feber"]
    text = button.attributes["data-phrase"]
    assert text == f"24.11.2026 {SOLVEIG}: temp. ___"
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", {**NOTE, "Funn": text})
    assert page.status == 422 and page.trouble("Funn") == "Fyll inn der det står ___."


async def test_markup_in_a_phrase_is_text(rig: Rig) -> None:
    doctor = await rig.doctor()
    await make(doctor, "wild", "<script>alert(1)</script> \"'&")
    assert "<script>alert" not in doctor.page.body
    _patient, doctor, _visit = await rig.consult()
    assert "<script>alert" not in doctor.page.body
