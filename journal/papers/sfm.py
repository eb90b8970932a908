"""What is said to the national prescribing module, and what is understood of its answers.

The shape is that of «SFM Basis» (FHIR R4, norway.md 6.1): `Patient/$getMedication` asks what there
is, `Patient/$sendMedication` sends a document in which prescriptions are made or recalled, and the
answer says for each how it went. docs/prescribing.md is the contract, with what is still to be
confirmed by whoever has the agreement. Pure: what is read is judged strictly, and nonsense is said
to be nonsense.
"""

from datetime import datetime, timedelta
from typing import Any

from venterom.journal.errors import NationalRefused
from venterom.journal.fhir_parts import Resource
from venterom.journal.papers.errand import Errand, Result, Subject
from venterom.journal.papers.sfm_document import (
    Known,
    Order,
    Prescriber,
    parameters,
    patient,
    send,
)

__all__ = [
    "Known",
    "Order",
    "Prescriber",
    "ask",
    "fresh",
    "read_known",
    "read_result",
    "send",
]

FRESH = timedelta(hours=4)  # how old the answer of $getMedication may be when something is sent
DONE = {"send": frozenset({"0"}), "recall": frozenset({"0", "1"})}  # sfm-kj-rf-error-code


def fresh(asked_at: datetime, now: datetime) -> bool:
    """Whether what was asked for then may still be answered to now (the 4-hour rule)."""
    return timedelta(0) <= now - asked_at <= FRESH


def ask(subject: Subject) -> Resource:
    """The parameters of $getMedication."""
    return parameters({"name": "patient", "resource": patient(subject)})


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


def read_result(answer: object, order: Order) -> Result:
    """How it went with this prescription.

    Raises NationalRefused: it was refused, the counts do not fit, or the answer is none.
    """
    try:
        sent = _listed(answer, "Parameters", "parameter")
        counter = "prescriptionCount" if order.errand is Errand.SEND else "recallCount"
        count = _part(sent, counter)["valueInteger"]
        (parts,) = [
            each["part"]
            for each in sent
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
