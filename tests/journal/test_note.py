"""What a note must hold before it is signed."""

from dataclasses import replace

import pytest

from tests.journal.make import NOTE
from venterom.journal import note
from venterom.journal.note import MAX_FIELD, MAX_REASON, NoteFields, Problem


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, {}),
        ({"history": ""}, {}),  # may be empty: the reason can say it all
        *(({field: ""}, {}) for field in ("medication", "critical", "advice", "callback")),
        ({"reason": ""}, {"reason": Problem.EMPTY}),
        ({"place": ""}, {"place": Problem.EMPTY}),  # where should help be sent?
        ({"findings": ""}, {"findings": Problem.EMPTY}),  # «not examined» is a finding
        ({"assessment": ""}, {"assessment": Problem.EMPTY}),
        ({"plan": ""}, {"plan": Problem.EMPTY}),
        ({"icpc2": ""}, {"icpc2": Problem.EMPTY}),
        ({"icpc2": "Q76"}, {"icpc2": Problem.NOT_A_CODE}),
        *(({"callback": number}, {}) for number in ("99999999", "+47 99 99 99 99", "116 117")),
        *(
            ({"callback": number}, {"callback": Problem.NOT_A_NUMBER})
            for number in ("hjemme", "9999", "99 99  99 99", "9" * 16, "٩٩٩٩٩٩٩٩", "99999999\n1")
        ),
        ({"plan": "Paracetamol ___ mg"}, {"plan": Problem.NOT_FILLED}),
        ({"advice": "____"}, {"advice": Problem.NOT_FILLED}),
        ({"plan": "sist__sett"}, {}),
        ({"plan": "x" * MAX_FIELD}, {}),
        ({"plan": "x" * (MAX_FIELD + 1)}, {"plan": Problem.TOO_LONG}),
        ({"history": "x" * (MAX_FIELD + 1)}, {"history": Problem.TOO_LONG}),
    ],
)
def test_what_keeps_a_note_from_being_signed(
    change: dict[str, str], problems: dict[str, Problem]
) -> None:
    assert note.problems(replace(NOTE, **change)) == problems


def test_a_draft_may_be_as_empty_as_it_likes() -> None:
    assert note.draft_problems(NoteFields()) == {}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  a  ", "a"),
        ("a\r\nb\rc", "a\nb\nc"),  # line ends of three systems
        ("a\tb", "a\tb"),  # a tab stays
        ("a\x00b\x07\x1b[31m\x0c\x85", "ab[31m"),  # control characters of a damaged paste
        ("\u202eabc\u2066", "abc"),  # marks that turn the writing around
        ("\ufeffabc", "abc"),  # byte order mark
        ("bla\u030a", "bl\u00e5"),  # one form of each letter
        ("<b>a</b> & b", "<b>a</b> & b"),  # markup is text, and is escaped where it is shown
        ("👩‍⚕️", "👩‍⚕️"),  # a joiner inside a sign is needed
        ("\n \n", ""),
    ],
)
def test_text_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert note.clean_text(typed) == stored


def test_a_note_is_cleaned_field_by_field() -> None:
    assert note.clean(NoteFields(plan=" x ", icpc2=" r76 ")) == NoteFields(plan="x", icpc2="R76")


def test_sections_come_in_reading_order_without_empty_ones() -> None:
    headings = [heading for heading, _ in note.sections(replace(NOTE, history="", advice=""))]
    assert headings == [
        "Kontaktårsak",
        "Legemidler",
        "Kritisk informasjon (CAVE)",
        "Funn",
        "Vurdering",
        "Plan",
    ]


def test_one_sheet_holds_everything() -> None:
    sheet = note.plain_text(NOTE)
    for field in note.HEADINGS:
        assert getattr(NOTE, field) in sheet
    assert NOTE.icpc2 in sheet


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", Problem.EMPTY), ("x" * MAX_REASON, None), ("x" * (MAX_REASON + 1), Problem.TOO_LONG)],
)
def test_a_reason_is_a_few_words(text: str, problem: Problem | None) -> None:
    assert note.reason_problem(text) is problem
