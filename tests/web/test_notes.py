"""The note: saved as it grows, never over somebody else's words, and final once it is signed."""

import json
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest

from tests.web.browser import Browser
from tests.web.rig import KARI, NOTE, PER, SOLVEIG, Rig
from tests.web.test_whom import EMIL
from venterom.journal import chart
from venterom.journal.chain import Action
from venterom.journal.epj import Epj
from venterom.journal.epj_answer import Receipt
from venterom.journal.errors import EpjRefused, EpjUnreachable
from venterom.journal.fhir import Resource
from venterom.journal.tables import AuditRow, DeliveryRow, DraftRow, VisitRow
from venterom.journal.tables import EntryRow as RecordRow
from venterom.queue.coverage.tables import UseRow
from venterom.server import jobs
from venterom.web.identity import invitations
from venterom.web.identity.companions import GuestKind
from venterom.web.identity.tables import LinkRow
from venterom.web.intake import Step
from venterom.web.keys import IDENTITY_KEYS, LINK_KEY, RECORD_KEYS
from venterom.web.work import Unit, look, work

pytestmark = pytest.mark.slow

WHOLE = {
    "reason": "Sår hals",
    "findings": "Rød svelg",
    "assessment": "Forkjølelse",
    "plan": "Hvile",
    "icpc2": "R74",
    "place": "Hjemme",
}
LONG = "Ærlig talt, " * 800  # 9 600 characters: long, and allowed


async def save(doctor: Browser, visit: str, body: object, kind: str = "application/json") -> Any:
    """What the script of the note does, and what it is told."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await doctor.raw(
        "PUT",
        f"/doctor/visit/{visit}/note",
        {"X-CSRF-Token": doctor.page.token, "Content-Type": kind},
        data=BytesIO(data),
    )
    said = await answer.text()
    return answer.status, json.loads(said) if said.startswith("{") else said


def draft(version: object = 0, **fields: object) -> dict[str, object]:
    """What the script sends."""
    return {"version": version, "fields": fields}


async def test_what_is_written_is_saved_and_comes_back(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    assert await save(doctor, visit, draft(0, plan="Hvile")) == (
        200,
        {"version": 1, "saved_at": "12:00:00"},
    )
    rig.clock.tick(seconds=7)
    status, said = await save(doctor, visit, draft(1, plan="Hvile og drikke", reason="Sår hals"))
    assert (status, said) == (200, {"version": 2, "saved_at": "12:00:07"})
    page = await doctor.reload()
    assert page.value("Plan og råd til pasienten") == "Hvile og drikke"
    assert page.value("Årsak") == "Sår hals"
    assert page.value("version") == "2" and "Lagret 12:00:07" in page.main


async def test_what_another_window_saved_is_not_written_over(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await save(doctor, visit, draft(0, plan="Fra det første vinduet"))
    assert await save(doctor, visit, draft(0, plan="Fra det andre")) == (409, {"code": "conflict"})
    page = await doctor.reload()
    assert page.value("Plan og råd til pasienten") == "Fra det første vinduet"


BODIES: list[tuple[int, object]] = [
    (400, b""),
    (400, b"{"),
    (400, b"\xff\xfe"),
    (400, b"[" * 100_000),
    (400, b'{"version": ' + b"9" * 5_000 + b', "fields": {}}'),
    (400, []),
    (400, "text"),
    (400, None),
    (400, {}),
    (400, {"version": 0}),
    (400, {"fields": {}}),
    (400, {"version": 0, "fields": []}),
    (400, {"version": 0, "fields": "plan"}),
    (400, {"version": "0", "fields": {}}),
    (400, {"version": True, "fields": {}}),
    (400, {"version": 1.5, "fields": {}}),
    (400, {"version": -1, "fields": {}}),
    (400, {"version": 10**18, "fields": {}}),
    (400, b'{"version": NaN, "fields": {}}'),
    (409, {"version": 7, "fields": {}}),  # a version that never was
    (422, {"version": 0, "fields": {"plan": "a" * 10_001}}),
    (413, {"version": 0, "fields": {"plan": "a" * 700_000}}),
    (200, {"version": 0, "fields": {}}),
    (200, {"version": 1, "fields": {"plan": None, "reason": ["a"], "icpc2": 7}}),
    (200, b'{"version": 2, "fields": {"plan": "halvt par \\ud800 og \\u0000"}}'),
    (200, {"version": 3, "fields": {"plan": "ok"}, "author": "x", "signed_at": "now"}),
]


async def test_no_words_of_a_script_are_a_fault_of_ours(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    for status, body in BODIES:
        assert (await save(doctor, visit, body))[0] == status, body
        assert len(await rig.rows(DraftRow)) == (status == 200), body


# ---- signing


async def test_signing_sends_the_note_on_its_way_and_ends_everything_together(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    await jobs.tell(rig.app)
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    assert page.path == f"/doctor/visit/{visit}"
    assert "Signert 12:00" in page.main and "På vei" in page.main
    assert "0 venter" in page.main and "Til listen" in page.main
    [note] = await rig.rows(RecordRow)
    assert (note.visit, note.author_name, note.author_hpr) == (visit, SOLVEIG, "9990001")
    assert await rig.rows(DraftRow) == []
    [row] = await rig.rows(VisitRow)
    assert (row.stage, row.closed_at) == ("closed", rig.clock.now)
    assert {link.state for link in await rig.rows(LinkRow)} == {"closed"}
    [use] = await rig.rows(UseRow)
    assert (use.visit, use.number) == (visit, rig.policy(KARI))
    assert "Hvile og drikke" in (await patient.open(f"/visit/{visit}")).main
    async with look(rig.app) as unit:
        verdict = await chart.verify(unit.db, rig.app[RECORD_KEYS])
    assert verdict.ok, verdict.first_bad


AMISS = [
    ("Årsak", "", "Skriv noe her."),
    ("Funn", " \n", "Skriv noe her."),
    ("Vurdering", "", "Skriv noe her."),
    ("Plan og råd til pasienten", "\x00", "Skriv noe her."),
    ("Hvor er pasienten nå?", "", "Skriv noe her."),
    ("Nummer å ringe tilbake på", "ukjent", "Dette ser ikke ut som et telefonnummer."),
    ("ICPC-2", "", "Skriv noe her."),
    ("ICPC-2", "74R", "En kode har en bokstav og to siffer, for eksempel R74."),
    ("Plan og råd til pasienten", "a" * 10_001, "Dette ble for langt."),
]


async def test_what_is_missing_is_said_beside_its_field_and_all_that_was_typed_is_kept(
    rig: Rig,
) -> None:
    _patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    for field, typed, trouble in AMISS:
        page = await doctor.press("Signer og send", {**NOTE, field: typed}, careless=True)
        assert (page.status, page.path) == (422, f"/doctor/visit/{visit}/sign"), field
        assert page.trouble(field).startswith(trouble), field
        for name, words in {**NOTE, field: typed.strip("\x00 \n")}.items():
            assert page.value(name) == words, field
    assert await rig.rows(RecordRow) == []


async def test_what_cannot_be_signed_yet_is_stored_all_the_same(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", {**NOTE, "ICPC-2": ""})
    assert page.status == 422
    page = await doctor.open(page.link("NN Nynorsk"))  # a page that only a form leads to
    assert page.path == f"/doctor/visit/{visit}"
    assert page.value("findings") == NOTE["Funn"]


async def test_a_long_note_is_signed_to_its_last_letter(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    long = dict.fromkeys(NOTE, LONG.strip()) | {"ICPC-2": "R74"}
    page = await doctor.press("Signer og send", long)
    assert page.path == f"/doctor/visit/{visit}"
    assert "Signert" in page.main
    assert " ".join(LONG.split()) in (await patient.open(f"/visit/{visit}")).main


async def ask(rig: Rig, unit: Unit, visit: str, name: str) -> str:
    """An interpreter is asked in; the secret of the link."""
    keys, link_key, by = rig.app[IDENTITY_KEYS], rig.app[LINK_KEY], await rig.person(SOLVEIG)
    kind = GuestKind.INTERPRETER
    return await invitations.invite(
        unit.db, keys, link_key, unit.now, visit=visit, by=by, kind=kind, name=name
    )


async def let_in(rig: Rig, unit: Unit, visit: str, name: str) -> None:
    """… and comes."""
    token = await ask(rig, unit, visit, name)
    await invitations.redeem(unit.db, rig.app[LINK_KEY], unit.now, token=token, browser="")
    await invitations.let_in(unit.db, unit.now, visit=visit)


async def test_the_record_holds_who_met_when_and_where(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    async with work(rig.app) as unit:
        await let_in(rig, unit, visit, "Tor Prøve")
        await ask(rig, unit, visit, "Uten Plass")  # who never came
    rig.clock.tick(minutes=12)
    await rig.hang_up(doctor, visit)
    rig.clock.tick(minutes=3)
    more = {"Informasjon gitt": "Ring 113 ved pustebesvær", "Legemidler": "Ingen faste"}
    page = await doctor.press("Signer og send", {**NOTE, **more})
    assert "Videokonsultasjon 24.11.2026 kl. 12.00–12.12." in page.main
    assert f"Til stede: pasienten, {SOLVEIG} (lege), Tor Prøve (tolk)." in page.main
    assert "Her var pasienten: Hjemme, Prøveveien 1" in page.main and "Uten Plass" not in page.main
    page = await patient.open(f"/visit/{visit}")
    assert "Hvile og drikke" in page.main and "Ring 113 ved pustebesvær" in page.main


async def test_a_parent_who_is_with_a_child_took_part(rig: Rig) -> None:
    parent = await rig.arrive(KARI, who=EMIL)
    await rig.answer(parent, Step.OFFER)
    visit = parent.page.path.removeprefix("/visit/")
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    await rig.meet(visit)
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    assert f"{KARI} (forelder)" in page.main


async def test_one_hangs_up_before_one_signs_and_loses_nothing(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    page = await doctor.press("Signer og send", NOTE)
    assert page.status == 422
    assert "Legg på før du signerer. Notatet er lagret." in page.main
    page = await rig.hang_up(doctor, visit)
    assert page.value("Vurdering") == NOTE["Vurdering"]
    await doctor.press("Signer og send")
    assert len(await rig.rows(RecordRow)) == 1


async def test_signing_twice_is_signing_once(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    page = await rig.hang_up(doctor, visit)
    for plan in ("Hvile og drikke", "Noe helt annet"):
        doctor.page = page
        await doctor.press("Signer og send", {**NOTE, "Plan og råd til pasienten": plan})
        assert (doctor.page.status, doctor.page.path) == (200, f"/doctor/visit/{visit}")
    assert len(await rig.rows(RecordRow)) == len(await rig.rows(DeliveryRow)) == 1
    assert len(await rig.rows(UseRow)) == 1
    assert "Hvile og drikke" in doctor.page.main and "Noe helt annet" not in doctor.page.body


async def test_a_note_is_never_signed_by_itself_and_waits_for_its_doctor(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await save(doctor, visit, draft(0, **WHOLE))
    await rig.hang_up(doctor, visit)
    for _ in range(20):
        rig.clock.tick(days=1)
        await rig.jobs()
    assert await rig.rows(RecordRow) == [] and len(await rig.rows(DraftRow)) == 1
    doctor = await rig.doctor()
    assert visit in doctor.page.body and KARI in doctor.page.tree.by_id("mine").text
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert page.value("Plan og råd til pasienten") == WHOLE["plan"]
    await doctor.press("Signer og send")
    assert len(await rig.rows(RecordRow)) == 1


async def test_a_signed_note_cannot_be_written_in(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    page = await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    assert [*doctor.page.tree.every("textarea")] == []
    doctor.page = page
    status, said = await save(doctor, visit, draft(1, plan="Noe annet"))
    assert (status, said) == (409, {"code": "conflict"})
    assert await rig.rows(DraftRow) == []


async def test_signing_over_another_window_shows_both_texts(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    page = await rig.hang_up(doctor, visit)
    await save(doctor, visit, draft(0, plan="Fra det andre vinduet", reason="Hoste"))
    doctor.page = page
    page = await doctor.press("Signer og send", NOTE)
    assert page.status == 422
    assert "Notatet er endret i et annet vindu. Se over det før du signerer." in page.main
    assert page.value("Plan og råd til pasienten") == "Hvile og drikke"
    assert "Fra det andre vinduet" in page.main and "Hoste" in page.main
    assert await rig.rows(RecordRow) == []
    page = await doctor.press("Signer og send")  # it has been looked over
    assert "Hvile og drikke" in page.main and len(await rig.rows(RecordRow)) == 1


async def test_a_version_that_makes_no_sense_is_none_that_was_seen(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    await save(doctor, visit, draft(0, plan="Lagret"))
    path = f"/doctor/visit/{visit}/sign"
    for version in ("", "x", "-1", "9" * 5_000, "٣", "1.5", "<b>"):
        page = await doctor.post(path, {"plan": "Nytt", "version": version})
        assert page.status == 422, version
        assert page.value("Plan og råd til pasienten") == "Nytt" and "Lagret" in page.main


async def test_signing_by_a_doctor_who_lost_the_patient_keeps_the_words(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    rig.clock.tick(seconds=31)
    await rig.jobs()
    page = await doctor.press("Signer og send", NOTE)
    assert (page.status, page.title) == (409, "Venteliste")
    assert "Plassen i køen og tiden er de samme." in page.main
    assert len(await rig.rows(DraftRow)) == 1 and await rig.rows(RecordRow) == []


async def test_markup_in_a_note_is_text_for_the_patient(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    plan = "Ring hvis > 38,5 °C <script>alert(1)</script> & \"'"
    await doctor.press("Signer og send", {**NOTE, "Plan og råd til pasienten": plan})
    assert plan in doctor.page.main and "<script>alert" not in doctor.page.body
    page = await patient.open(f"/visit/{visit}")
    assert plan in page.main and "<script>alert" not in page.body


# ---- on the way to the journal


class Down:
    """Stands in at the door of the journal: it does not answer, or refuses, until it is mended."""

    def __init__(self, behind: Epj) -> None:
        self.fault: Exception | None = EpjUnreachable()
        self._deliver = behind.deliver

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        """As the fault will have it."""
        if self.fault is not None:
            raise self.fault
        return await self._deliver(encounter, bundle)


@pytest.fixture
def down(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Down:
    """The journal is down."""
    journal = rig.app[jobs.EPJ]
    instead = Down(journal)
    monkeypatch.setattr(journal, "deliver", instead.deliver)
    return instead


def trail(page_main: str) -> list[str]:
    """Which of the states stand on the page."""
    states = ("Signert", "På vei", "Sendt", "I journalen", "Ikke i journalen ennå", "Kom ikke frem")
    return [state for state in states if state in page_main]


async def test_the_state_of_the_note_is_on_the_screen_until_it_is_in_the_journal(
    rig: Rig, down: Down
) -> None:
    patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    assert trail(doctor.page.main) == ["Signert", "På vei", "Ikke i journalen ennå"]
    await rig.jobs()
    page = await doctor.reload()
    assert trail(page.main) == ["Signert", "På vei", "Ikke i journalen ennå"]
    assert "På vei til journalen din" in (await patient.open(f"/visit/{visit}")).main
    down.fault = None
    [row] = await rig.rows(DeliveryRow)
    rig.clock.now = max(row.due_at, rig.clock.now)
    await rig.jobs()
    page = await doctor.reload()
    assert trail(page.main) == ["Signert", "Sendt", "I journalen"]
    assert "I journalen din" in (await patient.reload()).main


async def test_a_note_that_the_journal_refuses_is_said_to_have_failed(rig: Rig, down: Down) -> None:
    patient, doctor, visit = await rig.consult()
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    down.fault = EpjRefused("no such patient")
    for _ in range(50):
        [row] = await rig.rows(DeliveryRow)
        if row.state == "failed":
            break
        rig.clock.now = max(row.due_at, rig.clock.now)
        await jobs.deliver(rig.app)
    assert row.state == "failed"
    doctor = await rig.doctor()
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert trail(page.main) == ["Signert", "Ikke i journalen ennå", "Kom ikke frem"]
    page = await doctor.open("/doctor")
    assert "Kom ikke frem. Ring 23 01 48 00." in page.tree.by_id("mine").text
    patient = await rig.sign_in(KARI, f"/visit/{visit}")
    assert "Vi hjelper notatet frem til journalen din." in patient.page.main


async def test_what_a_doctor_reads_again_is_a_line_in_the_log(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult(PER)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    before = len(await rig.rows(AuditRow, action=Action.NOTE_READ))
    await doctor.reload()
    lines = await rig.rows(AuditRow, action=Action.NOTE_READ)
    assert len(lines) == before + 1
    assert isinstance(lines[-1].at, datetime)
