"""The sections of a note's Composition: headings for people, LOINC codes for programs (fhir.py)."""

from collections.abc import Mapping
from html import escape

from venterom.journal import contact, entry, fhir_amended, meeting, note, protection
from venterom.journal.fhir_parts import Resource, SignedNote
from venterom.journal.fhir_picture import PICTURES

LOINC = "http://loinc.org"
# From HL7's list of section codes for documents (doc-section-codes), in R4.
CODES: Mapping[str, tuple[str, str]] = {
    "reason": ("29299-5", "Reason for visit Narrative"),
    "history": ("10164-2", "History of Present illness Narrative"),
    "medication": ("10160-0", "History of Medication use Narrative"),
    "critical": ("48765-2", "Allergies and adverse reactions Document"),
    "findings": ("29545-1", "Physical findings Narrative"),
    "assessment": ("51848-0", "Evaluation note"),
    "plan": ("18776-5", "Plan of care note"),
    "advice": ("69730-0", "Instructions"),
}
_CODE_OF = {note.HEADINGS[field]: code for field, code in CODES.items()}


def written(signed: SignedNote) -> list[Resource]:
    """Every section of the Composition. A note of the first form may be on its way already, so it
    is written as it was then: sent twice, it must be the same."""
    coded = signed.content.form != entry.FIRST_FORM
    return [
        {
            "title": heading,
            **(_code(heading) if coded else {}),
            "text": {"status": "generated", "div": _narrative(text)},
        }
        for heading, text in [*note.sections(signed.content.note), *of_the_contact(signed)]
    ]


def of_the_contact(signed: SignedNote) -> list[tuple[str, str]]:
    """Of a later version, what it is and why; of the meeting: who, when and where; how the call was
    kept from others, that it was gone on with by telephone, and its pictures."""
    content = signed.content
    account = entry.account(content, signed.manifest.author_name)
    kept, rang, pictures = content.protection, content.telephone, len(content.pictures)
    return [
        *fhir_amended.sections(content.amends),
        *([(meeting.HEADING, account)] if account else []),
        *([] if kept is None else [(protection.HEADING, protection.sentences(kept))]),
        *([] if rang is None else [(contact.HEADING, contact.sentence(rang))]),
        *([(PICTURES, f"{pictures}, med pasientens ja.")] if pictures else []),
    ]


def _code(heading: str) -> Resource:
    if heading not in _CODE_OF:
        return {}
    code, display = _CODE_OF[heading]
    return {"code": {"coding": [{"system": LOINC, "code": code, "display": display}]}}


def _narrative(text: str) -> str:
    lines = "<br/>".join(escape(line) for line in text.split("\n"))
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{lines}</p></div>'
