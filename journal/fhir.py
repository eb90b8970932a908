"""A signed note as a FHIR R4 transaction Bundle, for the EPJ (norway.md section 3.3).

The visit is the identifier of everything in it, and every entry says «only if you do not have it»,
so a repeat changes nothing. The bundle depends on its arguments only: sent twice, it is the same.
A later version brings itself alone, and says what it does to those before it (fhir_amended.py).
"""

import base64
import hashlib
from collections.abc import Mapping

from venterom.journal import fhir_amended, icpc2
from venterom.journal.contact import Means, means
from venterom.journal.entry import FIRST, Content, from_ms, is_addition
from venterom.journal.fhir_consent import consent
from venterom.journal.fhir_papers import paper_places, papers
from venterom.journal.fhir_parts import (
    KODEVERK,
    VISIT,
    Resource,
    SignedNote,
    doctor,
    identifier,
    instant,
    labels,
    meeting,
    name_of,
    reference,
    signed_at_of,
    subject,
    uuid,
)
from venterom.journal.fhir_picture import picture, place_of
from venterom.journal.fhir_sections import of_the_contact, written
from venterom.journal.meeting import MEANS, Other, Part
from venterom.journal.note import plain_text

__all__ = ["CONTENT", "ENCRYPTION", "WORDS", "Resource", "SignedNote", "bundle"]

CONTACT_TYPES = KODEVERK + "8432"
DOCUMENT_TYPES = KODEVERK + "9602"
CONTENT = "urn:venterom:content-sha256"
ENCRYPTION = "urn:venterom:encryption"
WORDS = "urn:venterom:words"

NOTE_TYPE = {"system": DOCUMENT_TYPES, "code": "B02-2", "display": "Journalnotat"}
VIRTUAL = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "VR",
    "display": "virtual",
}
_TYPES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PARTS: Mapping[Part, Resource] = {
    Part.PARENT: {"system": _TYPES, "code": "PART", "display": "Participation"},
    Part.RELATIVE: {"system": _TYPES, "code": "PART", "display": "Participation"},
    Part.COLLEAGUE: {"system": _TYPES, "code": "CON", "display": "consultant"},
    Part.INTERPRETER: {
        "system": "http://terminology.hl7.org/CodeSystem/participant-type",
        "code": "translator",
        "display": "Translator",
    },
}
AUTHOR_SIGNATURE = {
    "system": "urn:iso-astm:E1762-95:2013",
    "code": "1.2.840.10065.1.12.1.1",
    "display": "Author's Signature",
}


def bundle(signed: SignedNote) -> Resource:
    """The transaction that writes the whole consultation, or what amends it: all, or nothing."""
    manifest = signed.manifest
    name, first = name_of(manifest.visit, manifest.version), manifest.version == FIRST
    resources = [
        *([encounter(signed)] if first else []),
        *([] if is_addition(signed.content) else [condition(signed)]),
        composition(signed),
        document(signed),
        *(picture(signed, n) for n in range(1, len(signed.pictures) + 1)),
        *(consent(signed, n) for n in range(1, len(signed.consents) + 1)),
        *papers(signed),
    ]
    entries = [_once(name, resource) for resource in resources]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "identifier": {"system": VISIT if first else f"{VISIT}:version", "value": name},
        "timestamp": instant(from_ms(manifest.signed_at)),
        "entry": [*entries, _put(name, provenance(signed))],
    }


def encounter(signed: SignedNote) -> Resource:
    """The meeting itself: virtual, by video, finished."""
    content = signed.content
    return {
        "resourceType": "Encounter",
        **_kept(content),
        "identifier": [identifier(signed, "encounter")],
        "status": "finished",
        "class": VIRTUAL,
        "type": [{"coding": [_means(each)]} for each in means(content.telephone)],
        "subject": subject(signed),
        "participant": [{"individual": doctor(signed)}, *map(_other, content.others)],
        "period": _period(content),
        "reasonCode": [{"text": content.note.reason}],
        "diagnosis": [{"condition": reference(signed, "Condition")}],
    }


def condition(signed: SignedNote) -> Resource:
    """The diagnosis by which primary care reports."""
    system = "http://terminology.hl7.org/CodeSystem/"
    return {
        "resourceType": "Condition",
        "identifier": [identifier(signed, "condition")],
        "clinicalStatus": {"coding": [{"system": system + "condition-clinical", "code": "active"}]},
        "category": [
            {"coding": [{"system": system + "condition-category", "code": "encounter-diagnosis"}]}
        ],
        "code": {
            "coding": [{"system": f"urn:oid:{icpc2.OID}", "code": signed.content.note.icpc2}],
            # In words here, not as the code's display: that belongs to the national list alone.
            **({"text": signed.content.term} if signed.content.term else {}),
        },
        "subject": subject(signed),
        "encounter": meeting(signed),
        "recordedDate": signed_at_of(signed),
        "recorder": doctor(signed),
    }


def composition(signed: SignedNote) -> Resource:
    """The note, section by section."""
    return {
        "resourceType": "Composition",
        "identifier": identifier(signed, "composition"),
        "status": fhir_amended.status(signed),
        "type": {"coding": [NOTE_TYPE]},
        "language": "nb",
        "subject": subject(signed),
        "encounter": meeting(signed),
        "date": signed_at_of(signed),
        "author": [doctor(signed)],
        "title": _title(signed.content),
        "attester": [
            {"mode": "professional", "time": signed_at_of(signed), "party": doctor(signed)}
        ],
        **fhir_amended.composition_relates(signed),
        "section": written(signed),
    }


def document(signed: SignedNote) -> Resource:
    """The note as one sheet, with the hash by which it is known everywhere."""
    content = signed.content
    sheet = plain_text(content.note, *of_the_contact(signed), term=content.term).encode()
    return {
        "resourceType": "DocumentReference",
        "identifier": [
            identifier(signed, "document"),
            {"system": CONTENT, "value": signed.manifest.content_hash},
        ],
        "status": "current",
        "docStatus": fhir_amended.status(signed),
        "type": {"coding": [NOTE_TYPE]},
        "subject": subject(signed),
        "date": signed_at_of(signed),
        "author": [doctor(signed)],
        **fhir_amended.document_relates(signed),
        **labels(signed),
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
                    "title": _title(signed.content),
                    "creation": signed_at_of(signed),
                }
            }
        ],
        "context": {
            "encounter": [meeting(signed)],
            "period": _period(signed.content),
        },
    }


def provenance(signed: SignedNote) -> Resource:
    """Who wrote it, with the signature of the entry."""
    participant = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
    return {
        "resourceType": "Provenance",
        "id": uuid(name_of(signed.manifest.visit, signed.manifest.version), "Provenance"),
        "target": [
            reference(signed, "Composition"),
            reference(signed, "DocumentReference"),
            *(reference(signed, place_of(n)) for n in range(1, len(signed.pictures) + 1)),
            *(reference(signed, place) for place in paper_places(signed)),
        ],
        "recorded": signed_at_of(signed),
        **fhir_amended.revision(signed),
        "agent": [
            {
                "type": {"coding": [{"system": participant, "code": "author"}]},
                "who": doctor(signed),
            }
        ],
        "signature": [
            {
                "type": [AUTHOR_SIGNATURE],
                "when": signed_at_of(signed),
                "who": doctor(signed),
                "sigFormat": "application/jose",
                "data": base64.b64encode(signed.jws.encode()).decode(),
            }
        ],
    }


def _once(name: str, resource: Resource) -> Resource:
    kind = resource["resourceType"]
    first = resource["identifier"]
    known = first[0] if isinstance(first, list) else first
    return {
        "fullUrl": f"urn:uuid:{resource.pop('id', uuid(name, kind))}",
        "resource": resource,
        "request": {
            "method": "POST",
            "url": kind,
            "ifNoneExist": f"identifier={known['system']}|{known['value']}",
        },
    }


def _put(name: str, resource: Resource) -> Resource:
    # Provenance has no identifier in R4, so its id is made from the note's name.
    kind = resource["resourceType"]
    return {
        "fullUrl": f"urn:uuid:{uuid(name, kind)}",
        "resource": resource,
        "request": {"method": "PUT", "url": f"{kind}/{resource['id']}"},
    }


def _kept(content: Content) -> Resource:
    """How the call was kept from others, for programs; the sheet says it in words."""
    kept = content.protection
    if kept is None:
        return {}
    said = ((ENCRYPTION, kept.encryption), (WORDS, kept.words))
    return {"extension": [{"url": url, "valueCode": str(code)} for url, code in said]}


def _other(other: Other) -> Resource:
    """Known by name only: somebody who was asked in, or a parent."""
    return {"type": [{"coding": [PARTS[other.part]]}], "individual": {"display": other.name}}


def _title(content: Content) -> str:
    by = MEANS[means(content.telephone)[-1]].lower()
    return fhir_amended.title(content.amends, f"Journalnotat fra {by}")


def _means(each: Means) -> Resource:
    return {"system": CONTACT_TYPES, "code": each.value, "display": MEANS[each]}


def _period(content: Content) -> Resource:
    return {"start": instant(content.begun_at), "end": instant(content.ended_at)}
