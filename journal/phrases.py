"""Phrases: texts that a doctor writes often, by a short key. Nothing about patients is in them.

A phrase may have holes, `___`, which are filled by hand, and places that are filled by themselves.
A note with a hole left in it is not signed (note.py).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from venterom.journal.note import HOLE, clean_text

MAX_TEXT = 4_000  # characters: a page and a half
MOST = 200  # of one doctor's: more than anybody remembers the keys of
_KEY = re.compile("[a-zæøå0-9]{2,20}")
_PLACE = re.compile(r"\{[^{}]*\}")
# A national number is eleven digits, written together or six and five.
_NUMBER = re.compile(r"(?<!\d)\d{6} ?\d{5}(?!\d)")


class Place(StrEnum):
    """What is filled in by itself when the phrase is chosen, as it is written in a phrase."""

    DATE = "{dato}"
    DOCTOR = "{lege}"
    AGE = "{alder}"


class Problem(StrEnum):
    """What is wrong with a phrase; web/ has the words for it."""

    BAD_KEY = "bad_key"
    TAKEN = "taken"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN_PLACE = "unknown_place"
    ABOUT_SOMEBODY = "about_somebody"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text by its key; `shared` ones are for everybody to use, and their owner's to change."""

    id: str
    owner: str
    key: str
    text: str
    shared: bool


def cleaned(key: str, text: str) -> tuple[str, str]:
    """Both as they are stored: the key without its dot, and small."""
    return clean_text(key).removeprefix(".").casefold(), clean_text(text)


def problems(key: str, text: str) -> dict[str, Problem]:
    """What keeps a cleaned phrase from being stored, by field."""
    found: dict[str, Problem] = {}
    if not _KEY.fullmatch(key):
        found["key"] = Problem.BAD_KEY
    if not text:
        found["text"] = Problem.EMPTY
    elif len(text) > MAX_TEXT:
        found["text"] = Problem.TOO_LONG
    elif _NUMBER.search(text):
        found["text"] = Problem.ABOUT_SOMEBODY
    elif any(place not in set(Place) for place in _PLACE.findall(text)):
        found["text"] = Problem.UNKNOWN_PLACE
    return found


def usable(known: Iterable[Phrase], doctor: str) -> tuple[Phrase, ...]:
    """What this doctor can choose from, by key: the own ones, and of others' shared ones those
    whose key is not taken by an own."""
    by_key: dict[str, Phrase] = {}
    for phrase in sorted(known, key=lambda each: each.owner == doctor):
        if phrase.shared or phrase.owner == doctor:
            by_key[phrase.key] = phrase
    return tuple(phrase for _, phrase in sorted(by_key.items()))


def filled(text: str, values: Mapping[Place, str]) -> str:
    """The text with its places filled in; one that nobody knows here is a hole."""
    return _PLACE.sub(lambda found: values.get(Place(found[0])) or HOLE, text)
