"""A doctor puts a signed note right or adds to it, and the patient sees what, when and why."""

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import insert

from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, NOTE, PER, RAGNA, SOLVEIG, Rig
from venterom.journal import amending, chart
from venterom.journal.rights_tables import AmendmentDraftRow
from venterom.journal.tables import AuditRow, DeliveryRow, EntryRow
from venterom.server import jobs
from venterom.server.notify import feed
from venterom.web.amend import NEWER
from venterom.web.keys import RECORD_KEYS
from venterom.web.notes import CHANGED_ELSEWHERE
from venterom.web.work import look, work

pytestmark = pytest.mark.slow
RIGHT = {"Plan og råd til pasienten": "Ring fastlegen", "Hvorfor?": "Planen var en annens"}
ADDED = {"addition": "Prøven var negativ", "Hvorfor?": "Svaret kom i dag"}
ANEW, ADD, SEND = "Rett heller notatet", "Skriv heller et tillegg", "Signer og send"


async def put_right(doctor: Browser, visit: str) -> None:
    await doctor.open(f"/doctor/visit/{visit}/amend")
    await doctor.press(SEND, RIGHT)


async def test_from_her_own_list_to_a_second_version(rig: Rig) -> None:
    patient, doctor, visit = await rig.signed()
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
    patient, doctor, visit = await rig.signed()
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
    patient, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/amend")
    await doctor.click(ADD)
    await doctor.press(SEND, ADDED)
    home = await patient.open("/mine")
    page = await patient.open(f"{home.path}/note/{visit}")
    assert "Tillegg" in page.main and "Prøven var negativ" in page.main
    assert "gjelder ikke lenger" not in page.main and NOTE["Funn"] in page.main


async def test_what_cannot_be_signed_is_kept_on_the_page(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
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
    _, doctor, visit = await rig.signed()
    other = await rig.doctor(SOLVEIG)
    await other.open(f"/doctor/visit/{visit}/amend?way=add")
    await put_right(doctor, visit)
    page = await other.press(SEND, ADDED)
    assert page.status == 422 and NEWER in page.main and "Ring fastlegen" in page.main
    await other.press(SEND)  # what was typed is still there
    assert [row.version for row in await rig.rows(EntryRow)] == [1, 2, 3]


async def test_pressed_twice_it_is_signed_once(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await put_right(doctor, visit)
    await doctor.open(f"/doctor/visit/{visit}/amend")
    values = {"seen": "1", "way": "add", "why": "Svar", "addition": "Negativ"}
    for expected in (422, 422):
        answer = await doctor.post(f"/doctor/visit/{visit}/amend", values)
        assert answer.status == expected
    for _ in range(2):
        answer = await doctor.post(f"/doctor/visit/{visit}/amend", {**values, "seen": "2"})
        assert answer.path == "/doctor/notes"
    assert [row.version for row in await rig.rows(EntryRow)] == [1, 2, 3]


async def save(doctor: Browser, visit: str, version: int, **fields: object) -> tuple[int, Any]:
    """What the script of the note does, and what it is told."""
    answer = await doctor.raw(
        "PUT",
        f"/doctor/visit/{visit}/amend",
        {"X-CSRF-Token": doctor.page.token, "Content-Type": "application/json"},
        data=BytesIO(json.dumps({"version": version, "fields": fields}).encode()),
    )
    said = await answer.text()
    return answer.status, json.loads(said) if said.startswith("{") else said


# The script sends all fields; what was not among them is empty.
AGAIN = {name: NOTE[name] for name in ("Årsak", "Funn", "Vurdering", "ICPC-2")}
AGAIN["Hvor var pasienten?"] = "Hjemme"
TYPED = {"seen": "1", "way": "anew", "why": "Planen var en annens", "plan": "Ring fastle"}


async def test_what_is_typed_is_saved_and_comes_back_until_it_is_signed(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/amend")
    saved = {"version": 1, "saved_at": "12:00:00"}
    assert await save(doctor, visit, 0, **TYPED) == (200, saved)
    assert await save(doctor, visit, 0, **TYPED) == (200, saved)
    other = await rig.doctor(SOLVEIG)  # another browser: the first one died
    page = await other.open("/doctor/notes")
    assert "Påbegynt, ikke signert" in page.main
    page = await other.open(f"/doctor/visit/{visit}/amend")
    assert page.value("Hvorfor?") == TYPED["why"] and "Lagret 12:00:00" in page.main
    assert page.value("Plan og råd til pasienten") == TYPED["plan"]
    page = await other.open(f"/doctor/visit/{visit}/amend?way=add")  # what was begun is still there
    await other.open(f"/doctor/visit/{visit}/amend")
    page = await other.press(SEND, {**AGAIN, **RIGHT})
    assert page.path == "/doctor/notes" and "Påbegynt" not in page.main
    assert [row.version for row in await rig.rows(EntryRow)] == [1, 2]
    assert await rig.rows(AmendmentDraftRow) == []
    assert await save(doctor, visit, 1, **TYPED) == (409, {"code": "conflict"})


async def test_to_turn_to_an_addition_leaves_the_correction_as_it_was(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    amend = f"/doctor/visit/{visit}/amend"
    await doctor.open(amend)
    assert (await save(doctor, visit, 0, **TYPED))[0] == 200
    page = await doctor.open(f"{amend}?way=add")
    assert page.value("addition") == "" and page.value("version") == "0"
    added = {"seen": "1", "way": "add", "why": "Svar", "addition": "Negativ"}
    assert (await save(doctor, visit, 0, **added))[0] == 200
    page = await doctor.open(f"{amend}?way=anew")
    assert page.value("Plan og råd til pasienten") == TYPED["plan"]
    page = await doctor.open(f"{amend}?way=add")
    assert page.value("addition") == "Negativ"
    await doctor.press(SEND)
    page = await doctor.open(amend)
    assert NEWER in page.main and page.value("Plan og råd til pasienten") == TYPED["plan"]


async def test_an_addition_that_was_begun_opens_as_one(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/amend")
    begun = {"seen": "1", "way": "add", "why": "Svar", "addition": "Negat"}
    assert (await save(doctor, visit, 0, **begun))[0] == 200
    page = await doctor.open(f"/doctor/visit/{visit}/amend")
    assert page.value("addition") == "Negat" and page.value("way") == "add"
    page = await doctor.press(SEND, {**ADDED, "addition": "a" * 10_001}, careless=True)
    assert page.status == 422 and page.trouble("addition").startswith("Dette ble for langt")
    assert "Dette er lagret" in page.main and "Negat" in page.main
    await doctor.press(SEND, ADDED)
    assert [row.version for row in await rig.rows(EntryRow)] == [1, 2]


async def test_what_another_window_saved_is_shown_before_anything_is_signed(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/amend")
    other = await rig.doctor(SOLVEIG)
    await other.open(f"/doctor/visit/{visit}/amend")
    assert (await save(other, visit, 0, **TYPED))[0] == 200
    assert await save(doctor, visit, 0, **{**TYPED, "plan": "Noe annet"}) == (
        409,
        {"code": "conflict"},
    )
    page = await doctor.press(SEND, RIGHT)
    assert page.status == 422 and CHANGED_ELSEWHERE in page.main
    assert "Ring fastle" in page.tree.by_id("stored").text
    assert page.value("Plan og råd til pasienten") == "Ring fastlegen"
    assert len(await rig.rows(EntryRow)) == 1
    await doctor.press(SEND)
    assert [row.version for row in await rig.rows(EntryRow)] == [1, 2]


async def test_what_cannot_be_signed_yet_is_stored_all_the_same(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/amend")
    await doctor.press(SEND, {**RIGHT, "ICPC-2": ""})
    page = await doctor.open(f"/doctor/visit/{visit}/amend")
    assert page.value("Plan og råd til pasienten") == "Ring fastlegen"


async def test_who_goes_on_upon_a_note_that_somebody_put_right_is_told_so(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/amend")
    await save(doctor, visit, 0, **TYPED)
    [begun] = await rig.rows(AmendmentDraftRow)
    await doctor.reload()
    await doctor.press(SEND, {**AGAIN, **RIGHT})
    async with work(rig.app) as unit:  # as if somebody else had signed that
        await unit.db.execute(insert(AmendmentDraftRow).values(**begun._mapping))
    page = await doctor.open(f"/doctor/visit/{visit}/amend")
    assert page.status == 200 and NEWER in page.main and TYPED["plan"] in page.main
    assert page.value("seen") == "2"


async def test_no_words_of_a_script_are_a_fault_of_ours(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/amend")
    for status, fields in (
        (409, {}),  # a note that nobody has seen
        (409, {**TYPED, "seen": "9" * 30}),
        (422, {**TYPED, "why": "a" * 10_001}),
        (200, {**TYPED, "way": "sideways", "addition": None, "plan": ["a"]}),
    ):
        assert (await save(doctor, visit, 0, **fields))[0] == status, fields
    assert (await save(doctor, visit, -1, **TYPED))[0] == 400
    stranger = await rig.doctor(JONAS)
    assert (await save(stranger, visit, 0, **TYPED))[0] == 404


async def test_older_notes_are_a_page_away_and_to_open_one_is_a_line_in_the_log(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amending, "PAGE", 1)
    _, _, first = await rig.signed()
    await rig.signed(PER)
    rig.clock.tick(days=40)
    doctor = await rig.doctor()
    page = await doctor.open("/doctor/notes")
    assert PER in page.main and KARI not in page.main and "Vis nyere" not in page.main
    page = await doctor.click("Vis eldre")
    assert KARI in page.main and PER not in page.main and "Vis eldre" not in page.main
    await doctor.click("Vis nyere")
    page = await doctor.click("Vis eldre")
    before = await rig.rows(AuditRow, visit=first)
    page = await doctor.click(f"Rett eller føy til {KARI}")
    assert "Teksten er ikke her" in page.main  # so that is no reading
    assert await rig.rows(AuditRow, visit=first) == before
    await doctor.press(SEND, ADDED)
    assert [row.version for row in await rig.rows(EntryRow, visit=first)] == [1, 2]
    for odd in ("before=x", "before=-1", "after=99999999999999999999", "before=0"):
        assert (await doctor.open(f"/doctor/notes?{odd}")).status == 200


async def test_another_doctor_finds_nothing_there(rig: Rig) -> None:
    _, _, visit = await rig.signed()
    other = await rig.doctor(JONAS)
    page = await other.open(f"/doctor/visit/{visit}/amend")
    assert page.status == 404
    assert KARI not in (await other.open("/doctor/notes")).main


async def test_the_patient_is_told_that_something_was_written(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
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
    patient, doctor, visit = await rig.signed()
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
    patient, doctor, visit = await rig.signed()
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
