"""A picture of a signed note as a FHIR resource of its own (fhir.py)."""

import base64

from venterom.journal.fhir_parts import (
    VISIT,
    Resource,
    SignedNote,
    doctor,
    instant,
    labels,
    meeting,
    signed_at_of,
    subject,
    uuid,
)

PICTURE = "urn:venterom:picture-sha256"
PICTURES = "Bilde tatt under konsultasjonen"


def picture(signed: SignedNote, n: int) -> Resource:
    """A picture that the patient let the doctor take."""
    data, said = signed.pictures[n - 1], signed.content.pictures[n - 1]
    manifest = signed.manifest
    return {
        "resourceType": "DocumentReference",
        "id": uuid(manifest.visit, place_of(n)),
        "identifier": [
            {
                "system": f"{VISIT}:picture",
                "value": f"{manifest.visit}/{manifest.version}/{n}",
            },
            {"system": PICTURE, "value": said.sha256},
        ],
        "status": "current",
        "docStatus": "final",
        "type": {"text": PICTURES},
        "subject": subject(signed),
        "date": signed_at_of(signed),
        "author": [doctor(signed)],
        **labels(signed),
        "content": [
            {
                "attachment": {
                    "contentType": "image/jpeg",
                    "data": base64.b64encode(data).decode(),
                    "size": len(data),
                    "title": f"{PICTURES} {n}",
                    "creation": instant(said.taken_at),
                }
            }
        ],
        "context": {"encounter": [meeting(signed)]},
    }


def place_of(n: int) -> str:
    """What tells it apart from the other documents of the visit."""
    return f"DocumentReference/{n}"
