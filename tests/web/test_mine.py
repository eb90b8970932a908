"""«Min journal» as people use it: reading, the log, blocks, wishes, consents, proxies, the file."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.journal.papers.test_pdf import words
from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.rig import BERIT, JONAS, KARI, NOTE, PER, RAGNA, REASON, SOLVEIG, Rig
from tests.web.test_insurer import OWN, look_up
from tests.web.test_whom import IDA
from venterom.journal import receipts, reducing
from venterom.journal.chain import Action
from venterom.journal.jws import keys_from_jwks
from venterom.journal.tables import AuditRow, ConsentRow, VisitRow
from venterom.journal.tables import EntryRow as NoteRow
from venterom.queue.tables import EntryRow
from venterom.server import jobs
from venterom.web import mine_log
from venterom.web.intake import Step
from venterom.web.work import work

pytestmark = pytest.mark.slow
WHY = "Pasienten er bevisstløs, vi må vite om medisiner"


async def actions(rig: Rig) -> list[tuple[str, str]]:
    return [(row.action, row.purpose) for row in await rig.rows(AuditRow)]


async def test_the_patient_reads_her_note_and_it_is_logged(rig: Rig) -> None:
    patient, _, visit = await rig.signed()
    page = await patient.open("/mine")
    assert page.title == "Min journal" and SOLVEIG in page.main
    [link] = [n.attributes["href"] for n in page.tree.every("a") if visit in n.attributes["href"]]
    page = await patient.open(link)
    for text in (NOTE["Funn"], NOTE["Plan og råd til pasienten"], "R74", "lege hos Venterom"):
        assert text in page.main
    assert (await actions(rig))[-2:] == [
        ("record.opened", "PATRQT/own"),
        ("note.read", "PATRQT/own"),
    ]


async def test_who_asks_for_a_note_whose_copy_is_gone_is_told_where_it_is(rig: Rig) -> None:
    patient, doctor, visit = await rig.signed()
    await jobs.deliver(rig.app)
    rig.clock.tick(minutes=2)
    async with work(rig.app) as unit:
        assert await reducing.reduce(unit.db, unit.now, timedelta(minutes=1), [visit]) == 1
    page = await patient.open("/mine")
    assert SOLVEIG in page.main and "Ligger i journalsystemet." in page.main
    [row] = await rig.rows(VisitRow, id=visit)
    for path in (f"/mine/{row.patient}/note/{visit}", f"/visit/{visit}"):
        page = await patient.open(path)
        assert "kopien her er slettet" in page.main, path
        assert NOTE["Plan og råd til pasienten"] not in page.text
    page = await doctor.open(f"/doctor/visit/{visit}")
    assert "Teksten ligger i journalsystemet" in page.main and NOTE["Funn"] not in page.text
    await patient.open("/mine")
    page = await patient.click("Hvem har sett")
    assert "Slettet sin kopi av notatet" in page.main
    assert "Journalsystemet har bekreftet" in page.main


async def test_a_note_that_is_not_signed_is_not_there(rig: Rig) -> None:
    patient, _, visit = await rig.consult()
    page = await patient.open("/mine")
    assert "Det er ingen notater her" in page.main
    [row] = await rig.rows(VisitRow, id=visit)
    for path in ("", "/wrong"):
        assert (await patient.open(f"/mine/{row.patient}/note/{visit}{path}")).status == 404


async def test_the_log_says_who_when_why_and_at_what(rig: Rig) -> None:
    patient, _, _ = await rig.signed()
    await patient.open("/mine")
    page = await patient.click("Hvem har sett")
    for text in (
        f"{SOLVEIG}, lege, HPR",
        "Venterom",
        "Leste det som ble skrevet før timen",
        "Hadde time med pasienten",
        "24. nov. 2026",
        "Kan lese det som gjelder timen, i 14 dager etter den.",
        "Du",
    ):
        assert text in page.main, text
    assert REASON not in page.main


def test_the_log_has_words_for_all_that_is_done() -> None:
    assert set(mine_log.WHAT) == set(Action)


async def test_a_parent_reads_for_a_child_until_the_night_before_it_is_16(rig: Rig) -> None:
    patient = await rig.arrive(KARI, who=IDA)
    await patient.press("Ja, jeg venter")
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    [row] = await rig.rows(VisitRow)
    await rig.meet(row.id)
    await rig.hang_up(doctor, row.id)
    await doctor.press("Signer og send", NOTE)
    page = await patient.open("/mine")
    assert "Det er ingen notater her" in page.main  # her own is empty
    page = await patient.click(IDA)
    assert f"Dette er journalen til {IDA}" in page.main and SOLVEIG in page.main
    assert "Fullmakt" not in page.text
    assert (await patient.open(f"/mine/{row.patient}/note/{row.id}")).status == 200
    stranger = await rig.sign_in(PER)
    assert (await stranger.open(f"/mine/{row.patient}")).status == 404


@beginning
async def blocked(rig: Rig, against: str = "Alle leger") -> tuple[Browser, Browser, str]:
    """A patient who has blocked her record and is with another doctor now."""
    patient, _, _ = await rig.signed()
    await patient.open("/mine")
    await patient.click("Sperre")
    await patient.press("Sperr", {against: True})
    [entry] = await rig.rows(EntryRow)
    patient, doctor, visit = await rig.consult(KARI, JONAS)
    assert entry.visit != visit
    return patient, doctor, visit


async def test_a_blocked_doctor_sees_that_and_breaks_the_glass_for_a_reason(rig: Rig) -> None:
    patient, doctor, visit = await blocked(rig)
    page = await doctor.click("Tidligere notater")
    assert "Pasienten har sperret journalen." in page.main
    assert "1 notat er sperret for deg." in page.main and NOTE["Funn"] not in page.text
    page = await doctor.press("Åpne i fire timer", {"reason": "haster"})
    assert page.status == 422 and "minst 15 tegn" in page.trouble("reason")
    page = await doctor.press("Åpne i fire timer", {"reason": WHY})
    assert NOTE["Funn"] in page.main and "16:00" in page.main  # four hours from noon
    assert ("note.read", "ETREAT/glass") in await actions(rig)
    page = await patient.open("/mine")
    page = await patient.click("Hvem har sett")
    assert "Åpnet det som er sperret" in page.main and WHY in page.main
    assert "Fare for liv eller helse" in page.main
    rig.clock.tick(hours=4)
    director = await rig.sign_in(RAGNA, "/director/glass")
    assert JONAS in director.page.main and WHY in director.page.main
    assert KARI not in director.page.text
    assert ("glass.checked", "HOPERAT/control") in await actions(rig)


async def test_a_lifted_block_lets_the_doctor_read(rig: Rig) -> None:
    patient, doctor, _ = await blocked(rig)
    await patient.open("/mine")
    await patient.click("Sperre")
    page = await patient.press("Opphev sperringen")
    assert "Dette er sperret nå" not in page.main
    page = await doctor.click("Tidligere notater")
    assert NOTE["Funn"] in page.main


async def test_a_doctor_blocked_by_name_is_told_in_the_room_when_all_is_signed(rig: Rig) -> None:
    _, doctor, visit = await blocked(rig, JONAS)
    assert REASON in doctor.page.main  # what she has come with is not blocked
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    assert page.path.endswith("/earlier") and "Pasienten har sperret journalen." in page.main


async def test_nobody_blocks_somebody_who_is_no_doctor_here(rig: Rig) -> None:
    patient = await rig.sign_in(KARI)
    await patient.open("/mine")
    page = await patient.click("Sperre")
    page = await patient.post(page.path, {"against": "nobody"})
    assert page.status == 422 and "Velg hvem du vil sperre for." in page.main


@beginning
async def asked(rig: Rig, kind: str = "At det blir rettet") -> tuple[Browser, Browser]:
    patient, doctor, visit = await rig.signed()
    [row] = await rig.rows(VisitRow, id=visit)
    await patient.open(f"/mine/{row.patient}/note/{visit}")
    await patient.click("Er noe galt i notatet?")
    await patient.press("Send inn", {kind: True, "wish": "Jeg har aldri hatt feber"})
    return patient, doctor


async def test_a_refusal_says_why_and_where_to_complain(rig: Rig) -> None:
    patient, doctor = await asked(rig)
    assert "Svar kommer senest 22. des. 2026." in patient.page.main
    await doctor.open("/doctor/cases")
    page = await doctor.click("Retting, 24. nov. 2026")
    assert "Jeg har aldri hatt feber" in page.main
    page = await doctor.press("Send svaret", {"Nei": True, "reason": "nei"})
    assert page.status == 422 and "minst 15 tegn" in page.trouble("reason")
    page = await doctor.press("Send svaret", {"Nei": True, "reason": "Notatet er slik du sa det."})
    assert "Svart nei" in page.main
    page = await patient.reload()
    assert "Notatet er slik du sa det." in page.main and "Statsforvalteren" in page.main
    assert [a for a, _ in await actions(rig) if a.startswith("case")] == [
        "case.asked",
        "case.read",
        "case.read",
        "case.answered",
    ]


async def test_the_director_sees_what_is_late_and_answers(rig: Rig) -> None:
    patient, _ = await asked(rig, "At det blir slettet")
    rig.clock.tick(days=28)
    director = await rig.sign_in(RAGNA, "/director/cases")
    assert "Frist 22. des. 2026" in director.page.main
    await director.click("Sletting, 24. nov. 2026")
    page = await director.press("Send svaret", {"Ja": True, "reason": "Det var en annen pasient."})
    assert "Skal slettes" in page.main
    patient = await rig.sign_in(KARI, "/mine")
    page = await patient.click("Retting")
    assert "en annen enn den som svarte" in page.main


async def test_a_note_is_deleted_by_two_and_the_patient_sees_by_whom(rig: Rig) -> None:
    patient, doctor = await asked(rig, "At det blir slettet")
    await doctor.open("/doctor/cases")
    await doctor.click("Sletting, 24. nov. 2026")
    await doctor.press("Send svaret", {"Ja": True, "reason": "Det gjaldt en annen pasient."})
    page = await doctor.click("Sletting, 24. nov. 2026")
    assert "en annen enn den som svarte" in page.main and "Slett for godt" not in page.main
    refused = await doctor.post(f"{page.path}/delete", {"ground": "asked"})
    assert refused.status == 404
    director = await rig.sign_in(RAGNA, "/director/cases")
    await director.click("Sletting, 24. nov. 2026")
    page = await director.press("Slett for godt", careless=True)
    assert page.status == 422 and "Velg hvorfor notatet slettes." in page.main
    page = await director.press("Slett for godt", {"Det gjelder en annen pasient": True})
    assert "Notatet ble slettet 24. nov. 2026." in page.main
    page = await patient.reload()
    assert "Slettet" in page.main and "Se notatet" not in page.main
    [row] = await rig.rows(NoteRow)
    assert row.ciphertext == b""
    page = await patient.open(f"/mine/{row.patient}/note/{row.visit}")
    assert page.status == 404
    page = await patient.open(f"/mine/{row.patient}/log")
    assert "Slettet notatet" in page.main and "Notatet gjaldt en annen pasient" in page.main


async def test_a_doctor_whose_note_stands_with_the_wrong_patient_has_it_deleted(rig: Rig) -> None:
    _, doctor, visit = await rig.signed()
    await doctor.open(f"/doctor/visit/{visit}/wrong-patient")
    page = await doctor.press("Be om sletting", careless=True)
    assert page.status == 422
    page = await doctor.press("Be om sletting", {"wish": "Jeg hadde feil journal åpen"})
    assert "Det legen skriver" in page.main and "Jeg hadde feil journal åpen" in page.main
    await doctor.press("Send svaret", {"Ja": True, "reason": "Notatet gjelder en annen."})
    director = await rig.sign_in(RAGNA, "/director/cases")
    await director.click("Sletting, 24. nov. 2026")
    page = await director.press("Slett for godt", {"Det gjelder en annen pasient": True})
    assert "Notatet ble slettet" in page.main
    assert ("case.asked", "TREAT/care") in await actions(rig)


async def test_what_was_asked_for_is_not_asked_for_twice(rig: Rig) -> None:
    patient, _ = await asked(rig)
    await patient.click("Se notatet")
    await patient.click("Er noe galt i notatet?")
    page = await patient.press("Send inn", {"At det blir rettet": True, "wish": "Igjen"})
    assert page.status == 422 and "innen fristen" in page.main
    page = await patient.press("Send inn", careless=True)
    assert page.status == 422


async def test_the_receipt_is_a_file_that_holds_without_us(rig: Rig) -> None:
    patient, _, _ = await rig.signed()
    await patient.open("/mine")
    page = await patient.click("Samtykker")
    links = [n.attributes["href"] for n in page.tree.every("a") if "download" in n.attributes]
    assert len(links) == 2  # what was read, and what was agreed to
    ours = keys_from_jwks(json.loads((await patient.open("/receipts/keys.json")).body))
    kinds = set()
    for link in links:
        file = (await patient.open(link)).body
        checked = receipts.check(file, ours)
        assert checked.ours and checked.text
        kinds.add(checked.said["kind"])
        assert KARI not in file
    assert kinds == {"notice", "consent"}


async def withdraw(rig: Rig, patient: Browser) -> None:
    await patient.open("/mine")
    await patient.click("Samtykker")
    page = await patient.press("Trekk samtykket tilbake")
    assert "Samtykke trukket tilbake" in page.main


async def test_a_consent_withdrawn_while_waiting_gives_the_place_up(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    await withdraw(rig, patient)
    [entry] = await rig.rows(EntryRow, visit=visit)
    assert entry.state == "cancelled"
    assert [row.kind for row in await rig.rows(ConsentRow)].count("withdrawal") == 1


async def test_a_consent_withdrawn_in_the_call_ends_it_and_the_note_is_still_signed(
    rig: Rig,
) -> None:
    patient, doctor, visit = await rig.consult()
    await withdraw(rig, patient)
    [entry] = await rig.rows(EntryRow, visit=visit)
    assert entry.state == "wrap"
    await doctor.open(f"/doctor/visit/{visit}")
    await doctor.press("Signer og send", NOTE)
    done = [action for action, _ in await actions(rig)]
    assert done.index("consent.withdrawn") < done.index("note.signed")
    again = await rig.sign_in(KARI, "/start")  # and next time one is asked again
    await rig.answer(again, Step.POLICY)
    await rig.answer(again, Step.WHO)
    await rig.answer(again, Step.REASON)
    assert again.page.path == "/start/consent"


async def test_who_has_consented_is_not_asked_again(rig: Rig) -> None:
    await rig.signed()
    again = await rig.sign_in(KARI, "/start")
    for step in (Step.POLICY, Step.WHO, Step.REASON):
        await rig.answer(again, step)
    assert again.page.path == "/start/offer"


async def test_a_proxy_is_given_used_and_taken_back(rig: Rig) -> None:
    patient, _, visit = await rig.signed()
    per = next(each.who for each in rig.world.patients if each.who.name == PER)
    await patient.open("/mine")
    await patient.click("Fullmakt")
    typed = {
        "Navn": PER,
        "Fødselsdato": per.birth_date.strftime("%d.%m.%Y"),
        "Fødselsnummer": per.number,
    }
    page = await patient.press("Gi fullmakt", typed)
    assert page.status == 422 and "Velg hvor lenge" in page.main
    page = await patient.press("Gi fullmakt", {**typed, "30 dager": True})
    assert "Til og med 24. des. 2026" in page.main
    holder = await rig.sign_in(PER, "/mine")
    page = await holder.click(KARI)
    assert SOLVEIG in page.main and "Sperre" not in page.text
    assert (await holder.open(f"{page.path}/note/{visit}")).status == 200
    assert (await holder.open(f"{page.path}/blocks")).status == 404
    take = f"{page.path}/take-out"
    answer = await holder.raw("POST", take, {"X-CSRF-Token": rig.token(holder, take)})
    assert (answer.status, answer.content_type) == (200, "application/zip")
    page = await patient.click("Hvem har sett")
    assert "Ga en fullmakt" in page.main and f"{PER}" in page.main and "Har fullmakt" in page.main
    await patient.click("Fullmakt")
    await patient.press("Trekk fullmakten tilbake")
    assert (await holder.open(page.path.removesuffix("/log"))).status == 404


async def test_everything_comes_as_one_file(rig: Rig) -> None:
    patient, _, visit = await rig.signed()
    await patient.open("/mine")
    page = await patient.click("Last ned")
    answer = await patient.raw("POST", page.path, {"X-CSRF-Token": rig.token(patient, page.path)})
    assert answer.content_type == "application/zip"
    files = zipfile.ZipFile(io.BytesIO(await answer.read()))
    sheet = files.read("journal.html").decode()
    assert KARI in sheet and NOTE["Funn"] in sheet and SOLVEIG in sheet
    assert "<h4>ICPC-2</h4>" in sheet  # and no line more of the plan above it
    to_print = words(files.read("journal.pdf"))
    assert KARI in to_print and NOTE["Funn"] in to_print and SOLVEIG in to_print
    bundle = json.loads(files.read("journal.json"))
    assert Bundle.model_validate(bundle).type == "collection"
    kinds = {each["resource"]["resourceType"] for each in bundle["entry"]}
    assert kinds >= {"Patient", "Composition", "DocumentReference", "Consent", "AuditEvent"}
    assert len([name for name in files.namelist() if name.startswith("samtykker/")]) == 2
    assert [a for a, _ in await actions(rig)].count("record.taken_out") == 1


async def test_the_file_tells_what_insurers_have_looked_up_as_the_log_does(rig: Rig) -> None:
    patient, _, _ = await rig.signed()
    clerk = await rig.sign_in(BERIT, "/insurer")
    for name in (KARI, KARI, PER):
        await look_up(clerk, rig.policy(name))
    home = (await patient.open("/mine")).path
    log = (await patient.open(f"{home}/log")).main
    path = f"{home}/take-out"
    answer = await patient.raw("POST", path, {"X-CSRF-Token": rig.token(patient, path)})
    files = zipfile.ZipFile(io.BytesIO(await answer.read()))
    sheet = files.read("journal.html").decode()
    for shown in (log, sheet):
        assert f"Slo opp polisen {rig.policy(KARI)}, 2 ganger" in shown.replace(" ,", ",")
        assert BERIT in shown and rig.policy(PER) not in shown
    found = [each["resource"] for each in json.loads(files.read("journal.json"))["entry"]]
    events = [each for each in found if each["resourceType"] == "AuditEvent"]
    [seen] = [each for each in events if each["subtype"][0]["code"] == "policy.looked_up"]
    assert [who["who"]["display"] for who in seen["agent"]] == [BERIT, OWN]
