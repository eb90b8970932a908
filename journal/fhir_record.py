"""Everything that a patient takes with her, as one FHIR R4 collection (norway.md 3.3, 3.4).

The notes are the resources that the EPJ gets; beside them the consents, the blocks, what was asked
and answered, and as AuditEvents the log and what insurers have looked up.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
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
ID_GAP, AT_GAP = "<id>", "<recorded>"  # what fills them holds no sign that JSON would escape


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


def collection(all_of_it: Everything) -> bytes:
    """The bundle as JSON, one resource a line; depends on its arguments only. A log may have very
    many lines, so nothing is indented: that takes a slow encoder."""
    frame: Resource = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(all_of_it.now),
    }
    begun = json.dumps(frame).removesuffix("}")
    lines = ",\n".join(_lines(all_of_it))
    return f'{begun}, "entry": [\n{lines}\n]}}'.encode()


def _lines(all_of_it: Everything) -> Iterator[str]:
    """The patient, the notes, and all that is beside them; as JSON."""
    yield _line(patient(all_of_it))
    for note in all_of_it.notes:  # the EPJ's resources, of every version: each has its own name
        for each in fhir.bundle(note)["entry"]:
            yield _entry(each["fullUrl"], each["resource"])
    yield from map(_line, _rights(all_of_it))
    yield from log(all_of_it)
    for seen in all_of_it.looks:
        yield _line(looked_up(seen, all_of_it.service))


def _line(resource: Resource) -> str:
    return _entry(f"urn:uuid:{resource['id']}", resource)


def _entry(url: str, resource: Resource) -> str:
    return json.dumps({"fullUrl": url, "resource": resource}, ensure_ascii=False)


def _rights(all_of_it: Everything) -> Iterator[Resource]:
    for given in all_of_it.receipts:
        if given.record.kind != "notice":
            yield consent(all_of_it, given)
    for standing in all_of_it.blocks:
        yield block(all_of_it, standing)
    for case, words in all_of_it.cases:
        yield from asked(all_of_it, case, words)


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


def log(all_of_it: Everything) -> Iterator[str]:
    """The lines of the log (the draft of HL7 Norway, AuditEvent 0.9.8), as JSON. There may be very
    many, and most say what others say at another moment: that is written once, with gaps. They
    stand before all that people have written, so that a name which looks like one stays."""
    written: dict[tuple[str, ...], str] = {}
    for line in all_of_it.log:
        alike = line.actor, line.role, line.action, line.purpose, line.visit
        if alike not in written:
            written[alike] = _line(_looked(all_of_it, line))
        id_, at = uuid(str(line.n), "AuditEvent"), instant(line.at)
        # The name stands twice: in the address and in the resource.
        yield written[alike].replace(ID_GAP, id_, 2).replace(AT_GAP, at, 1)


def _looked(all_of_it: Everything, line: LogLine) -> Resource:
    reads = line.action.partition(".")[2] in READS
    event: Resource = {
        "resourceType": "AuditEvent",
        "id": ID_GAP,
        "type": {"system": DICOM, "code": "110110", "display": "Patient Record"},
        "subtype": [{"system": ACTIONS, "code": line.action}],
        "action": "R" if reads else "C",
        "recorded": AT_GAP,
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
