"""What an insurer who keeps the register is asked, and what may be answered (docs/insurers.md).

They hear a number and a birth date, and a name for the question: not who asks, nor why. What comes
back is somebody else's: read strictly, and only the fields that are named here.
"""

import json
from collections.abc import Mapping
from datetime import date

from venterom.queue.coverage.errors import RegisterUnreachable
from venterom.queue.coverage.policies import LONGEST_PRODUCT, NO_LIMITS, Cover, Policy

MOST_BYTES = 64 * 1024  # of an answer; a true one takes three hundred
COVER = ("uses_per_year", "youngest", "oldest", "children", "children_until", "countries")


def question(request: str, number: str, born: date) -> bytes:
    """The body of a question. `request` is a fresh name that the answer repeats."""
    asked = {"request": request, "number": number, "birth_date": born.isoformat()}
    return json.dumps(asked, separators=(",", ":")).encode()


def read(
    status: int, body: bytes, *, request: str, number: str, born: date, insurer: str
) -> Policy | None:
    """The policy, or that this person has none with this number. Raises RegisterUnreachable for
    all that is not one of these two answers."""
    try:
        if status != 200:
            raise ValueError("status")
        said = _an_object(json.loads(body, parse_constant=_refuse))
        if said.get("request") != request:
            raise ValueError("request")
        if said["policy"] is None:
            return None
        return _policy(_an_object(said["policy"]), number, born, insurer)
    except (ValueError, KeyError, RecursionError):
        raise RegisterUnreachable from None


def _policy(said: Mapping[str, object], number: str, born: date, insurer: str) -> Policy:
    if said["number"] != number:
        raise ValueError("number")
    product = said["product"]
    if not isinstance(product, str) or not 0 < len(product) <= LONGEST_PRODUCT:
        raise ValueError("product")
    first, last = _day(said["valid_from"]), _day(said["valid_until"])
    if last < first:
        raise ValueError("valid_until")
    cover = _cover(_an_object(said["cover"])) if "cover" in said else NO_LIMITS
    children = _yes_or_no(said["covers_children"])
    return Policy(number, insurer, product, born, first, last, children, cover)


def _cover(said: Mapping[str, object]) -> Cover:
    cover = Cover(
        uses_per_year=_count(said.get("uses_per_year")),
        youngest=_count(said.get("youngest")) or 0,
        oldest=_count(said.get("oldest")),
        children=_yes_or_no(said.get("children", True)),
        children_until=_count(said.get("children_until")),
        countries=_countries(said.get("countries", [])),
    )
    # A limit that we do not understand is none that we may pass over.
    if set(said) - set(COVER) or not cover.makes_sense:
        raise ValueError("cover")
    return cover


def _an_object(said: object) -> Mapping[str, object]:
    if not isinstance(said, dict):
        raise ValueError("object")
    return said


def _day(said: object) -> date:
    if not isinstance(said, str) or len(said) != len("2026-12-31"):
        raise ValueError("day")
    return date.fromisoformat(said)


def _yes_or_no(said: object) -> bool:
    if not isinstance(said, bool):
        raise ValueError("yes or no")
    return said


def _count(said: object) -> int | None:
    if said is not None and type(said) is not int:
        raise ValueError("count")
    return said


def _countries(said: object) -> frozenset[str]:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise ValueError("countries")
    return frozenset(said)


def _refuse(name: str) -> None:
    raise ValueError(name)
