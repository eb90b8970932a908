"""No pattern that a text is held against takes longer than the text is long.

A pattern of one open repeat reads each character once, or as often as it may begin anew. With two
that can meet on the same characters, or one within another, it may try all ways to divide a text.
Those patterns stand here with what keeps them apart, and before each the length is looked at.
"""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from venterom.journal import jws
from venterom.journal.errors import BadSignature
from venterom.web.identity import browser, numbers
from venterom.web.identity.claims import is_hpr_number, is_printable_name

PARSER: Any = importlib.import_module("re._parser")
ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("web", "journal", "queue", "rtc", "server")
SEVERAL = {  # what keeps the repeats of a pattern apart, so that a text can be divided in one way
    "web.identity.browser.PATH": "a slash, which none of them takes",
    "web.text.WISH": "a hyphen in front of each part, which none takes",
    "journal.jws.SHAPE": "a full stop, which none of them takes",
    "journal.anchor.WHOLE": "a full stop, which none of them takes",
    "server.reading.PASSWORD": "a colon and an @; only the operator's own setting is read by it",
    "rtc.offer._APT": "«apt=» in a line of an offer, whose lines have 512 characters at most",
}
LONG = 100_000


def modules() -> Iterator[str]:
    """All of ours; migrations hold no patterns, and are no modules to be imported."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                yield ".".join(("venterom", *path.relative_to(ROOT).with_suffix("").parts))


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Each compiled pattern of a module, by its name there."""
    for name in modules():
        module = importlib.import_module(name)
        for attribute, value in vars(module).items():
            if isinstance(value, re.Pattern) and module.__name__ == name:
                yield f"{name.removeprefix('venterom.')}.{attribute}", value


def open_repeats(tree: Any) -> int:
    """How many repeats without an end one way through a pattern has; one within another is two."""
    found = 0
    for kind, held in tree:
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                _least, most, inner = held
                within = open_repeats(inner)
                is_open = most == PARSER.MAXREPEAT
                found += 1 + 2 * within if is_open else within * min(most, 2)
            case "SUBPATTERN":
                found += open_repeats(held[-1])
            case "BRANCH":
                found += max(open_repeats(branch) for branch in held[1])
            case "ASSERT" | "ASSERT_NOT":
                found += open_repeats(held[1])
    return found


def several(pattern: str) -> bool:
    return open_repeats(PARSER.parse(pattern)) > 1


def test_every_pattern_reads_a_text_in_one_way_only() -> None:
    found = dict(patterns())
    assert len(found) > 40
    assert {name for name, each in found.items() if several(each.pattern)} == set(SEVERAL)


@pytest.mark.parametrize("slow", ["(a+)+", r"(a|b*)*c", r"\s*x?\s*", "(a*){2,9}", r".*=.*"])
def test_one_that_could_try_many_ways_is_found(slow: str) -> None:
    assert several(slow)


class _Watched:
    """A pattern that is not to see anything long."""

    def __init__(self, most: int) -> None:
        self.most = most

    def fullmatch(self, text: str) -> None:
        """As a pattern has it."""
        assert len(text) <= self.most


def test_the_length_is_looked_at_before_the_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "PATH", _Watched(browser.PATH_LENGTH))
    assert browser.safe_path("/" + "a/" * LONG) == browser.HOME
    monkeypatch.setattr(jws, "SHAPE", _Watched(jws.MAX_TOKEN))
    with pytest.raises(BadSignature):
        jws.verify("a." * LONG, {}, typ=None)


def test_what_is_far_too_long_is_no_number_and_no_name() -> None:
    for long in ("1" * LONG, " 1" * LONG, "٣" * LONG):
        assert not numbers.names_one(long, synthetic=True)
        assert not is_hpr_number(long)
        assert not is_printable_name(long)
