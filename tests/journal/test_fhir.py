"""The bundle for the EPJ: valid by the models, and right where the models do not look."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.journal.make import KEYS, NOON, NOTE, after
from tests.journal.papers.make import BODIES
from venterom.journal import entry, fhir, fhir_sections, jws, meeting, note
from venterom.journal.contact import Telephone, Why
from venterom.journal.entry import Content, Manifest, Picture
from venterom.journal.fhir import SignedNote
from venterom.journal.meeting import Other, Part
from venterom.journal.note import NoteFields
from venterom.journal.papers.paper import Body, Issued
from venterom.journal.protection import Encryption, Protection, Words, sentences

MANIFEST = Manifest(
    visit="aB3_x-Y9",
    version=1,
    patient="f" * 64,
    author="dr-berg",
    author_hpr="9999001",
    author_name="Berit Prøveberg",
    sign_in="s",
    signed_at=entry.to_ms(after(minutes=20)),
    withheld=False,
    content_hash="c" * 64,
    after="0" * 64,
)
CONTENT = Content(NOTE, NOON, after(minutes=15))
SIGNED = SignedNote(
    MANIFEST,
    CONTENT,
    jws.sign(entry.manifest_payload(MANIFEST), KEYS.signing, KEYS.kid, entry.TYPE),
)
KEPT = Protection(Encryption.END_TO_END, Words.MATCHED)
NATIONAL = "urn:oid:2.16.578.1.12.4.1.1."


def resource(kind: str, signed: SignedNote = SIGNED) -> dict[str, Any]:
    found = [item["resource"] for item in fhir.bundle(signed)["entry"]]
    (one,) = [item for item in found if item["resourceType"] == kind]
    return dict(one)


@pytest.mark.parametrize(
    "signed",
    [
        SIGNED,
        replace(SIGNED, manifest=replace(MANIFEST, withheld=True)),
        replace(SIGNED, content=replace(CONTENT, note=replace(NOTE, history=""))),
        replace(SIGNED, content=replace(CONTENT, protection=KEPT)),
        *(replace(SIGNED, content=replace(CONTENT, others=(Other(part, "Tor"),))) for part in Part),
        replace(SIGNED, content=replace(CONTENT, form=entry.FIRST_FORM)),
        replace(SIGNED, content=replace(CONTENT, note=replace(NOTE, plan="<b>&\"'</b>\nlinje 2"))),
    ],
)
def test_the_bundle_is_valid_fhir(signed: SignedNote) -> None:
    bundle = fhir.bundle(signed)
    assert Bundle.model_validate(bundle).type == "transaction"
    kinds = [item["resource"]["resourceType"] for item in bundle["entry"]]
    assert kinds == ["Encounter", "Condition", "Composition", "DocumentReference", "Provenance"]


def test_with_pictures_and_a_telephone_it_is_valid_fhir_too() -> None:
    said = tuple(Picture(sha, 3, NOON) for sha in ("a" * 64, "b" * 64))
    rang = Telephone(NOON, Why.NETWORK, after_video=True)
    content = replace(CONTENT, pictures=said, telephone=rang)
    bundle = fhir.bundle(replace(SIGNED, content=content, pictures=(b"one", b"two")))
    assert Bundle.model_validate(bundle).type == "transaction"
    urls = [item["fullUrl"] for item in bundle["entry"]]
    assert len(set(urls)) == len(urls) == 7
    named = [
        item["request"]["ifNoneExist"]
        for item in bundle["entry"]
        if "ifNoneExist" in item["request"]
    ]
    assert len(set(named)) == len(named)
    found = set(re.findall(r"urn:uuid:[0-9a-f-]+", str(bundle)))
    assert found == set(urls)
    kinds = bundle["entry"][0]["resource"]["type"]
    assert [each["coding"][0]["code"] for each in kinds] == ["6", "7"]


def test_a_repeat_is_the_same_and_changes_nothing() -> None:
    assert fhir.bundle(SIGNED) == fhir.bundle(SIGNED)
    for item in fhir.bundle(SIGNED)["entry"]:
        request, stored = item["request"], item["resource"]
        if request["method"] == "PUT":  # Provenance has no identifier to ask for
            assert request["url"] == f"Provenance/{stored['id']}"
            continue
        known = stored["identifier"]
        first = known[0] if isinstance(known, list) else known
        assert request["ifNoneExist"] == f"identifier={first['system']}|{first['value']}"
        assert MANIFEST.visit in first["value"]


def test_every_reference_points_into_the_bundle() -> None:
    bundle = fhir.bundle(SIGNED)
    urls = [item["fullUrl"] for item in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    shape = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(shape, url) for url in urls)
    pointed = set(re.findall(r"'reference': '([^']+)'", str(bundle)))
    assert pointed and pointed <= set(urls)


def test_two_visits_have_nothing_in_common() -> None:
    other = replace(SIGNED, manifest=replace(MANIFEST, visit="other"))
    ours = {item["fullUrl"] for item in fhir.bundle(SIGNED)["entry"]}
    assert not ours & {item["fullUrl"] for item in fhir.bundle(other)["entry"]}


def test_the_encounter_is_a_finished_video_consultation() -> None:
    found = resource("Encounter")
    assert found["status"] == "finished" and found["class"]["code"] == "VR"
    assert found["class"]["system"] == "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    (kind,) = found["type"][0]["coding"]
    assert (kind["system"], kind["code"]) == (NATIONAL + "8432", "6")
    assert found["period"] == {
        "start": "2026-11-24T11:00:00.000Z",
        "end": "2026-11-24T11:15:00.000Z",
    }
    assert found["subject"]["identifier"]["value"] == "f" * 64  # a pseudonym
    doctor = found["participant"][0]["individual"]["identifier"]
    assert doctor == {"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9999001"}


def test_the_diagnosis_is_icpc_2() -> None:
    (code,) = resource("Condition")["code"]["coding"]
    assert code == {"system": NATIONAL + "7170", "code": "R76"}


def test_the_note_is_a_national_document_type_with_its_sections() -> None:
    found = resource("Composition")
    (kind,) = found["type"]["coding"]
    assert (kind["system"], kind["code"]) == (NATIONAL + "9602", "B02-2")
    titles = [section["title"] for section in found["section"]]
    assert titles == [*note.HEADINGS.values(), meeting.HEADING]
    assert NOTE.plan in section("Plan")["text"]["div"]


def section(title: str, signed: SignedNote = SIGNED) -> dict[str, Any]:
    (one,) = [s for s in resource("Composition", signed)["section"] if s["title"] == title]
    return dict(one)


@pytest.mark.parametrize("field", note.HEADINGS)
def test_every_section_of_the_note_has_a_code_for_programs(field: str) -> None:
    (coding,) = section(note.HEADINGS[field])["code"]["coding"]
    assert (coding["system"], coding["code"]) == (
        "http://loinc.org",
        fhir_sections.CODES[field][0],
    )


def test_who_met_when_and_where_is_said_to_people_and_to_programs() -> None:
    interpreter = Other(Part.INTERPRETER, "Tor Prøve")
    signed = replace(SIGNED, content=replace(CONTENT, others=(interpreter,)))
    div = section(meeting.HEADING, signed)["text"]["div"]
    for said in ("24.11.2026 kl. 12.00–12.15", "Berit Prøveberg (lege), Tor Prøve (tolk)"):
        assert said in div
    assert NOTE.place in div and NOTE.callback in div
    sheet = resource("DocumentReference", signed)["content"][0]["attachment"]["data"]
    assert "Tor Prøve (tolk)" in base64.b64decode(sheet).decode()
    doctor, other = resource("Encounter", signed)["participant"]
    assert doctor["individual"]["display"] == "Berit Prøveberg"
    assert other["individual"] == {"display": "Tor Prøve"}
    assert other["type"][0]["coding"][0]["code"] == "translator"


def test_a_note_of_the_first_form_is_sent_as_it_always_was() -> None:
    before = NoteFields(NOTE.reason, NOTE.history, NOTE.findings, NOTE.assessment, NOTE.plan, "R76")
    old = replace(CONTENT, note=before, form=entry.FIRST_FORM, protection=KEPT)
    found = resource("Composition", replace(SIGNED, content=old))["section"]
    assert [each["title"] for each in found] == [
        *("Kontaktårsak", "Sykehistorie", "Funn", "Vurdering", "Plan"),
        "Videosamtale",
    ]
    assert all(set(each) == {"title", "text"} for each in found)


def test_markup_in_a_note_is_shown_and_never_run() -> None:
    wild = replace(NOTE, plan='<script>alert("x")</script>\n& linje 2')
    found = resource("Composition", replace(SIGNED, content=replace(CONTENT, note=wild)))
    div = found["section"][6]["text"]["div"]
    assert "<script>" not in div and "&lt;script&gt;" in div and "<br/>&amp; linje 2" in div


def narratives(value: Any) -> Iterator[str]:
    """Every text of a message that is shown as a page."""
    if isinstance(value, dict):
        yield from ([value["div"]] if "div" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from narratives(each)


def test_markup_in_any_name_or_text_is_text_in_every_narrative() -> None:
    wild = "\"'><script>kanari()</script><img src=x onerror=kanari()>"
    fields = NoteFields(**{name: wild for name in NoteFields.__dataclass_fields__})
    others = tuple(Other(part, wild) for part in Part)
    content = replace(CONTENT, note=replace(fields, icpc2="R74"), others=others)
    signed = replace(SIGNED, manifest=replace(MANIFEST, author_name=wild), content=content)
    shown = [ElementTree.fromstring(div) for div in narratives(fhir.bundle(signed))]
    assert sum("kanari" in "".join(each.itertext()) for each in shown) > 8
    page = "{http://www.w3.org/1999/xhtml}"
    for element in (one for each in shown for one in each.iter()):
        assert element.tag in {page + "div", page + "p", page + "br"} and not element.attrib


def test_the_document_carries_the_text_and_both_hashes() -> None:
    found = resource("DocumentReference")
    sheet = note.plain_text(
        NOTE, (meeting.HEADING, entry.account(CONTENT, "Berit Prøveberg"))
    ).encode()
    attachment = found["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]) == sheet and attachment["size"] == len(sheet)
    sha1 = hashlib.sha1(sheet, usedforsecurity=False).digest()
    assert base64.b64decode(attachment["hash"]) == sha1
    assert found["identifier"][1] == {"system": fhir.CONTENT, "value": "c" * 64}
    assert found["context"]["encounter"] and "securityLabel" not in found


def test_what_is_kept_from_parents_says_so() -> None:
    found = resource(
        "DocumentReference", replace(SIGNED, manifest=replace(MANIFEST, withheld=True))
    )
    assert found["securityLabel"][0]["coding"] == [
        {"system": NATIONAL + "9603", "code": "NORN_FORANS"}
    ]


def test_how_the_call_was_kept_is_said_to_programs_and_to_people() -> None:
    known = replace(SIGNED, content=replace(CONTENT, protection=KEPT))
    assert resource("Encounter", known)["extension"] == [
        {"url": "urn:venterom:encryption", "valueCode": "end_to_end"},
        {"url": "urn:venterom:words", "valueCode": "matched"},
    ]
    assert sentences(KEPT) in section("Videosamtale", known)["text"]["div"]
    sheet = resource("DocumentReference", known)["content"][0]["attachment"]["data"]
    assert f"Videosamtale\n{sentences(KEPT)}" in base64.b64decode(sheet).decode()


def test_of_a_call_of_which_nothing_is_known_nothing_is_said() -> None:
    assert "extension" not in resource("Encounter")
    assert "Videosamtale" not in str(resource("Composition")["section"])


def test_the_signature_in_the_provenance_verifies() -> None:
    (signature,) = resource("Provenance")["signature"]
    token = base64.b64decode(signature["data"]).decode()
    assert signature["sigFormat"] == "application/jose"
    assert b'"content_hash":"' + b"c" * 64 in jws.verify(token, KEYS.verifying, typ=(entry.TYPE,))


def with_papers(*bodies: Body) -> SignedNote:
    """A note that these were issued with."""
    issued = tuple(Issued(f"paper-{n}", body, "d" * 64, 3) for n, body in enumerate(bodies))
    return replace(SIGNED, content=replace(CONTENT, papers=issued), papers=(b"pdf",) * len(issued))


def test_each_paper_is_a_document_of_its_own_and_orders_are_orders() -> None:
    bundle = fhir.bundle(with_papers(*BODIES))
    assert Bundle.model_validate(bundle).type == "transaction"
    found = [item["resource"] for item in bundle["entry"]]
    documents = [each for each in found if each["resourceType"] == "DocumentReference"][1:]
    codes = [each["type"].get("coding", [{"code": ""}])[0]["code"] for each in documents]
    assert codes == ["", "J01-2", "I02-2", "I01-2", "I02-2"]
    assert all(
        each["content"][0]["attachment"]["contentType"] == "application/pdf" for each in documents
    )
    assert [each["identifier"][0]["value"] for each in documents] == [
        f"paper-{n}" for n in range(5)
    ]
    urls = [item["fullUrl"] for item in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    assert set(re.findall(r"urn:uuid:[0-9a-f-]+", str(bundle))) == set(urls)
    (ordered,) = [each for each in found if each["resourceType"] == "MedicationRequest"]
    assert ordered["dispenseRequest"]["validityPeriod"] == {
        "start": "2026-11-24",
        "end": "2027-11-23",
    }
    assert ordered["dispenseRequest"]["numberOfRepeatsAllowed"] == 3
    assert {each["system"] for each in ordered["medicationCodeableConcept"]["coding"]} == {
        "http://www.whocc.no/atc",
        "urn:venterom:varenummer",
    }
    (referred,) = [each for each in found if each["resourceType"] == "ServiceRequest"]
    assert referred["priority"] == "routine" and referred["performer"][0]["display"].startswith(
        "Orto"
    )


def test_a_paper_that_is_kept_from_parents_says_so() -> None:
    signed = with_papers(*BODIES)
    bundle = fhir.bundle(replace(signed, manifest=replace(MANIFEST, withheld=True)))
    documents = [
        item["resource"]
        for item in bundle["entry"]
        if item["resource"]["resourceType"] == "DocumentReference"
    ]
    assert all(each["securityLabel"] for each in documents)
