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


@pytest.mark.parametrize(("code", "is_one"), [("A29", False), ("A30", True), ("R69", True)])
def test_a_process_is_told_from_a_diagnosis(code: str, is_one: bool) -> None:
    assert icpc2.is_process(code) is is_one
    assert not icpc2.is_process("R70")


TERMS = {
    "F70": "Øyekatarr, smittsom",
    "H71": "Ørebetennelse/mellomøret",
    "K86": "Høyt blodtrykk",
    "R74": "Forkjølelse",
    "R76": "Halsbetennelse",
    "R21": "Hals symptomer",
    "D21": "Sår på halsen",
    "X01": "Ménières prøve",
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("r7", ["R74", "R76"]),  # the beginning of a code
        ("R76", ["R76"]),
        ("hals", ["R21", "R76", "D21"]),  # words that begin so stand first, then by code
        ("betennelse", []),  # in the middle of a word
        ("mellom", ["H71"]),  # a word behind a sign
        ("smitt øye", ["F70"]),  # several words, in any order
        ("hals xyz", []),  # each of them must fit
        ("  HØYT   blod ", ["K86"]),
        ("oyekatarr", ["F70"]),  # as one writes without Norwegian letters
        ("sar", ["D21"]),
        ("ME\u0301NIE", ["X01"]),  # whichever way an accent is written
        ("menie", ["X01"]),
        ("r76 hals", ["R76"]),
        ("", []),
        (" ,/ ", []),
        ("(", []),
    ],
)
def test_a_code_is_found_by_code_or_words(typed: str, found: list[str]) -> None:
    assert [code for code, _ in icpc2.search(TERMS, typed)] == found


def test_no_more_are_found_than_can_be_looked_over() -> None:
    many = {f"A{n:02d}": f"Prøve {n}" for n in range(1, 30)}
    assert len(icpc2.search(many, "prøve")) == icpc2.MOST_FOUND
    assert [code for code, _ in icpc2.search(many, "prøve", limit=2)] == ["A01", "A02"]


def test_the_sample_is_found_by_its_own_words() -> None:
    assert icpc2.search(icpc2.COMMON, "blærek") == (("U71", "Blærekatarr"),)
