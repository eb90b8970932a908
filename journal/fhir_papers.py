"""The papers of a signed note as FHIR resources: each as a document, and what is ordered by it as
an order, too (fhir.py; norway.md 3.3)."""

import base64
from collections.abc import Iterator

from venterom.journal.entry import from_ms
from venterom.journal.fhir_parts import (
    KODEVERK,
    Resource,
    SignedNote,
    doctor,
    labels,
    meeting,
    reference,
    signed_at_of,
    subject,
    uuid,
)
from venterom.journal.papers.letters import Referral
from venterom.journal.papers.paper import TITLES, Issued, Kind
from venterom.journal.papers.prescription import Prescription, valid_until

PAPER = "urn:venterom:paper"
PDF_SHA256 = "urn:venterom:paper-sha256"
DOCUMENT_TYPES = KODEVERK + "9602"
ATC, GOODS = "http://www.whocc.no/atc", "urn:venterom:varenummer"

# 9602 has no code of which we know that it is for prescriptions: that one is named in words.
TYPES = {
    Kind.SICK_NOTE: (("J01-2", "Sykmeldinger og trygdesaker"),),
    Kind.CERTIFICATE: (("I02-2", "Brev"),),
    Kind.REFERRAL: (("I01-2", "Henvisninger"),),
    Kind.EXAMINATION: (("I02-2", "Brev"),),
}


def papers(signed: SignedNote) -> Iterator[Resource]:
    """Every paper as a document, and prescriptions and referrals as orders."""
    for n, each in enumerate(signed.content.papers, start=1):
        yield _document(signed, n, each)
        match each.body:
            case Prescription():
                yield _medication_request(signed, n, each, each.body)
            case Referral():
                yield _service_request(signed, n, each, each.body)


def paper_places(signed: SignedNote) -> list[str]:
    """What tells each document apart from the others of the visit."""
    return [_place("DocumentReference", n) for n in range(1, len(signed.content.papers) + 1)]


def _document(signed: SignedNote, n: int, issued: Issued) -> Resource:
    pdf, title = signed.papers[n - 1], TITLES[issued.kind]
    coding = [
        {"system": DOCUMENT_TYPES, "code": code, "display": display}
        for code, display in TYPES.get(issued.kind, ())
    ]
    return {
        "resourceType": "DocumentReference",
        "id": uuid(signed.manifest.visit, _place("DocumentReference", n)),
        "identifier": [
            {"system": PAPER, "value": issued.id},
            {"system": PDF_SHA256, "value": issued.sha256},
        ],
        "status": "current",
        "docStatus": "final",
        "type": {**({"coding": coding} if coding else {}), "text": title},
        "subject": subject(signed),
        "date": signed_at_of(signed),
        "author": [doctor(signed)],
        **labels(signed),
        "content": [
            {
                "attachment": {
                    "contentType": "application/pdf",
                    "language": "nb",
                    "data": base64.b64encode(pdf).decode(),
                    "size": len(pdf),
                    "title": title,
                    "creation": signed_at_of(signed),
                }
            }
        ],
        "context": {"encounter": [meeting(signed)]},
    }


def _medication_request(signed: SignedNote, n: int, issued: Issued, body: Prescription) -> Resource:
    medicine = body.medicine
    assert medicine is not None
    written = from_ms(signed.manifest.signed_at).date()
    return {
        **_order(signed, "MedicationRequest", n, issued),
        "medicationCodeableConcept": {
            "coding": [
                {"system": ATC, "code": medicine.atc, "display": medicine.substance},
                {"system": GOODS, "code": medicine.number, "display": medicine.name},
            ],
            "text": medicine.name,
        },
        "dosageInstruction": [{"text": f"{body.dosage}, {body.use}"}],
        "dispenseRequest": {
            "validityPeriod": {
                "start": written.isoformat(),
                "end": valid_until(body, written).isoformat(),
            },
            "numberOfRepeatsAllowed": body.reit,
            "quantity": {"value": body.packages, "unit": "pakning"},
        },
        "substitution": {"allowedBoolean": body.substitution},
    }


def _service_request(signed: SignedNote, n: int, issued: Issued, body: Referral) -> Resource:
    assert body.urgency is not None
    return {
        **_order(signed, "ServiceRequest", n, issued),
        "priority": body.urgency.value,
        "code": {"text": body.question},
        "performer": [{"display": body.to}],
        "reasonCode": [{"text": body.assessment}],
        "supportingInfo": [reference(signed, _place("DocumentReference", n))],
    }


def _order(signed: SignedNote, kind: str, n: int, issued: Issued) -> Resource:
    return {
        "resourceType": kind,
        "id": uuid(signed.manifest.visit, _place(kind, n)),
        "identifier": [{"system": PAPER, "value": issued.id}],
        "status": "active",
        "intent": "order",
        "subject": subject(signed),
        "encounter": meeting(signed),
        "authoredOn": signed_at_of(signed),
        "requester": doctor(signed),
    }


def _place(kind: str, n: int) -> str:
    return f"{kind}/paper/{n}"
