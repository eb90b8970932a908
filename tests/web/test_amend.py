"""A doctor puts a signed note right or adds to it, and the patient sees what, when and why."""

import json
import zipfile
from io import BytesIO

import pytest

from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, NOTE, RAGNA, SOLVEIG, Rig
from tests.web.test_mine import signed
from venterom.journal import chart
from venterom.journal.tables import DeliveryRow, EntryRow
from venterom.server import jobs
from venterom.server.notify import feed
from venterom.web.amend import NEWER
from venterom.web.keys import RECORD_KEYS
from venterom.web.work import look

pytestmark = pytest.mark.slow
RIGHT = {"Plan og råd til pasienten": "Ring fastlegen", "Hvorfor?": "Planen var en annens"}
ADDED = {"addition": "Prøven var negativ", "Hvorfor?": "Svaret kom i dag"}
ANEW, ADD, SEND = "Rett heller notatet", "Skriv heller et tillegg", "Signer og send"


async def put_right(doctor: Browser, visit: str) -> None:
    await doctor.open(f"/doctor/visit/{visit}/amend")
    await doctor.press(SEND, RIGHT)


async def test_from_her_own_list_to_a_second_version(rig: Rig) -> None:
    patient, doctor, visit = await signed(rig)
    await doctor.open("/doctor")
    page = await doctor.click("Notatene mine")
    assert KARI in page.main
    page = await doctor.click(f"Rett eller føy til {KARI}")
    assert page.path == f"/doctor/visit/{visit}/amend"
    page = await doctor.press(SEND, RIGHT)
    assert page.path == "/doctor/notes" and "Rettet eller føyd til 1 gang" in page.main
    assert [(row.version, row.state) for row in await rig.rows(DeliveryRow)] == [
        (1, "signed"),
        (2, "signed"),
    ]
    await jobs.deliver(rig.app)
    await jobs.deliver(rig.app)
    assert {row.state for row in await rig.rows(DeliveryRow)} == {"in_the_journal"}
    async with look(rig.app) as unit:
        assert (await chart.verify(unit.db, rig.app[RECORD_KEYS])).ok
    page = await patient.open(f"/visit/{visit}")
    assert "Ring fastlegen" in page.main and "rettet eller føyd til" in page.main


async def test_the_patient_sees_both_texts_what_was_changed_and_why(rig: Rig) -> None:
    patient, doctor, visit = await signed(rig)
    await put_right(doctor, visit)
    home = await patient.open("/mine")
    assert "Rettet eller føyd til" in home.main
    page = await patient.open(f"{home.path}/note/{visit}")
    for said in ("Ring fastlegen", NOTE["Plan og råd til pasienten"], "Planen var en annens"):
        assert said in page.main
    assert "Endret: Plan." in page.main and "gjelder ikke lenger" in page.main
    log = await patient.open(f"{home.path}/log")
    assert "Rettet notatet eller føyde til noe" in log.main


async def test_an_addition_stands_under_the_note(rig: Rig) -> None:
    patient, doctor, visit = await signed(rig)
    await doctor.open(f"/doctor/visit/{visit}/amend")
    await doctor.click(ADD)
    await doctor.press(SEND, ADDED)
    home = await patient.open("/mine")
    page = await patient.open(f"{home.path}/note/{visit}")
    assert "Tillegg" in page.main and "Prøven var negativ" in page.main
    assert "gjelder ikke lenger" not in page.main and NOTE["Funn"] in page.main


async def test_what_cannot_be_signed_is_kept_on_the_page(rig: Rig) -> None:
    _, doctor, visit = await signed(rig)
    await doctor.open(f"/doctor/visit/{visit}/amend")
    page = await doctor.press(SEND, {**RIGHT, "Hvorfor?": " "}, careless=True)
    assert page.status == 422 and "Ring fastlegen" in page.body
    page = await doctor.press(
        SEND,
        {"Plan og råd til pasienten": NOTE["Plan og råd til pasienten"], "Hvorfor?": "Ingenting"},
    )
    assert page.status == 422 and "Du har ikke endret noe" in page.main
    assert len(await rig.rows(EntryRow)) == 1


async def test_who_has_not_seen_the_newest_is_shown_it_first(rig: Rig) -> None:
    _, doctor, visit = await signed(rig)
    other = await rig.doctor(SOLVEIG)
    await other.open(f"/doctor/visit/{visit}/amend?way=add")
    await put_right(doctor, visit)
    page = await other.press(SEND, ADDED)
    assert page.status == 422 and NEWER in page.main and "Ring fastlegen" in page.main
    await other.press(SEND)  # what was typed is still there
    assert [row.version for row in await rig.rows(EntryRow)] == [1, 2, 3]


async def test_pressed_twice_it_is_signed_once(rig: Rig) -> None:
    _, doctor, visit = await signed(rig)
    await put_right(doctor, visit)
    await doctor.open(f"/doctor/visit/{visit}/amend")
    values = {"version": "1", "way": "add", "why": "Svar", "addition": "Negativ"}
    for expected in (422, 422):
        answer = await doctor.post(f"/doctor/visit/{visit}/amend", values)
        assert answer.status == expected
    for _ in range(2):
        answer = await doctor.post(f"/doctor/visit/{visit}/amend", {**values, "version": "2"})
        assert answer.path == "/doctor/notes"
    assert [row.version for row in await rig.rows(EntryRow)] == [1, 2, 3]


async def test_another_doctor_finds_nothing_there(rig: Rig) -> None:
    _, _, visit = await signed(rig)
    other = await rig.doctor(JONAS)
    page = await other.open(f"/doctor/visit/{visit}/amend")
    assert page.status == 404
    assert KARI not in (await other.open("/doctor/notes")).main


async def test_the_patient_is_told_that_something_was_written(rig: Rig) -> None:
    _, doctor, visit = await signed(rig)
    await jobs.tell(rig.app)
    async with look(rig.app) as unit:
        before = len(await feed.inbox(unit.db, rig.app[jobs.POST]))
    await put_right(doctor, visit)
    await jobs.tell(rig.app)
    async with look(rig.app) as unit:
        inbox = await feed.inbox(unit.db, rig.app[jobs.POST])
    assert len(inbox) == before + 1
    assert inbox[0].text.startswith("Legen har skrevet til deg.")


async def test_a_wish_ends_with_the_note_put_right(rig: Rig) -> None:
    patient, doctor, visit = await signed(rig)
    home = (await patient.open("/mine")).path
    await patient.open(f"{home}/note/{visit}/wrong")
    await patient.press("Send inn", {"At det blir rettet": True, "wish": "Jeg hviler ikke"})
    await doctor.open("/doctor/cases")
    [case] = [
        node.attributes["href"]
        for node in doctor.page.tree.every("a")
        if node.attributes["href"].startswith("/doctor/cases/")
    ]
    await doctor.open(case)
    why = "Det stemmer, og blir rettet nå."
    await doctor.press("Send svaret", {"Ja": True, "Begrunnelse": why})
    assert "Legen retter notatet" in (await patient.open(f"{home}/cases")).main
    director = await rig.sign_in(RAGNA, case.replace("doctor", "director"))
    assert "Notatet er ikke rettet ennå" in director.page.main
    await doctor.open(case)
    await doctor.click("Rett notatet")
    await doctor.press(SEND, RIGHT)
    assert "Notatet ble rettet" in (await patient.open(f"{home}/cases")).main


async def test_the_file_that_a_patient_takes_holds_both_versions(rig: Rig) -> None:
    patient, doctor, visit = await signed(rig)
    await put_right(doctor, visit)
    home = (await patient.open("/mine")).path
    await patient.open(f"{home}/take-out")
    path = f"{home}/take-out"
    answer = await patient.raw("POST", path, {"X-CSRF-Token": rig.token(patient, path)})
    with zipfile.ZipFile(BytesIO(await answer.read())) as archive:
        sheet = archive.read("journal.html").decode()
        data = json.loads(archive.read("journal.json"))
    assert "Ring fastlegen" in sheet and NOTE["Plan og råd til pasienten"] in sheet
    assert "Gjelder ikke lenger." in sheet and "Planen var en annens" in sheet
    found = [each["resource"] for each in data["entry"]]
    said = [each["status"] for each in found if each["resourceType"] == "Composition"]
    assert said == ["final", "amended"]
