"""Everything that a patient takes with her, as one FHIR R4 collection (norway.md 3.3, 3.4).

The notes are the resources that the EPJ gets; beside them the consents, the blocks, what was asked
and answered, and as AuditEvents the log and what insurers have looked up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from venterom.journal import fhir, fhir_consent
from venterom.journal.blocking import Block
from venterom.journal.cases import Case, Words
from venterom.journal.chain import LogLine
from venterom.journal.consent import Kind, Receipted
from venterom.journal.entry import to_ms
from venterom.journal.fhir_looks import ACT_REASON, ACTIONS, DICOM, Seen, looked_up
from venterom.journal.fhir_parts import (
    PATIENT,
    VISIT,
    Agreed,
    Resource,
    SignedNote,
    instant,
    uuid,
)

TERMS = "http://terminology.hl7.org/CodeSystem/"
BLOCKING = {
    "system": "http://hl7.no/fhir/CodeSystem/no-basis-legal-formality-or-basis",
    "code": "PBRL5-3",
}
READS = (
    "read",
    "opened",
    "checked",
    "taken_out",
    "handed_over",
)  # the second half of an action's name


@dataclass(frozen=True, slots=True)
class Everything:
    """What the collection is made of. `names` are those of who acted, by id."""

    pseudonym: str
    name: str
    birth_date: date
    now: datetime
    notes: Sequence[SignedNote]
    receipts: Sequence[Receipted]
    blocks: Sequence[Block]
    cases: Sequence[tuple[Case, Words]]
    log: Sequence[LogLine]
    names: dict[str, str]
    service: str  # the enterprise
    number: tuple[str, str] | None = None  # system and value; only for another enterprise
    looks: Sequence[Seen] = ()  # by insurers; only for the patient, it is not of the record


def collection(all_of_it: Everything) -> Resource:
    """The bundle: depends on its arguments only."""
    resources = [
        patient(all_of_it),
        *(consent(all_of_it, each) for each in all_of_it.receipts if each.record.kind != "notice"),
        *(block(all_of_it, each) for each in all_of_it.blocks),
        *(message for case, words in all_of_it.cases for message in asked(all_of_it, case, words)),
        *(looked(all_of_it, line) for line in all_of_it.log),
        *(looked_up(each, all_of_it.service) for each in all_of_it.looks),
    ]
    own = [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in resources]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(all_of_it.now),
        "entry": [own[0], *_notes(all_of_it.notes), *own[1:]],
    }


def patient(all_of_it: Everything) -> Resource:
    """Whose record it is, and by which pseudonym the rest speaks of her."""
    known = ((PATIENT, all_of_it.pseudonym), *([all_of_it.number] if all_of_it.number else []))
    return {
        "resourceType": "Patient",
        "id": uuid(all_of_it.pseudonym, "Patient"),
        "identifier": [{"system": system, "value": value} for system, value in known],
        "name": [{"text": all_of_it.name}],
        "birthDate": all_of_it.birth_date.isoformat(),
    }


def consent(all_of_it: Everything, given: Receipted) -> Resource:
    """A consent to the form of treatment, or its end, with the signed receipt."""
    record = given.record
    agreed = Agreed(
        record.id,
        record.kind is not Kind.WITHDRAWAL,
        record.given_by,
        record.at,
        record.text_version,
        record.text_sha256,
        record.language,
        given.receipt,
    )
    by = {"display": all_of_it.names.get(record.given_by, "")}
    said = fhir_consent.resource(agreed, _whom(all_of_it), by)
    return said | {"organization": [{"display": all_of_it.service}]}


def block(all_of_it: Everything, standing: Block) -> Resource:
    """What the patient has blocked, as the national proposal says it."""
    whom = all_of_it.names.get(standing.against, "") if standing.against else "Alle leger"
    receiver = {"system": TERMS + "v3-ParticipationType", "code": "IRCP"}
    return {
        "resourceType": "Consent",
        "id": uuid(standing.id, "Consent"),
        "status": "active",
        "scope": {"coding": [{"system": TERMS + "consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [fhir_consent.DOCUMENT]}],
        "patient": _whom(all_of_it),
        "dateTime": instant(standing.set_at),
        "policyRule": {"coding": [BLOCKING]},
        "provision": {
            "type": "deny",
            "actor": [{"role": {"coding": [receiver]}, "reference": {"display": whom}}],
        },
    }


def asked(all_of_it: Everything, case: Case, words: Words) -> Iterable[Resource]:
    """What was asked for, and the answer."""
    yield _said(all_of_it, case, "wish", words.wish, case.asked_at)
    if case.answered_at is not None:
        yield _said(all_of_it, case, case.state, words.answer, case.answered_at)


def looked(all_of_it: Everything, line: LogLine) -> Resource:
    """A line of the log (the draft of HL7 Norway, AuditEvent 0.9.8)."""
    reads = line.action.partition(".")[2] in READS
    event: Resource = {
        "resourceType": "AuditEvent",
        "id": uuid(str(line.n), "AuditEvent"),
        "type": {"system": DICOM, "code": "110110", "display": "Patient Record"},
        "subtype": [{"system": ACTIONS, "code": line.action}],
        "action": "R" if reads else "C",
        "recorded": instant(line.at),
        "outcome": "0",
        "agent": [
            {
                "who": {"display": all_of_it.names.get(line.actor, line.role)},
                "role": [{"text": line.role}],
                "requestor": True,
            }
        ],
        "source": {"observer": {"display": all_of_it.service}},
        "entity": [{"what": _whom(all_of_it)}],
    }
    if line.purpose:
        coding = {"system": ACT_REASON, "code": line.purpose}
        event["purposeOfEvent"] = [{"coding": [coding]}]
    if line.visit:
        event["entity"].append({"what": {"identifier": {"system": VISIT, "value": line.visit}}})
    return event


def _notes(notes: Sequence[SignedNote]) -> list[Resource]:
    """The EPJ's resources, of every version: each has a name of its own."""
    return [
        {"fullUrl": each["fullUrl"], "resource": each["resource"]}
        for note in notes
        for each in fhir.bundle(note)["entry"]
    ]


def _said(all_of_it: Everything, case: Case, what: str, text: str, at: datetime) -> Resource:
    return {
        "resourceType": "Communication",
        "id": uuid(f"{case.id}/{what}/{to_ms(at)}", "Communication"),
        "status": "completed",
        "category": [{"text": f"{case.kind}/{what}"}],
        "subject": _whom(all_of_it),
        "about": [{"identifier": {"system": VISIT, "value": case.visit}}],
        "sent": instant(at),
        "payload": [{"contentString": text}],
    }


def _whom(all_of_it: Everything) -> Resource:
    return {
        "reference": f"urn:uuid:{uuid(all_of_it.pseudonym, 'Patient')}",
        "type": "Patient",
        "display": all_of_it.name,
    }
