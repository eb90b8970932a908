"""What a phrase is, whose it is, and what is filled in."""

import pytest

from venterom.journal import phrases
from venterom.journal.phrases import MAX_TEXT, Phrase, Place, Problem

BAD_KEY = {"key": Problem.BAD_KEY}


@pytest.mark.parametrize(
    ("key", "text", "problems"),
    [
        ("hals", "Rød svelg.", {}),
        ("øre2", "Paracetamol ___ mg, {dato}, {lege}, {alder}", {}),
        ("a", "x", BAD_KEY),
        ("a" * 21, "x", BAD_KEY),
        ("Hals", "x", BAD_KEY),
        ("vondt hals", "x", BAD_KEY),
        ("hals.", "x", BAD_KEY),
        ("", "", {"key": Problem.BAD_KEY, "text": Problem.EMPTY}),
        ("hals", "", {"text": Problem.EMPTY}),
        ("hals", "x" * MAX_TEXT, {}),
        ("hals", "x" * (MAX_TEXT + 1), {"text": Problem.TOO_LONG}),
        ("hals", "Kontroll {uke}", {"text": Problem.UNKNOWN_PLACE}),
        ("hals", "{}", {"text": Problem.UNKNOWN_PLACE}),
        ("hals", "{navn", {}),  # that is a bracket
        # a national number has no business in a phrase, nor has what looks like one
        ("hals", "Pas. 17858012345 ringte", {"text": Problem.ABOUT_SOMEBODY}),
        ("hals", "178580 12345", {"text": Problem.ABOUT_SOMEBODY}),
        ("hals", "116 117 eller 21492401", {}),
        ("hals", "123456789012", {}),
    ],
)
def test_what_keeps_a_phrase_from_being_kept(
    key: str, text: str, problems: dict[str, Problem]
) -> None:
    assert phrases.problems(key, text) == problems


@pytest.mark.parametrize(
    ("typed", "key"), [(" .Hals ", "hals"), ("ØRE", "øre"), ("..a", ".a"), ("a\u030are", "åre")]
)
def test_a_key_is_stored_small_and_without_its_dot(typed: str, key: str) -> None:
    assert phrases.cleaned(typed, " x ") == (key, "x")


def phrase(key: str, owner: str, *, shared: bool = False) -> Phrase:
    return Phrase(f"{owner}-{key}", owner, key, "x", shared)


@pytest.mark.parametrize(
    ("known", "chosen"),
    [
        ([phrase("b", "me"), phrase("a", "me", shared=True)], ["me-a", "me-b"]),
        ([phrase("a", "you")], []),  # somebody else's own
        ([phrase("a", "you", shared=True)], ["you-a"]),
        ([phrase("a", "me"), phrase("a", "you", shared=True)], ["me-a"]),  # one's own goes first
        ([phrase("a", "you", shared=True), phrase("a", "me")], ["me-a"]),
    ],
)
def test_a_doctor_chooses_from_the_own_and_the_shared(
    known: list[Phrase], chosen: list[str]
) -> None:
    assert [each.id for each in phrases.usable(known, "me")] == chosen


def test_places_are_filled_and_holes_are_left() -> None:
    values = {Place.DATE: "24.11.2026", Place.DOCTOR: "Berit {alder}", Place.AGE: ""}
    text = "{dato} {lege}: {alder} år, ___ mg"
    assert phrases.filled(text, values) == "24.11.2026 Berit {alder}: ___ år, ___ mg"
