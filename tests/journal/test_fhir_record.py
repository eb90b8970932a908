"""The collection that a patient takes with her: valid FHIR, and right where models do not look."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fhir.resources.R4B.bundle import Bundle

from tests.journal.make import NOON, after
from tests.journal.test_consent import RECORD
from tests.journal.test_fhir import SIGNED
from venterom.journal import fhir_record
from venterom.journal.blocking import Block
from venterom.journal.cases import Case, Kind, State, Words
from venterom.journal.chain import LogLine
from venterom.journal.consent import Kind as ConsentKind
from venterom.journal.consent import Receipted
from venterom.journal.fhir_looks import Seen
from venterom.journal.fhir_record import Everything

CASE = Case(
    id="c1",
    patient="kari",
    visit="aB3_x-Y9",
    kind=Kind.CORRECTION,
    asked_by="kari",
    asked_at=NOON,
    due_at=after(days=28),
    author="dr-berg",
    author_name="Berit Prøveberg",
    state=State.REFUSED,
    answered_by="dr-berg",
    answered_at=after(days=2),
)
LINES = (
    LogLine(9, NOON, "dr-berg", "doctor", "note.read", "ETREAT", "glass", "aB3_x-Y9", ""),
    LogLine(8, NOON, "kari", "patient", "block.set", "", "", "", "c" * 64),
)
ALL = Everything(
    pseudonym="f" * 64,
    name="Kari Prøvdal",
    birth_date=date(1980, 5, 17),
    now=after(days=3),
    notes=[SIGNED],
    receipts=[
        Receipted(replace(RECORD, id="r2", kind=ConsentKind.WITHDRAWAL), "a.b.c"),
        Receipted(RECORD, "a.b.c"),
        Receipted(replace(RECORD, id="r3", kind=ConsentKind.NOTICE), "a.b.c"),
    ],
    blocks=[Block("b1", "", NOON), Block("b2", "dr-berg", NOON)],
    cases=[(CASE, Words("Feil dato", "Datoen er riktig."))],
    log=LINES,
    names={"dr-berg": "Berit Prøveberg", "kari": "Kari Prøvdal"},
    service="Venterom",
    looks=[
        Seen(date(2026, 11, 23), "Fjellprøve forsikring", "Berit Kundeprøve", False, "123456", 2),
        Seen(date(2026, 11, 23), "Fjellprøve forsikring", "fjellprove-system", True, "123456", 1),
    ],
)


def found(kind: str) -> list[dict[str, Any]]:
    entries = json.loads(fhir_record.collection(ALL))["entry"]
    return [e["resource"] for e in entries if e["resource"]["resourceType"] == kind]


def test_it_is_valid_and_always_the_same() -> None:
    written = fhir_record.collection(ALL)
    assert written == fhir_record.collection(ALL)
    bundle = json.loads(written)
    assert Bundle.model_validate(bundle).type == "collection"
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(urls) == len(set(urls)) and not any("request" in e for e in bundle["entry"])


def test_the_notes_speak_of_the_patient_in_it() -> None:
    [patient] = found("Patient")
    [composition] = found("Composition")
    assert patient["identifier"][0] == composition["subject"]["identifier"]
    assert len(found("DocumentReference")) == 1 and len(found("Provenance")) == 1


def test_consents_and_blocks_are_told_apart() -> None:
    scopes = [(c["status"], c["scope"]["coding"][0]["code"]) for c in found("Consent")]
    assert scopes == [
        ("inactive", "treatment"),
        ("active", "treatment"),
        ("active", "patient-privacy"),
        ("active", "patient-privacy"),
    ]
    denied = [c["provision"]["actor"][0]["reference"]["display"] for c in found("Consent")[2:]]
    assert denied == ["Alle leger", "Berit Prøveberg"]
    assert found("Consent")[2]["policyRule"]["coding"][0]["code"] == "PBRL5-3"


def test_the_log_says_who_why_and_whether_it_was_read() -> None:
    read, blocked, *_ = found("AuditEvent")
    assert (read["action"], blocked["action"]) == ("R", "C")
    assert read["purposeOfEvent"][0]["coding"][0]["code"] == "ETREAT"
    assert "purposeOfEvent" not in blocked
    assert read["agent"][0]["who"]["display"] == "Berit Prøveberg"
    assert [len(each["entity"]) for each in (read, blocked)] == [2, 1]


def test_what_insurers_have_looked_up_stands_behind_the_log() -> None:
    *_, clerk, program = found("AuditEvent")
    assert clerk["subtype"][0]["code"] == program["subtype"][0]["code"] == "policy.looked_up"
    assert [who["who"]["display"] for who in clerk["agent"]] == [
        "Berit Kundeprøve",
        "Fjellprøve forsikring",
    ]
    assert (clerk["agent"][0]["role"], program["agent"][0]["role"]) == (
        [{"text": "clerk"}],
        [{"text": "program"}],
    )
    [policy] = clerk["entity"]  # and nothing of the record, or of whose it is
    assert policy["what"]["identifier"]["value"] == "123456"
    assert policy["detail"] == [{"type": "times", "valueString": "2"}]
    assert clerk["period"] == {"start": "2026-11-23", "end": "2026-11-23"}


def test_wish_and_answer_are_in_it() -> None:
    said = [each["payload"][0]["contentString"] for each in found("Communication")]
    assert said == ["Feil dato", "Datoen er riktig."]


def test_lines_that_say_the_same_differ_in_name_and_moment() -> None:
    again = replace(LINES[0], n=99, at=NOON + timedelta(hours=1))
    written = fhir_record.collection(replace(ALL, log=[LINES[0], again])).splitlines()
    events = [json.loads(line.removesuffix(b",")) for line in written if b"AuditEvent" in line]
    first, second = (each["resource"] for each in events[:2])
    assert first | {"id": "", "recorded": ""} == second | {"id": "", "recorded": ""}
    assert first["recorded"] < second["recorded"]
    assert [each["fullUrl"] for each in events[:2]] == [
        f"urn:uuid:{first['id']}",
        f"urn:uuid:{second['id']}",
    ]
    assert first["id"] != second["id"]


def test_a_name_that_looks_like_a_gap_stays_as_it_is() -> None:
    odd = "Berit <id> <recorded>"
    written = fhir_record.log(replace(ALL, names={"dr-berg": odd, "kari": odd}, service=odd))
    for event in (json.loads(line)["resource"] for line in written):
        said = event["agent"][0]["who"]["display"], event["source"]["observer"]["display"]
        assert said == (odd, odd)
