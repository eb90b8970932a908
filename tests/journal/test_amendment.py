"""When a version is said anew, when it is an addition, who may write it, and what must be in it."""

from dataclasses import replace

import pytest

from tests.journal.make import NOON, NOTE, after
from venterom.journal import amendment
from venterom.journal.access import Verdict
from venterom.journal.amendment import Amendment
from venterom.journal.cases import Case, Kind, State
from venterom.journal.note import MAX_FIELD, NoteFields, Problem

ANEW = Amendment("Feil dato")
ADDED = Amendment("Prøvesvar", "Prøven var negativ")


def case(kind: Kind = Kind.CORRECTION, state: State = State.GRANTED, by: str = "boss") -> Case:
    return Case("c", "kari", "v", kind, "kari", NOON, after(days=28), "dr", "Dr", state, by, NOON)


@pytest.mark.parametrize(
    ("history", "stand"),
    [
        ([None], (1,)),
        ([None, ADDED], (1, 2)),
        ([None, ADDED, ADDED], (1, 2, 3)),
        ([None, ANEW], (2,)),
        ([None, ADDED, ANEW], (3,)),
        ([None, ANEW, ADDED], (2, 3)),
        ([None, ANEW, ADDED, ANEW], (4,)),
    ],
)
def test_the_last_that_says_the_whole_note_stands_and_what_was_added_since(
    history: list[Amendment | None], stand: tuple[int, ...]
) -> None:
    assert amendment.standing(history) == stand


def test_a_note_said_anew_speaks_of_what_it_replaces_and_an_addition_of_the_one_before() -> None:
    assert amendment.relates_to(4, replace(ANEW, replaces=(2, 3))) == (2, 3)
    assert amendment.relates_to(4, ADDED) == (3,)


def test_what_was_changed_is_told_by_the_headings_of_the_record() -> None:
    assert amendment.changed(NOTE, NOTE) == ()
    other = replace(NOTE, plan="Ring", icpc2="R74", place="Ute", callback="1")
    headings = ("Plan", "Diagnose (ICPC-2)", "Hvor pasienten var", "Nummer å ringe tilbake på")
    assert amendment.changed(NOTE, other) == headings
    every = NoteFields(*(f"{name}x" for name in NoteFields.__slots__))
    assert len(amendment.changed(NOTE, every)) == len(NoteFields.__slots__)


@pytest.mark.parametrize(
    ("why", "addition", "after_", "found"),
    [
        ("Feil dato", "", replace(NOTE, plan="Ring"), {}),
        ("", "", replace(NOTE, plan="Ring"), {"why": Problem.EMPTY}),
        ("Feil", "", NOTE, {"amend": Problem.UNCHANGED}),
        ("Feil", "", replace(NOTE, plan=""), {"plan": Problem.EMPTY}),
        ("Prøvesvar", "Negativ", None, {}),
        ("Prøvesvar", "", None, {"addition": Problem.EMPTY}),
        ("", "Negativ", None, {"why": Problem.EMPTY}),
        (
            "x" * (MAX_FIELD + 1),
            "y" * (MAX_FIELD + 1),
            None,
            {"why": Problem.TOO_LONG, "addition": Problem.TOO_LONG},
        ),
    ],
)
def test_it_says_why_and_something_else_than_before(
    why: str, addition: str, after_: NoteFields | None, found: dict[str, Problem]
) -> None:
    assert amendment.problems(why, addition, NOTE if after_ else None, after_) == found


@pytest.mark.parametrize(
    ("person", "cases", "may"),
    [
        ("dr", [], True),
        ("boss", [], False),
        ("boss", [case()], True),  # who decided that it is put right
        ("other", [case()], False),
        ("boss", [case(state=State.REFUSED)], False),
        ("boss", [case(state=State.CARRIED_OUT)], False),  # it has been
        ("boss", [case(Kind.DELETION)], False),
        ("", [case(state=State.OPEN, by="")], False),
    ],
)
def test_the_signer_amends_or_who_decided_it(person: str, cases: list[Case], may: bool) -> None:
    assert amendment.may_amend(person, "dr", cases) is may


@pytest.mark.parametrize(
    ("verdict", "cases", "ground"),
    [
        (Verdict(True, "care"), [], "care"),
        (Verdict(False, "care_ended"), [], ""),  # only an addition
        (Verdict(False, "care_ended"), [case()], amendment.ASKED),
        (Verdict(False, "care_ended"), [case(state=State.OPEN)], amendment.ASKED),
        (Verdict(False, "care_ended"), [case(state=State.REFUSED)], ""),
        (Verdict(False, "care_ended"), [case(Kind.DELETION)], ""),
        (
            Verdict(False, "no_relation"),
            [case()],
            amendment.ASKED,
        ),  # who decided, and was not there
        (Verdict(False, "blocked"), [case()], ""),  # the patient's block stands
        (Verdict(False, "deleted"), [case()], ""),
    ],
)
def test_the_text_is_shown_in_the_time_of_care_or_when_the_patient_has_asked(
    verdict: Verdict, cases: list[Case], ground: str
) -> None:
    assert amendment.ground_to_see(verdict, cases) == ground
