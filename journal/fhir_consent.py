"""A consent, or its withdrawal, as a FHIR resource of its own (fhir.py; plain R4, no profile).

What is sent is the register as it was when the note was signed, line by line: a line never changes,
so a repeat is the same. The notice that was read is no consent and stays here. The signed receipt
goes along, so that the EPJ holds what the patient holds.
"""

import base64

from venterom.journal.fhir_parts import (
    PATIENT,
    VISIT,
    Agreed,
    Resource,
    SignedNote,
    instant,
    subject,
    uuid,
)

RECEIPT = "urn:venterom:consent"
TEXT = "urn:venterom:consent-text"  # then version, language, and SHA-256 of what was shown
SCOPE = {
    "system": "http://terminology.hl7.org/CodeSystem/consentscope",
    "code": "treatment",
    "display": "Treatment",
}
DOCUMENT = {"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}
CARE = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "TREAT",
    "display": "treatment",
}


def consent(signed: SignedNote, n: int) -> Resource:
    """The n-th line of the visit's register that gives or takes back."""
    agreed, visit = signed.consents[n - 1], signed.manifest.visit
    known = {"system": f"{VISIT}:consent", "value": f"{visit}/{n}"}
    said = resource(agreed, subject(signed), _performer(signed, agreed))
    return {
        **said,
        "id": uuid(visit, f"Consent/{n}"),
        "identifier": [known, *said["identifier"]],
    }


def resource(agreed: Agreed, patient: Resource, performer: Resource) -> Resource:
    """A yes, or its end, with the signed receipt; of whom, and by whom."""
    data = agreed.receipt.encode()
    return {
        "resourceType": "Consent",
        "id": uuid(agreed.id, "Consent"),
        "identifier": [{"system": RECEIPT, "value": agreed.id}],
        "status": "active" if agreed.given else "inactive",
        "scope": {"coding": [SCOPE]},
        "category": [{"coding": [DOCUMENT]}],
        "patient": patient,
        "dateTime": instant(agreed.at),
        "performer": [performer],
        "sourceAttachment": {
            "contentType": "application/jose",
            "data": base64.b64encode(data).decode(),
            "size": len(data),
            "creation": instant(agreed.at),
        },
        "policy": [{"uri": f"{TEXT}:{agreed.text_version}:{agreed.language}:{agreed.text_sha256}"}],
        "provision": {"type": "permit" if agreed.given else "deny", "purpose": [CARE]},
    }


def _performer(signed: SignedNote, agreed: Agreed) -> Resource:
    """Who decided: the patient, or a parent."""
    own = agreed.by == signed.manifest.patient
    return {
        "type": "Patient" if own else "RelatedPerson",
        "identifier": {"system": PATIENT, "value": agreed.by},
    }
