"""The required value sets of FHIR R4 that our resources touch. The models do not look at these."""

from collections.abc import Iterator
from typing import Any

# Where: the kind of resource and the path in it; then what may stand there. From the published
# definitions of R4 (4.0.1), bindings of strength «required».
REQUIRED: dict[str, frozenset[str]] = {
    path: frozenset(codes.split())
    for path, codes in {
        "Bundle.type": "document message transaction transaction-response batch batch-response"
        " history searchset collection",
        "Bundle.entry.request.method": "GET HEAD POST PUT DELETE PATCH",
        "Encounter.status": "planned arrived triaged in-progress onleave finished cancelled"
        " entered-in-error unknown",
        "Condition.clinicalStatus.coding.code": "active recurrence relapse inactive remission"
        " resolved",
        "Composition.status": "preliminary final amended entered-in-error",
        "Composition.attester.mode": "personal professional legal official",
        "Composition.section.text.status": "generated extensions additional empty",
        "DocumentReference.status": "current superseded entered-in-error",
        "DocumentReference.docStatus": "preliminary final amended entered-in-error",
        "Composition.relatesTo.code": "replaces transforms signs appends",
        "DocumentReference.relatesTo.code": "replaces transforms signs appends",
        "Provenance.entity.role": "derivation revision quotation source removal",
        "Consent.status": "draft proposed active rejected inactive entered-in-error",
        "Consent.provision.type": "deny permit",
    }.items()
}
KINDS = frozenset(path.split(".")[0] for path in REQUIRED)


def faults(resource: dict[str, Any]) -> Iterator[str]:
    """Every code that may not stand where it stands, and every kind that nobody has looked at."""
    kind = resource["resourceType"]
    if kind not in KINDS:
        yield f"{kind}: its value sets are not listed"
    yield from _walk(kind, resource)


def _walk(path: str, value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(path, each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "resource" and isinstance(each, dict):
                yield from faults(each)
            else:
                yield from _walk(f"{path}.{name}", each)
    elif path in REQUIRED and value not in REQUIRED[path]:
        yield f"{path}: {value}"
