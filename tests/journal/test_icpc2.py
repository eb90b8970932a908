"""What a diagnosis code looks like."""

import pytest

from venterom.journal import icpc2


@pytest.mark.parametrize("code", ["A01", "R76", "Z29", "X99", *icpc2.COMMON])
def test_a_code_is_a_chapter_and_two_digits(code: str) -> None:
    assert icpc2.well_formed(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "A00",  # numbers begin at 01
        "C01",  # no such chapter
        "Q76",
        "a01",  # small: normalise first
        "A1",
        "A011",
        "A01\n",
        "A0١",  # a digit of another script
        "J06.9",  # that is ICD-10
    ],
)
def test_anything_else_is_none(code: str) -> None:
    assert not icpc2.well_formed(code)


def test_a_code_is_stored_in_capitals() -> None:
    assert icpc2.normalise(" r76 ") == "R76"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("r7", "R74"),  # by code
        ("hals", "R76"),  # by word
        ("RYGG", None),  # in the middle of a word
        ("smittsom", "F70"),  # by a later word
        ("høyt b", "K86"),  # by the beginning of the line
        ("", None),
        ("  ", None),
        ("qq", None),
    ],
)
def test_suggestions_follow_what_is_typed(typed: str, first: str | None) -> None:
    found = icpc2.suggestions(typed)
    assert (found[0][0] if found else None) == first


def test_there_are_never_too_many_suggestions() -> None:
    assert len(icpc2.suggestions("s", limit=3)) == 3
