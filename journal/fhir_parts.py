"""What the resources of a bundle have in common: names, people, moments, labels (fhir.py)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from venterom.journal.entry import FIRST, Content, Manifest, from_ms

Resource: TypeAlias = dict[str, Any]  # JSON of a shape that FHIR, not we, decides

KODEVERK = "urn:oid:2.16.578.1.12.4.1.1."  # the national code lists live under this arc
ACCESS_LABELS = KODEVERK + "9603"
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"
VISIT = "urn:venterom:visit"
PATIENT = "urn:venterom:patient"
NOT_FOR_PARENTS = {"system": ACCESS_LABELS, "code": "NORN_FORANS"}


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that was given, or taken back."""

    id: str
    given: bool
    by: str  # pseudonym of whoever decided: the patient, or a parent
    at: datetime
    text_version: str
    text_sha256: str
    language: str
    receipt: str  # JWS


@dataclass(frozen=True, slots=True)
class SignedNote:
    """Everything that the bundle is made of."""

    manifest: Manifest
    content: Content
    jws: str
    pictures: tuple[bytes, ...] = ()  # JPEG, in the order of the content's
    consents: tuple[Agreed, ...] = ()  # as they were when it was signed, oldest first
    papers: tuple[bytes, ...] = ()  # PDF, in the order of the content's


def name_of(visit: str, version: int) -> str:
    """By what a note is known: the visit, and behind it which version a later one is."""
    return visit if version == FIRST else f"{visit}/{version}"


def uuid(name: str, kind: str) -> str:
    """A UUID of version 8 (RFC 9562) that follows from the name."""
    h = hashlib.sha256(f"{kind}/{name}".encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def identifier(signed: SignedNote, kind: str, version: int | None = None) -> Resource:
    """What the EPJ knows it by: the visit, and the version where there may be others; `version` is
    another one than the note's own."""
    manifest = signed.manifest
    value = f"{manifest.visit}/{version or manifest.version}"
    if kind == "encounter":
        return {"system": VISIT, "value": manifest.visit}
    return {"system": f"{VISIT}:{kind}", "value": value}


def reference(signed: SignedNote, kind: str) -> Resource:
    """To another resource of the bundle."""
    name = name_of(signed.manifest.visit, signed.manifest.version)
    return {"reference": f"urn:uuid:{uuid(name, kind)}"}


def meeting(signed: SignedNote) -> Resource:
    """To the encounter: a later version speaks of the one that is held already."""
    if signed.manifest.version == FIRST:
        return reference(signed, "Encounter")
    return {"type": "Encounter", "identifier": identifier(signed, "encounter")}


def subject(signed: SignedNote) -> Resource:
    """The patient, by pseudonym."""
    return {
        "type": "Patient",
        "identifier": {"system": PATIENT, "value": signed.manifest.patient},
    }


def doctor(signed: SignedNote) -> Resource:
    """Who wrote and signed."""
    return {
        "type": "Practitioner",
        "identifier": {"system": HPR, "value": signed.manifest.author_hpr},
        "display": signed.manifest.author_name,
    }


def signed_at_of(signed: SignedNote) -> str:
    """When, as FHIR writes it."""
    return instant(from_ms(signed.manifest.signed_at))


def instant(moment: datetime) -> str:
    """A moment as FHIR writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def labels(signed: SignedNote) -> Resource:
    """The label of what is kept from the parents."""
    return {"securityLabel": [{"coding": [NOT_FOR_PARENTS]}]} if signed.manifest.withheld else {}
