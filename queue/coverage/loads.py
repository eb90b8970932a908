"""Taking policies in: what becomes of each line, why one is refused, and when a full file may end
what is missing from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from venterom.queue.coverage.policies import Policy

# A full file that lacks more than this share of an insurer's policies is more likely cut off, or
# another insurer's, than true. Judgement.
MOST_ENDED = 0.1


class Outcome(StrEnum):
    """What becomes of a line."""

    TAKEN = "taken"  # a number that was not in the register
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Kind(StrEnum):
    """What a line of a policy's history says of it."""

    TAKEN = "taken"
    CHANGED = "changed"
    ENDED = "ended"  # it was missing from a full file


class Source(StrEnum):
    """On which way policies have come."""

    FILE = "file"
    API = "api"


class Why(StrEnum):
    """Why a line is refused, as a code."""

    CELLS = "cells"
    NOT_UTF8 = "not_utf8"
    QUOTES = "quotes"
    EMPTY = "empty"
    FORMULA = "formula"
    NUMBER = "number"
    DATE = "date"
    YES_OR_NO = "yes_or_no"
    BORN = "born"
    ENDS_BEFORE = "ends_before"
    PRODUCT = "product"
    TWICE = "twice"
    NOT_YOURS = "not_yours"


WORDS: Mapping[Why, str] = {
    Why.CELLS: "has more or fewer cells than the first line",
    Why.NOT_UTF8: "is not UTF-8; save the file as UTF-8",
    Why.QUOTES: "has a quotation mark that is not closed, or one in the middle of a cell",
    Why.EMPTY: "is empty",
    Why.FORMULA: "begins as a formula does",
    Why.NUMBER: "is no policy number: 6 to 20 letters, digits and dashes",
    Why.DATE: "is no date; write 2026-12-31 or 31.12.2026",
    Why.YES_OR_NO: "is neither yes nor no",
    Why.BORN: "is no birth date: it lies ahead, or more than 120 years back",
    Why.ENDS_BEFORE: "lies before the first day",
    Why.PRODUCT: "is no product of this insurer; see `venterom insurer product --help`",
    Why.TWICE: "stands in more than one line, so none of them is taken",
    Why.NOT_YOURS: "is the number of another insurer's policy",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A line that holds a policy."""

    line: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be used. `column` is empty when it is the whole line's fault."""

    line: int
    column: str
    why: Why
    number: str = ""  # where it could be read


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one line."""

    line: int
    number: str
    outcome: Outcome
    column: str = ""
    why: Why | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """As a row of the report, under HEAD."""
        reason = WORDS[self.why] if self.why else ""
        return str(self.line), safe_cell(self.number), self.outcome.value, self.column, reason


HEAD = ("line", "number", "outcome", "column", "reason")
# What makes a formula of a cell, also in the wide form of East Asian scripts, and what a program
# strips before it looks (OWASP, «CSV injection»).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) else text


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a load: counts of lines, and of policies that were ended."""

    taken: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    ended: int = 0

    @property
    def lines(self) -> int:
        """All lines that hold anything."""
        return self.taken + self.changed + self.unchanged + self.refused


def may_end(refused: int) -> bool:
    """Whether a full file may end what is missing from it: a line that was refused may be the one
    that is missed."""
    return refused == 0


def too_many(ended: int, in_force: int) -> bool:
    """Whether so many of an insurer's policies cannot have ended at once."""
    return ended > MOST_ENDED * in_force
