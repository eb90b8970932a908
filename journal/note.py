"""What a note must contain before it can be signed (pasientjournalforskriften §§ 5, 6 and 10).

§ 6 asks for what is *relevant and necessary*. So the reason for the contact, the findings, the
assessment and the plan must each be written, if only in a line: «ikke undersøkt, ser upåvirket ut
på video» is a finding, and its absence would leave the next reader guessing. The diagnosis code is
what primary care reports by. § 5 asks where the contact took place: of a call that is where the
patient sat, and it is where help must be sent when the line falls out.

The rest is written when there is something to write: history, when the reason does not say it
all; medicines and critical information (§ 6), when they were asked about; what the patient was told
(§ 7) beyond the plan; a number to ring back.

Signing makes the note final (§ 15, helsepersonelloven § 42): what is missing or wrong is then added
as a new, dated version, and never changed in place.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from venterom.journal import icpc2

MAX_REASON = 500  # characters of the patient's own words: «a few words», as the form says
# Characters of a field of the note: three printed pages; the longest notes of primary care are one.
MAX_FIELD = 10_000
HOLE = "___"  # in a phrase (phrases.py): what only the doctor can fill in
MAY_BE_EMPTY = frozenset({"history", "medication", "critical", "advice", "callback"})
# A telephone number as people write it, of Norway or of another country (E.164: 15 digits at most).
_NUMBER = re.compile(r"\+?[0-9](?: ?[0-9]){4,14}")

# Tab and line feed stay. The rest of C0 and C1 comes from damaged pastes; the marks that turn the
# direction of writing (U+202A–202E, U+2066–2069) can make a text look like another one.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


class Problem(StrEnum):
    """What is wrong with a field; web/ has the words for it."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_A_CODE = "not_a_code"
    NOT_IN_USE = "not_in_use"  # such a code could be, and the loaded list has none
    NOT_A_NUMBER = "not_a_number"
    NOT_FILLED = "not_filled"  # a hole of a phrase is left
    UNCHANGED = "unchanged"  # it is said anew, and says the same


@dataclass(frozen=True, slots=True)
class NoteFields:
    """The sections of a note, as the doctor writes them."""

    reason: str = ""
    history: str = ""
    findings: str = ""
    assessment: str = ""
    plan: str = ""
    icpc2: str = ""
    medication: str = ""  # a line for each: substance, strength, dosage
    critical: str = ""  # allergies and what else must be known at once (CAVE)
    advice: str = ""  # what the patient was told
    place: str = ""  # where the patient is
    callback: str = ""  # a telephone number, should the line fall out


NEEDED = tuple(field.name for field in fields(NoteFields) if field.name not in MAY_BE_EMPTY)

# The journal is in Norwegian (pjf § 10), so its headings are not translated.
HEADINGS: Mapping[str, str] = {
    "reason": "Kontaktårsak",
    "history": "Sykehistorie",
    "medication": "Legemidler",
    "critical": "Kritisk informasjon (CAVE)",
    "findings": "Funn",
    "assessment": "Vurdering",
    "plan": "Plan",
    "advice": "Informasjon og råd",
}


def clean_text(text: str) -> str:
    """One form of line ends and letters, without control characters and blanks around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", lines)).strip()


def clean(note: NoteFields) -> NoteFields:
    """The note as it is stored. A stray character in a paste is taken out, not held against the
    doctor: nothing that can be read is lost."""
    cleaned = {field.name: clean_text(getattr(note, field.name)) for field in fields(note)}
    return NoteFields(**cleaned | {"icpc2": icpc2.normalise(cleaned["icpc2"])})


def draft_problems(note: NoteFields) -> dict[str, Problem]:
    """What keeps a draft from being stored: only a field that is too long."""
    return {
        field.name: Problem.TOO_LONG
        for field in fields(note)
        if len(getattr(note, field.name)) > MAX_FIELD
    }


def problems(note: NoteFields) -> dict[str, Problem]:
    """What keeps a cleaned note from being signed, by field."""
    found = draft_problems(note)
    if note.icpc2 and not icpc2.well_formed(note.icpc2):
        found["icpc2"] = Problem.NOT_A_CODE
    if note.callback and not _NUMBER.fullmatch(note.callback):
        found["callback"] = Problem.NOT_A_NUMBER
    for field in fields(note):
        if HOLE in getattr(note, field.name):
            found.setdefault(field.name, Problem.NOT_FILLED)
        if not getattr(note, field.name) and field.name in NEEDED:
            found[field.name] = Problem.EMPTY
    return found


def sections(note: NoteFields) -> list[tuple[str, str]]:
    """Heading and text of each section that holds something, in the order of reading."""
    written = [(heading, getattr(note, name)) for name, heading in HEADINGS.items()]
    return [(heading, text) for heading, text in written if text]


def plain_text(note: NoteFields, *more: tuple[str, str], term: str = "") -> str:
    """The note on one sheet, for a reader that knows no structure; `more` are further headings and
    texts, `term` the words of the code."""
    code = [("Diagnose (ICPC-2)", f"{note.icpc2} {term}".rstrip())] if note.icpc2 else []
    written = [*sections(note), *code, *more]
    return "\n\n".join(f"{heading}\n{text}" for heading, text in written) + "\n"


def reason_problem(text: str) -> Problem | None:
    """What keeps a cleaned reason from being stored."""
    if not text:
        return Problem.EMPTY
    return Problem.TOO_LONG if len(text) > MAX_REASON else None
