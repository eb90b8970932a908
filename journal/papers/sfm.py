"""What is said to the national prescribing module, and what is understood of its answers.

The shape is that of «SFM Basis» (FHIR R4, norway.md 6.1): `Patient/$getMedication` asks what there
is, `Patient/$sendMedication` sends a document in which prescriptions are made or recalled, and the
answer says for each how it went. docs/prescribing.md is the contract, with what is still to be
confirmed by whoever has the agreement. Pure: what is read is judged strictly, and nonsense is said
to be nonsense.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from venterom.journal.errors import NationalRefused
from venterom.journal.fhir_parts import HPR, KODEVERK, Resource
from venterom.journal.papers.medicine import Medicine
from venterom.journal.papers.prescription import SAID, Prescription, valid_until

FRESH = timedelta(hours=4)  # how old the answer of $getMedication may be when something is sent
PROFILE = "http://ehelse.no/fhir/StructureDefinition/sfm-"
SECTIONS = "http://ehelse.no/fhir/CodeSystem/sfm-section-types"
FEST, ATC = "http://ehelse.no/fhir/CodeSystem/FEST", "http://www.whocc.no/atc"
NATIONAL_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.1"
HER = "urn:oid:2.16.578.1.12.4.1.2"
PLEASE_MAKE_ONE = "0"  # a reference number
DONE = {"send": frozenset({"0"}), "recall": frozenset({"0", "1"})}  # sfm-kj-rf-error-code


class Errand(StrEnum):
    """What is asked of the module."""

    SEND = "send"
    RECALL = "recall"  # M5


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom, as the module must know her."""

    name: str
    birth_date: date | None
    number: str  # national identity number


@dataclass(frozen=True, slots=True)
class Prescriber:
    """By whom, and for which enterprise."""

    name: str
    hpr: str
    her: str  # the enterprise's HER-id


@dataclass(frozen=True, slots=True)
class Order:
    """One prescription to be made or recalled; `id` is its ReseptID, a GUID of ours."""

    id: str
    errand: Errand
    body: Prescription
    written: date  # a day in Norway
    hidden_from_parents: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the module knows of a patient: the list to answer to, and the prescriptions in it."""

    list_id: str
    prescriptions: Mapping[str, str]  # ReseptID -> reference number, "" where there is none


@dataclass(frozen=True, slots=True)
class Result:
    """How one prescription went."""

    id: str
    reference: str  # the number that opens a locked one; "" where there is none


def fresh(asked_at: datetime, now: datetime) -> bool:
    """Whether what was asked for then may still be answered to now (the 4-hour rule)."""
    return timedelta(0) <= now - asked_at <= FRESH


def ask(subject: Subject) -> Resource:
    """The parameters of $getMedication."""
    return _parameters({"name": "patient", "resource": _patient(subject)})


def read_known(answer: object) -> Known:
    """What $getMedication answered. Raises NationalRefused for what cannot be understood."""
    try:
        bundle = _part(_listed(answer, "Parameters", "parameter"), "medication")["resource"]
        found = _listed(bundle, "Bundle", "entry")
        resources = [each["resource"] for each in found]
        (head,) = [each for each in resources if each["resourceType"] == "Composition"]
        statements = [each for each in resources if each["resourceType"] == "MedicationStatement"]
        ids = {_resept_id(each): _extension(each, "refnum") for each in statements}
        return Known(_said(head["identifier"]["value"]), {k: v for k, v in ids.items() if k})
    except (KeyError, TypeError, ValueError, IndexError) as fault:
        raise NationalRefused(f"getMedication: {type(fault).__name__}") from fault


def send(
    order: Order, subject: Subject, prescriber: Prescriber, known: Known, now: datetime
) -> Resource:
    """The parameters of $sendMedication: a document that answers to the list that was asked for."""
    assert order.body.medicine is not None
    names = {name: f"urn:uuid:{_uuid(order, name)}" for name in _NAMES}
    resources = {
        "composition": _composition(order, known, now, names),
        "practitioner": _practitioner(prescriber),
        "organization": _organization(prescriber),
        "patient": _patient(subject),
        "medication": _medication(order.body.medicine),
        "statement": _statement(order, names),
    }
    bundle = {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{PROFILE}MedicationBundle"]},
        "type": "document",
        "identifier": {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:uuid:{_uuid(order, 'bundle')}",
        },
        "timestamp": now.isoformat(),
        "entry": [{"fullUrl": names[name], "resource": resources[name]} for name in _NAMES],
    }
    return _parameters({"name": "medication", "resource": bundle})


def read_result(answer: object, order: Order) -> Result:
    """How it went with this prescription.

    Raises NationalRefused: it was refused, the counts do not fit, or the answer is none.
    """
    try:
        parameters = _listed(answer, "Parameters", "parameter")
        counter = "prescriptionCount" if order.errand is Errand.SEND else "recallCount"
        count = _part(parameters, counter)["valueInteger"]
        (parts,) = [
            each["part"]
            for each in parameters
            if each["name"] == "prescriptionOperationResult"
            and _part(each["part"], "reseptID")["valueString"] == order.id
        ]
        code = _said(_part(parts, "resultCode")["valueCoding"]["code"])
        numbers = [_said(each["valueString"]) for each in parts if each["name"] == "refnum"]
    except (KeyError, TypeError, ValueError, IndexError) as fault:
        raise NationalRefused(f"sendMedication: {type(fault).__name__}") from fault
    if code not in DONE[order.errand]:
        raise NationalRefused(f"code {code[:20]}")
    if count != 1:
        raise NationalRefused("the count does not fit")
    if order.errand is Errand.SEND and order.body.locked and not numbers:
        raise NationalRefused("locked, and no reference number came back")
    return Result(order.id, numbers[0] if numbers else "")


_NAMES = ("composition", "practitioner", "organization", "patient", "medication", "statement")


def _composition(order: Order, known: Known, now: datetime, names: Mapping[str, str]) -> Resource:
    return {
        "resourceType": "Composition",
        "meta": {"profile": [f"{PROFILE}MedicationComposition"]},
        "identifier": {"use": "official", "value": _uuid(order, "list")},
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11503-0"}]},
        "subject": {"reference": names["patient"]},
        "date": now.isoformat(),
        "author": [{"reference": names["practitioner"]}, {"reference": names["organization"]}],
        "title": "Medication summary",
        "attester": [
            {
                "mode": "legal",
                "time": now.isoformat(),
                "party": {"reference": names["practitioner"]},
            }
        ],
        "relatesTo": [
            {"code": "replaces", "targetIdentifier": {"use": "official", "value": known.list_id}}
        ],
        "section": [
            {
                "title": "Medication",
                "code": {"coding": [{"system": SECTIONS, "code": "sectionMedication"}]},
                "entry": [{"reference": names["statement"]}],
            }
        ],
    }


def _practitioner(prescriber: Prescriber) -> Resource:
    return {
        "resourceType": "Practitioner",
        "meta": {"profile": [f"{PROFILE}Practitioner"]},
        "identifier": [{"use": "official", "system": HPR, "value": prescriber.hpr}],
        "active": True,
        "name": [{"use": "official", "text": prescriber.name}],
    }


def _organization(prescriber: Prescriber) -> Resource:
    return {
        "resourceType": "Organization",
        "meta": {"profile": [f"{PROFILE}Organization"]},
        "identifier": [{"use": "official", "system": HER, "value": prescriber.her}],
    }


def _patient(subject: Subject) -> Resource:
    born = {"birthDate": subject.birth_date.isoformat()} if subject.birth_date else {}
    return {
        "resourceType": "Patient",
        "meta": {"profile": [f"{PROFILE}Patient"]},
        "identifier": [{"use": "official", "system": NATIONAL_NUMBER, "value": subject.number}],
        "active": True,
        "name": [{"text": subject.name}],
        **born,
    }


def _medication(medicine: Medicine) -> Resource:
    group = {"system": KODEVERK + "7421", "code": medicine.group}
    return {
        "resourceType": "Medication",
        "meta": {"profile": [f"{PROFILE}Medication"]},
        "extension": [
            {
                "url": "http://hl7.no/fhir/StructureDefinition/no-basis-prescriptiongroup",
                "extension": [
                    {"url": "prescriptiongroup", "valueCodeableConcept": {"coding": [group]}}
                ],
            }
        ],
        "code": {
            "coding": [
                {"system": FEST, "code": medicine.fest_id, "display": medicine.name},
                {"system": ATC, "code": medicine.atc, "display": medicine.substance},
            ]
        },
        "status": "active",
        "form": {"text": medicine.form},
    }


def _statement(order: Order, names: Mapping[str, str]) -> Resource:
    said = _recall if order.errand is Errand.RECALL else _amendment
    substitution = {
        "url": "genericSubstitutionAccepted",
        "valueBoolean": order.body.substitution,
    }
    return {
        "resourceType": "MedicationStatement",
        "meta": {"profile": [f"{PROFILE}MedicationStatement"]},
        "extension": [
            {"url": f"{PROFILE}reseptamendment", "extension": list(said(order))},
            {"url": f"{PROFILE}generic-substitution", "extension": [substitution]},
        ],
        "identifier": [{"use": "usual", "type": {"text": "ReseptId"}, "value": order.id}],
        "status": "active",
        "medicationReference": {"reference": names["medication"]},
        "subject": {"reference": names["patient"]},
        "informationSource": {"reference": names["practitioner"]},
        "dosage": [{"sequence": 1, "text": f"{order.body.dosage}, {order.body.use}"}],
    }


def _amendment(order: Order) -> Iterator[Resource]:
    body = order.body
    yield {"url": "createeresept", "valueBoolean": True}
    yield {"url": "reseptdate", "valueDate": order.written.isoformat()}
    yield {"url": "expirationdate", "valueDate": valid_until(body, order.written).isoformat()}
    yield {"url": "lockedresept", "valueBoolean": body.locked}
    if body.locked:
        yield {"url": "refnum", "valueString": PLEASE_MAKE_ONE}
    yield {"url": "numberofpackages", "valueDecimal": body.packages}
    yield {"url": "reit", "valueString": str(body.reit)}
    yield {"url": "itemgroup", "valueCodeableConcept": _coded("7402", "L", "Legemiddel")}
    yield {"url": "typeresept", "valueCodeableConcept": _coded("7491", "E", "Eresept")}
    yield {"url": "guardiantransparencyreservation", "valueBoolean": order.hidden_from_parents}
    if body.paragraph is not None:
        paragraph = _coded("7427", body.paragraph.value, SAID[body.paragraph])
        yield {"url": "reimbursementparagraph", "valueCodeableConcept": paragraph}
        if body.refund_code:
            yield {"url": "reimbursementcode", "valueString": body.refund_code}


def _recall(order: Order) -> Iterator[Resource]:
    yield {"url": "createeresept", "valueBoolean": False}
    parts = [{"url": "recallid", "valueString": order.id}]
    yield {"url": "recallinfo", "extension": parts}


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": KODEVERK + system, "code": code, "display": display}]}


def _parameters(parameter: Resource) -> Resource:
    return {"resourceType": "Parameters", "parameter": [parameter]}


def _uuid(order: Order, name: str) -> str:
    """A UUID of version 8 that follows from the order: sent again, it is the same document."""
    h = hashlib.sha256(f"{name}/{order.errand}/{order.id}".encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def _listed(resource: Any, kind: str, name: str) -> list[Any]:
    if resource["resourceType"] != kind or not isinstance(resource[name], list):
        raise ValueError(kind)
    found: list[Any] = resource[name]
    return found


def _part(parts: list[Any], name: str) -> Any:
    (found,) = [each for each in parts if each["name"] == name]
    return found


def _resept_id(statement: Any) -> str:
    found = [
        each["value"]
        for each in statement.get("identifier", ())
        if each.get("type", {}).get("text") == "ReseptId"
    ]
    return _said(found[0]) if found else ""


def _extension(statement: Any, name: str) -> str:
    for outer in statement.get("extension", ()):
        for inner in outer.get("extension", ()):
            if inner.get("url") == name:
                return _said(inner["valueString"])
    return ""


def _said(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > 200:
        raise ValueError("no text")
    return value
