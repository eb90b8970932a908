"""A signed note is put right, or added to, by a new version (hpl § 42, pjf § 15).

What was signed stays as it was. A new version says the whole note anew and takes the place of what
stood before it, or it is an addition that stands beside it. Either says why, for the patient to
read. To say a note anew is to have its text at hand; an addition needs none, and stands alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from venterom.journal import note
from venterom.journal.access import Verdict
from venterom.journal.cases import Case, Kind, State
from venterom.journal.note import HEADINGS, NoteFields, Problem

ASKED = "asked_to_amend"  # ground: the patient has asked for this note to be put right
WHY = "Hvorfor notatet er rettet"
WHY_ADDED = "Hvorfor noe er føyd til"
ADDITION = "Tillegg"
_ALL_HEADINGS: Mapping[str, str] = {
    **HEADINGS,
    "icpc2": "Diagnose (ICPC-2)",
    "place": "Hvor pasienten var",
    "callback": "Nummer å ringe tilbake på",
}


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a later version is, and why it was written."""

    why: str
    addition: str = ""  # "": the whole note is said anew
    replaces: tuple[int, ...] = ()  # the versions whose place it takes; an addition takes nobody's


def standing(history: Sequence[Amendment | None]) -> tuple[int, ...]:
    """The versions that stand now, oldest first: the last one that says the whole note, and what
    was added since. `history` is of all versions in order; the first has no amendment."""
    stand: tuple[int, ...] = ()
    for version, said in enumerate(history, start=1):
        stand = (*stand, version) if said is not None and said.addition else (version,)
    return stand


def relates_to(version: int, said: Amendment) -> tuple[int, ...]:
    """The versions that this one speaks of: those that it replaces, or the one that it follows."""
    return (version - 1,) if said.addition else said.replaces


def changed(before: NoteFields, after: NoteFields) -> tuple[str, ...]:
    """The headings under which something else is said now, in the order of reading."""
    return tuple(
        heading
        for name, heading in _ALL_HEADINGS.items()
        if getattr(before, name) != getattr(after, name)
    )


def problems(
    why: str, addition: str, before: NoteFields | None, after: NoteFields | None
) -> dict[str, Problem]:
    """What keeps a cleaned amendment from being signed, by field. `after` is None for an addition,
    and `before` is what stands when the note is said anew."""
    found = {"why": _text_problem(why)}
    if after is None:
        found["addition"] = _text_problem(addition)
    else:
        found |= note.problems(after)
        if before is not None and not changed(before, after):
            found["amend"] = Problem.UNCHANGED
    return {name: problem for name, problem in found.items() if problem is not None}


def draft_problems(why: str, addition: str, after: NoteFields | None) -> dict[str, Problem]:
    """What keeps it from being stored while it is typed: only a field that is too long."""
    found = note.draft_problems(after) if after is not None else {}
    typed = {"why": why, "addition": addition}
    long = {name for name, text in typed.items() if _text_problem(text) is Problem.TOO_LONG}
    return found | dict.fromkeys(long, Problem.TOO_LONG)


def may_amend(person: str, signer: str, cases: Iterable[Case]) -> bool:
    """The doctor who signed the note, or who decided that it is put right."""
    return person == signer or person in {case.answered_by for case in _to_put_right(cases)}


def ground_to_see(verdict: Verdict, cases: Collection[Case]) -> str:
    """On which ground whoever amends may have the text before her; "": she may not. When the time
    of care is over, or there was none, the patient must have asked (pjf § 13); and what she asks
    for lifts no block of hers."""
    if verdict.allowed:
        return verdict.ground
    asked = any(case.kind is Kind.CORRECTION and case.state is State.OPEN for case in cases)
    over = verdict.ground in ("care_ended", "no_relation")
    return ASKED if over and (asked or _to_put_right(cases)) else ""


def _to_put_right(cases: Iterable[Case]) -> list[Case]:
    """Those whose answer was yes, and which nothing has come of yet."""
    return [case for case in cases if case.kind is Kind.CORRECTION and case.state is State.GRANTED]


def _text_problem(text: str) -> Problem | None:
    if not text:
        return Problem.EMPTY
    return Problem.TOO_LONG if len(text) > note.MAX_FIELD else None
