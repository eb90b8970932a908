"""A signed note as a FHIR R4 transaction Bundle, for the EPJ (norway.md section 3.3).

The visit is the identifier of everything in it, and every entry says «only if you do not have it»,
so a repeat changes nothing. The bundle depends on its arguments only: sent twice, it is the same.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, TypeAlias

from venterom.journal import icpc2, protection
from venterom.journal.entry import Content, Manifest, from_ms
from venterom.journal.note import plain_text, sections

Resource: TypeAlias = dict[str, Any]  # JSON of a shape that FHIR, not we, decides

KODEVERK = "urn:oid:2.16.578.1.12.4.1.1."  # the national code lists live under this arc
CONTACT_TYPES = KODEVERK + "8432"
DOCUMENT_TYPES = KODEVERK + "9602"
ACCESS_LABELS = KODEVERK + "9603"
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"
VISIT = "urn:venterom:visit"
PATIENT = "urn:venterom:patient"
CONTENT = "urn:venterom:content-sha256"
ENCRYPTION = "urn:venterom:encryption"
WORDS = "urn:venterom:words"

VIDEO = {"system": CONTACT_TYPES, "code": "6", "display": "Videokonsultasjon"}
NOTE_TYPE = {"system": DOCUMENT_TYPES, "code": "B02-2", "display": "Journalnotat"}
NOT_FOR_PARENTS = {"system": ACCESS_LABELS, "code": "NORN_FORANS"}
VIRTUAL = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "VR",
    "display": "virtual",
}
AUTHOR_SIGNATURE = {
    "system": "urn:iso-astm:E1762-95:2013",
    "code": "1.2.840.10065.1.12.1.1",
    "display": "Author's Signature",
}
TITLE = "Journalnotat fra videokonsultasjon"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """Everything that the bundle is made of."""

    manifest: Manifest
    content: Content
    jws: str


def bundle(signed: SignedNote) -> Resource:
    """The transaction that writes the whole consultation: five resources, all or none."""
    visit = signed.manifest.visit
    resources = [
        encounter(signed),
        condition(signed),
        composition(signed),
        document(signed),
    ]
    entries = [_once(visit, resource) for resource in resources]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "identifier": {"system": VISIT, "value": visit},
        "timestamp": _instant(from_ms(signed.manifest.signed_at)),
        "entry": [*entries, _put(visit, provenance(signed))],
    }


def encounter(signed: SignedNote) -> Resource:
    """The meeting itself: virtual, by video, finished."""
    content = signed.content
    return {
        "resourceType": "Encounter",
        **_kept(content),
        "identifier": [_identifier(signed, "encounter")],
        "status": "finished",
        "class": VIRTUAL,
        "type": [{"coding": [VIDEO]}],
        "subject": _subject(signed),
        "participant": [{"individual": _doctor(signed)}],
        "period": _period(content),
        "reasonCode": [{"text": content.note.reason}],
        "diagnosis": [{"condition": _reference(signed, "Condition")}],
    }


def condition(signed: SignedNote) -> Resource:
    """The diagnosis by which primary care reports."""
    system = "http://terminology.hl7.org/CodeSystem/"
    return {
        "resourceType": "Condition",
        "identifier": [_identifier(signed, "condition")],
        "clinicalStatus": {"coding": [{"system": system + "condition-clinical", "code": "active"}]},
        "category": [
            {"coding": [{"system": system + "condition-category", "code": "encounter-diagnosis"}]}
        ],
        "code": {"coding": [{"system": f"urn:oid:{icpc2.OID}", "code": signed.content.note.icpc2}]},
        "subject": _subject(signed),
        "encounter": _reference(signed, "Encounter"),
        "recordedDate": _signed_at(signed),
        "recorder": _doctor(signed),
    }


def composition(signed: SignedNote) -> Resource:
    """The note, section by section."""
    return {
        "resourceType": "Composition",
        "identifier": _identifier(signed, "composition"),
        "status": "final",
        "type": {"coding": [NOTE_TYPE]},
        "language": "nb",
        "subject": _subject(signed),
        "encounter": _reference(signed, "Encounter"),
        "date": _signed_at(signed),
        "author": [_doctor(signed)],
        "title": TITLE,
        "attester": [
            {"mode": "professional", "time": _signed_at(signed), "party": _doctor(signed)}
        ],
        "section": [
            {"title": heading, "text": {"status": "generated", "div": _narrative(text)}}
            for heading, text in [*sections(signed.content.note), *_call(signed.content)]
        ],
    }


def document(signed: SignedNote) -> Resource:
    """The note as one sheet, with the hash by which it is known everywhere."""
    sheet = plain_text(signed.content.note, *_call(signed.content)).encode()
    return {
        "resourceType": "DocumentReference",
        "identifier": [
            _identifier(signed, "document"),
            {"system": CONTENT, "value": signed.manifest.content_hash},
        ],
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [NOTE_TYPE]},
        "subject": _subject(signed),
        "date": _signed_at(signed),
        "author": [_doctor(signed)],
        **({"securityLabel": [{"coding": [NOT_FOR_PARENTS]}]} if signed.manifest.withheld else {}),
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "language": "nb",
                    "data": base64.b64encode(sheet).decode(),
                    "size": len(sheet),
                    # R4 defines this field as SHA-1; the hash that protects is the one above.
                    "hash": base64.b64encode(
                        hashlib.sha1(sheet, usedforsecurity=False).digest()
                    ).decode(),
                    "title": TITLE,
                    "creation": _signed_at(signed),
                }
            }
        ],
        "context": {
            "encounter": [_reference(signed, "Encounter")],
            "period": _period(signed.content),
        },
    }


def provenance(signed: SignedNote) -> Resource:
    """Who wrote it, with the signature of the entry."""
    participant = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
    return {
        "resourceType": "Provenance",
        "id": _uuid(signed.manifest.visit, "Provenance"),
        "target": [
            _reference(signed, "Composition"),
            _reference(signed, "DocumentReference"),
        ],
        "recorded": _signed_at(signed),
        "agent": [
            {
                "type": {"coding": [{"system": participant, "code": "author"}]},
                "who": _doctor(signed),
            }
        ],
        "signature": [
            {
                "type": [AUTHOR_SIGNATURE],
                "when": _signed_at(signed),
                "who": _doctor(signed),
                "sigFormat": "application/jose",
                "data": base64.b64encode(signed.jws.encode()).decode(),
            }
        ],
    }


def _once(visit: str, resource: Resource) -> Resource:
    kind = resource["resourceType"]
    first = resource["identifier"]
    known = first[0] if isinstance(first, list) else first
    return {
        "fullUrl": f"urn:uuid:{_uuid(visit, kind)}",
        "resource": resource,
        "request": {
            "method": "POST",
            "url": kind,
            "ifNoneExist": f"identifier={known['system']}|{known['value']}",
        },
    }


def _put(visit: str, resource: Resource) -> Resource:
    # Provenance has no identifier in R4, so its id is made from the visit.
    kind = resource["resourceType"]
    return {
        "fullUrl": f"urn:uuid:{_uuid(visit, kind)}",
        "resource": resource,
        "request": {"method": "PUT", "url": f"{kind}/{resource['id']}"},
    }


def _uuid(visit: str, kind: str) -> str:
    """A UUID of version 8 (RFC 9562) that follows from the visit."""
    h = hashlib.sha256(f"{kind}/{visit}".encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def _identifier(signed: SignedNote, kind: str) -> Resource:
    manifest = signed.manifest
    value = manifest.visit if kind == "encounter" else f"{manifest.visit}/{manifest.version}"
    return {"system": VISIT if kind == "encounter" else f"{VISIT}:{kind}", "value": value}


def _reference(signed: SignedNote, kind: str) -> Resource:
    return {"reference": f"urn:uuid:{_uuid(signed.manifest.visit, kind)}"}


def _subject(signed: SignedNote) -> Resource:
    return {
        "type": "Patient",
        "identifier": {"system": PATIENT, "value": signed.manifest.patient},
    }


def _doctor(signed: SignedNote) -> Resource:
    return {
        "type": "Practitioner",
        "identifier": {"system": HPR, "value": signed.manifest.author_hpr},
        "display": signed.manifest.author_name,
    }


def _kept(content: Content) -> Resource:
    """How the call was kept from others, for programs; the sheet says it in words."""
    kept = content.protection
    if kept is None:
        return {}
    said = ((ENCRYPTION, kept.encryption), (WORDS, kept.words))
    return {"extension": [{"url": url, "valueCode": str(code)} for url, code in said]}


def _call(content: Content) -> list[tuple[str, str]]:
    kept = content.protection
    return [] if kept is None else [(protection.HEADING, protection.sentences(kept))]


def _period(content: Content) -> Resource:
    return {"start": _instant(content.begun_at), "end": _instant(content.ended_at)}


def _signed_at(signed: SignedNote) -> str:
    return _instant(from_ms(signed.manifest.signed_at))


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _narrative(text: str) -> str:
    lines = "<br/>".join(escape(line) for line in text.split("\n"))
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{lines}</p></div>'
