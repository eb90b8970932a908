"""What a later version of a note says of those before it, as FHIR has it (fhir.py).

A note that is said anew replaces; an addition appends. The one before is named by the identifier
that it was given, so nothing of it need be here any more.
"""

from collections.abc import Iterator

from venterom.journal import amendment
from venterom.journal.amendment import Amendment
from venterom.journal.fhir_parts import Resource, SignedNote, identifier

_REVISION = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation",
            "code": "UPDATE",
            "display": "revise",
        }
    ]
}


def status(signed: SignedNote) -> str:
    """Of the note as a whole."""
    return "final" if signed.content.amends is None else "amended"


def composition_relates(signed: SignedNote) -> Resource:
    """Which compositions it takes the place of, or follows."""
    return _relates(
        {"code": code, "targetIdentifier": identifier(signed, "composition", version)}
        for code, version in _before(signed)
    )


def document_relates(signed: SignedNote) -> Resource:
    """The same of the sheets."""
    return _relates(
        {"code": code, "target": _document(signed, version)} for code, version in _before(signed)
    )


def revision(signed: SignedNote) -> Resource:
    """For the provenance: that it revises, what, and why."""
    amends = signed.content.amends
    if amends is None:
        return {}
    return {
        "reason": [{"text": amends.why}],
        "activity": _REVISION,
        "entity": [
            {"role": "revision", "what": _document(signed, version)}
            for _, version in _before(signed)
        ],
    }


def sections(amends: Amendment | None) -> list[tuple[str, str]]:
    """Heading and text of what only a later version says."""
    if amends is None:
        return []
    if amends.addition:
        return [(amendment.ADDITION, amends.addition), (amendment.WHY_ADDED, amends.why)]
    return [(amendment.WHY, amends.why)]


def title(amends: Amendment | None, plain: str) -> str:
    """Of a note whose title would be `plain`."""
    if amends is None:
        return plain
    return (
        "Tillegg til journalnotat" if amends.addition else f"Rettet {plain[0].lower()}{plain[1:]}"
    )


def _before(signed: SignedNote) -> Iterator[tuple[str, int]]:
    if (amends := signed.content.amends) is not None:
        code = "appends" if amends.addition else "replaces"
        for version in amendment.relates_to(signed.manifest.version, amends):
            yield code, version


def _document(signed: SignedNote, version: int) -> Resource:
    return {"type": "DocumentReference", "identifier": identifier(signed, "document", version)}


def _relates(found: Iterator[Resource]) -> Resource:
    related = list(found)
    return {"relatesTo": related} if related else {}
