"""Whether a grown person answers for a child, by the population registry (Folkeregisteret).

The registry says who has parental responsibility now. «Could not be checked» is an answer, too: it
stops nobody from bringing a child to a doctor, and opens nothing that others wrote about the child.
docs/population.md is the contract.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

# An answer is not asked for again the same day; and when nobody answers it stands for a week. A
# judgement: responsibility changes seldom, and what rests on it is reading, not being helped.
AGAIN = timedelta(days=1)
STANDS = timedelta(days=7)
OVER = frozenset({"doed", "opphoert"})  # a status of whom nobody answers for any more


class Unreadable(Exception):
    """This is no answer of the registry's."""


class Kin(StrEnum):
    """What came of asking."""

    RELATED = "related"
    NOT_RELATED = "not_related"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Child:
    """What the registry says of a child: nothing that we do not need."""

    birth_date: date | None
    is_over: bool  # has died, or the number is no longer in use
    responsible: frozenset[str]  # national numbers of those who have parental responsibility now


def judge(child: Child | None, parent: str, birth_date: date) -> Kin:
    """Whether `parent` (a number) answers for the child, who was said to be born on this day.

    None: the registry knows no such child. A birth date that is another one is no proof.
    """
    if child is None or child.is_over or parent not in child.responsible:
        return Kin.NOT_RELATED
    return Kin.RELATED if child.birth_date in (None, birth_date) else Kin.NOT_RELATED


def is_due(checked_at: datetime | None, now: datetime) -> bool:
    """Whether the registry is to be asked again."""
    return checked_at is None or now - checked_at >= AGAIN


def stands(checked_at: datetime | None, now: datetime) -> bool:
    """Whether that the registry has confirmed it can be relied on still."""
    return checked_at is not None and now - checked_at <= STANDS


def read(body: bytes, number: str) -> Child | None:
    """The child in an answer about this number; None: there is none. Raises Unreadable."""
    try:
        said = json.loads(body)
        if said["found"] is False:
            return None
        numbers = said["folkeregisteridentifikator"]
        if number not in [each["foedselsEllerDNummer"] for each in numbers]:
            raise Unreadable("another person")
        born = [each["foedselsdato"] for each in said["foedsel"] if _holds(each)]
        return Child(
            birth_date=date.fromisoformat(born[0]) if born and born[0] else None,
            is_over=any(each["status"] in OVER for each in said["status"] if _holds(each)),
            responsible=frozenset(
                str(each["ansvarlig"])
                for each in said["foreldreansvar"]
                if _holds(each) and each.get("ansvarlig")  # some have no number
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise Unreadable(type(fault).__name__) from None


def _holds(entry: dict[str, object]) -> bool:
    """Whether an entry is current; the registry keeps what was before, too."""
    current = entry["erGjeldende"]
    if not isinstance(current, bool):
        raise TypeError
    return current
