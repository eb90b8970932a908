"""Papers on the pages: written beside the note, in the patient's hands when it is signed."""

import io
import zipfile

import pytest

from tests.web.browser import Browser
from tests.web.page import Typed
from tests.web.rig import BERIT, JONAS, NOTE, PER, Rig
from venterom.journal.papers import code
from venterom.journal.papers.tables import ErrandRow, PaperDraftRow, PaperRow
from venterom.web.limits import SECRETS

pytestmark = pytest.mark.slow

SICK = {
    "Første dag": "24.11.2026",
    "Siste dag": "25.11.2026",
    "Funksjon": "Kan ikke sitte",
    "Aktivitet på arbeidsplassen": "Vurdert",
    "Begrunnelse": "Trolig meslinger",
}


async def prescribe(
    doctor: Browser, visit: str, typed: str = "prøvepress 10", more: Typed | None = None
) -> Browser:
    """A renewal in a few keys: search, dosage, use, enter."""
    await doctor.open(f"/doctor/visit/{visit}/papers/prescription")
    await doctor.press("Søk", {"Finn legemiddel": typed})
    said: Typed = {"Dosering": "1 tablett daglig", "Bruk": "mot høyt blodtrykk"}
    await doctor.press("Legg ved som fornyelse", {**said, **(more or {})})
    return doctor


async def sign(rig: Rig, doctor: Browser, visit: str) -> None:
    """Hang up, write, sign."""
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)


async def paper_of(rig: Rig) -> str:
    """The id of the only paper."""
    (row,) = await rig.rows(PaperRow)
    return str(row.paper)


async def test_a_renewal_takes_a_search_and_three_fields_and_is_in_the_patients_hands(
    rig: Rig,
) -> None:
    patient, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    assert "Prøvepress tab 10 mg" in doctor.page.text and "Papirer" in doctor.page.text
    assert "Papirer (1)" in (await doctor.open(f"/doctor/visit/{visit}")).text
    assert (await patient.open(f"/visit/{visit}")).text.count("Resept") == 0  # not before
    await sign(rig, doctor, visit)
    page = await patient.open(f"/visit/{visit}")
    assert "Papirene dine" in page.text and "Prøvepress tab 10 mg" in page.text
    address = f"/visit/{visit}/paper/{await paper_of(rig)}"
    assert address in page.body
    answer = await patient.raw("GET", address)
    assert answer.content_type == "application/pdf" and (await answer.read()).startswith(
        b"%PDF-1.7"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert not await rig.rows(PaperDraftRow)


async def test_papers_are_in_the_patients_own_record_and_in_what_she_takes_out(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    await sign(rig, doctor, visit)
    await patient.open("/mine")
    [link] = [n.attributes["href"] for n in patient.page.tree.every("a") if visit in str(n)]
    page = await patient.open(link)
    assert "Prøvepress tab 10 mg" in page.text
    answer = await patient.raw("GET", f"{link}/paper/{await paper_of(rig)}")
    pdf = await answer.read()
    assert (answer.status, answer.content_type, pdf[:5]) == (200, "application/pdf", b"%PDF-")
    await patient.click("Last ned")
    take = patient.page.path
    taken = await patient.raw("POST", take, {"X-CSRF-Token": rig.token(patient, take)})
    with zipfile.ZipFile(io.BytesIO(await taken.read())) as archive:
        [name] = [name for name in archive.namelist() if name.startswith("papirer/")]
        assert archive.read(name) == pdf
        assert "1 papir ligger i mappen" in archive.read("journal.html").decode()


async def test_without_the_module_the_doctor_is_told_and_nothing_pretends(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    page = await doctor.open(f"/doctor/visit/{visit}/papers")
    assert "Resepter kan ikke sendes elektronisk herfra." in page.text
    page = await doctor.open(f"/doctor/visit/{visit}/papers/prescription")
    assert "Resepten sendes ikke elektronisk. Den skrives på papir." in page.text
    await prescribe(doctor, visit)
    await sign(rig, doctor, visit)
    await rig.jobs()
    assert not await rig.rows(ErrandRow)
    page = await patient.open(f"/visit/{visit}")
    assert "apotek" not in page.text.lower()
    assert "Sendt" not in (await doctor.open(f"/doctor/visit/{visit}/papers")).text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("prøvesov", "Gruppe A og B skrives ikke ut på video."),
        ("prøvemorf", "Gruppe A og B skrives ikke ut på video."),
        ("prøvecillin", "Antibiotika trenger en begrunnelse."),
        ("prøveretin", "Svar på om resepten er til en kvinne."),
    ],
)
async def test_a_rule_refuses_in_words_that_say_what_to_do_and_loses_nothing(
    rig: Rig, typed: str, says: str
) -> None:
    _, doctor, visit = await rig.consult()
    await prescribe(doctor, visit, typed)
    assert doctor.page.status == 422 and says in doctor.page.text
    assert 'value="1 tablett daglig"' in doctor.page.body
    assert not await rig.rows(PaperDraftRow)


async def test_a_sick_note_needs_a_door_and_is_not_for_yesterday(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    address = f"/doctor/visit/{visit}/papers/sick_note"
    await doctor.open(address)
    page = await doctor.press("Legg ved notatet", SICK)
    assert "ett av de tre unntakene i folketrygdloven § 8-7" in page.text
    page = await doctor.press(
        "Legg ved notatet", {"Smittsom sykdom": True, "Første dag": "23.11.2026"}
    )
    assert "Sykmeldingen kan ikke gjelde før i dag." in page.text
    page = await doctor.press("Legg ved notatet", {"Første dag": "24.11.2026"})
    assert "24.11.2026–25.11.2026" in page.text
    await sign(rig, doctor, visit)
    assert "Sykmelding" in (await patient.open(f"/visit/{visit}")).text


async def test_needs_physical_examination_is_the_first_thing_that_the_patient_reads(
    rig: Rig,
) -> None:
    patient, doctor, visit = await rig.consult()
    await doctor.open(f"/doctor/visit/{visit}/papers/examination")
    await doctor.press(
        "Legg ved notatet", {"Legevakt": True, "I dag": True, "Hvorfor": "Magen må kjennes på"}
    )
    await sign(rig, doctor, visit)
    page = await patient.open(f"/visit/{visit}")
    said = "Du må undersøkes fysisk: legevakt, 116 117, i dag."
    assert said in page.text and page.text.index(said) < page.text.index("Dette ble dere enige om")


async def test_a_paper_is_dropped_before_signing_and_then_is_nowhere(rig: Rig) -> None:
    _, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    page = await doctor.press("Ta bort Resept")
    assert "Ingen papirer ennå." in page.text
    await sign(rig, doctor, visit)
    assert not await rig.rows(PaperRow)


async def test_only_patient_and_doctor_have_it(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    await sign(rig, doctor, visit)
    name = await paper_of(rig)
    for browser, path in (
        (await rig.sign_in(PER), f"/visit/{visit}/paper/{name}"),
        (await rig.doctor(JONAS), f"/doctor/visit/{visit}/paper/{name}"),
        (patient, f"/visit/{visit}/paper/none"),
    ):
        assert (await browser.raw("GET", path)).status == 404
    insurer = await rig.sign_in(BERIT, "/insurer")
    assert (await insurer.raw("GET", f"/visit/{visit}/paper/{name}")).status == 303
    assert (await doctor.raw("GET", f"/doctor/visit/{visit}/paper/{name}")).status == 200


async def test_whoever_holds_it_checks_it_and_sees_when_it_was_withdrawn(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[bytes] = []
    written = code.write

    def write(made: bytes) -> str:
        printed.append(made)
        return written(made)

    monkeypatch.setattr(code, "write", write)
    _, doctor, visit = await rig.consult()
    await prescribe(doctor, visit)
    await sign(rig, doctor, visit)
    pharmacy = await rig.browser()
    await pharmacy.open("/paper")
    typed = written(printed[0]).lower().replace("-", " ")
    page = await pharmacy.press("Kontroller", {"Kontrollkode": typed})
    assert "Papiret er ekte." in page.text and "Prøvepress tab 10 mg" in page.text
    assert "mot høyt blodtrykk" not in page.text  # what it is for is nobody's to check
    await doctor.open(f"/doctor/visit/{visit}/papers")
    page = await doctor.press("Noe er galt")
    assert "Trukket tilbake" in page.text
    page = await pharmacy.press("Kontroller", {"Kontrollkode": typed})
    assert "Papiret er trukket tilbake." in page.text and "Papiret er ekte." not in page.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "En kode har 26 tegn."),
        ("abc", "En kode har 26 tegn."),
        ("0000-0000-0000-0000-0000-0000-00", "Vi kjenner ikke denne koden."),
    ],
)
async def test_what_is_not_known_is_said_and_no_more(rig: Rig, typed: str, says: str) -> None:
    stranger = await rig.browser()
    await stranger.open("/paper")
    page = await stranger.post("/paper", {"code": typed})
    assert says in page.text and "ekte." not in page.text


async def test_codes_cannot_be_gone_through(rig: Rig) -> None:
    stranger = await rig.browser()
    await stranger.open("/paper")
    statuses = [await _try_code(stranger, n) for n in range(SECRETS.burst + 2)]
    assert statuses == [200] * SECRETS.burst + [429] * 2
    rig.clock.tick(minutes=2)
    assert await _try_code(stranger, 0) == 200


async def _try_code(stranger: Browser, n: int) -> int:
    sent = {"csrf": stranger.page.token, "code": f"{n:026d}"}
    by_proxy = {"X-Forwarded-For": "203.0.113.9"}
    return (await stranger.raw("POST", "/paper", by_proxy, data=sent)).status
