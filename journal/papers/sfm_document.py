"""The document that is sent to the national prescribing module, resource by resource (sfm.py)."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from venterom.journal.fhir_parts import HPR, KODEVERK, Resource
from venterom.journal.papers.errand import Errand, Subject
from venterom.journal.papers.medicine import Medicine
from venterom.journal.papers.prescription import SAID, Prescription, Scheme, valid_until

PROFILE = "http://ehelse.no/fhir/StructureDefinition/sfm-"
SECTIONS = "http://ehelse.no/fhir/CodeSystem/sfm-section-types"
FEST, ATC = "http://ehelse.no/fhir/CodeSystem/FEST", "http://www.whocc.no/atc"
NATIONAL_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.1"
HER = "urn:oid:2.16.578.1.12.4.1.2"
PLEASE_MAKE_ONE = "0"  # a reference number
# Codes of refunds are lists of their own (helfo.no, 15.1.2018); a hospital's diagnosis is ICD-10.
REFUND_ICPC2, REFUND_ICD10, ICD10 = "7434", "7435", "7110"


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
        "patient": patient(subject),
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
    return parameters({"name": "medication", "resource": bundle})


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


def patient(subject: Subject) -> Resource:
    """For whom."""
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
    yield from _payer(body)


def _payer(body: Prescription) -> Iterator[Resource]:
    if not body.rule:
        return
    words = SAID[body.paragraph] if body.paragraph else "H-resept"
    rule = _coded("7427", body.rule, words)
    yield {"url": "reimbursementparagraph", "valueCodeableConcept": rule}
    if body.refund_code:
        blue = REFUND_ICPC2 if body.is_of_icpc2 else REFUND_ICD10
        system = ICD10 if body.scheme is Scheme.H else blue
        code = {"coding": [{"system": KODEVERK + system, "code": body.refund_code}]}
        yield {"url": "reimbursementcode", "valueCodeableConcept": code}


def _recall(order: Order) -> Iterator[Resource]:
    yield {"url": "createeresept", "valueBoolean": False}
    parts = [{"url": "recallid", "valueString": order.id}]
    yield {"url": "recallinfo", "extension": parts}


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": KODEVERK + system, "code": code, "display": display}]}


def parameters(parameter: Resource) -> Resource:
    """What an operation is given."""
    return {"resourceType": "Parameters", "parameter": [parameter]}


def _uuid(order: Order, name: str) -> str:
    """A UUID of version 8 that follows from the order: sent again, it is the same document."""
    h = hashlib.sha256(f"{name}/{order.errand}/{order.id}".encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-a{h[17:20]}-{h[20:32]}"
