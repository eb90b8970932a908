"""Who comes to whose record, and what they may do there: the rule behind the door to /mine.

The patient does everything. A parent stands in for a child until it is 16 (pbrl §§ 3-4, 4-4); a
grown person to whom a grown patient has given a proxy reads, until it ends. Nobody else, ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from venterom.journal.access import Basis
from venterom.journal.minors import ADULT_AGE, HEALTH_AGE

# How long a proxy may last; whoever wants it longer gives it again.
LENGTHS: Mapping[str, timedelta] = MappingProxyType(
    {"month": timedelta(days=30), "half": timedelta(days=182), "year": timedelta(days=365)}
)


class Standing(StrEnum):
    """As what somebody comes to a record."""

    SELF = "self"
    PARENT = "parent"
    PROXY = "proxy"


class Right(StrEnum):
    """What can be done with a record."""

    READ = "read"
    SEE_THE_LOG = "see_the_log"
    TAKE_OUT = "take_out"  # everything, as a file
    BLOCK = "block"
    ASK = "ask"  # for a note to be put right, or deleted
    CONSENTS = "consents"
    GIVE_PROXY = "give_proxy"


RIGHTS: Mapping[Standing, frozenset[Right]] = MappingProxyType(
    {
        Standing.SELF: frozenset(Right),
        Standing.PARENT: frozenset(Right) - {Right.GIVE_PROXY},
        Standing.PROXY: frozenset({Right.READ, Right.SEE_THE_LOG, Right.TAKE_OUT}),
    }
)


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties somebody to a patient."""

    age: int  # the patient's, in whole years, today
    is_self: bool = False
    is_parent: bool = False
    in_register: bool = False  # parental responsibility, by Folkeregisteret and not by the parent
    proxy_until: datetime | None = None  # of one that has not been taken back


def standing(ties: Ties, now: datetime) -> Standing | None:
    """As what they come, or not at all."""
    if ties.is_self:
        return Standing.SELF
    if ties.is_parent and ties.age < HEALTH_AGE:
        return Standing.PARENT
    until = ties.proxy_until
    has_proxy = until is not None and now < until and ties.age >= ADULT_AGE
    return Standing.PROXY if has_proxy else None


def may(as_what: Standing, right: Right, age: int) -> bool:
    """Whether they may do this. A proxy is given by those who are of age."""
    return right in RIGHTS[as_what] and (right is not Right.GIVE_PROXY or age >= ADULT_AGE)


def basis(as_what: Standing, in_register: bool) -> Basis:
    """What the record is told of why they read. A parent who only says so reads what belongs to the
    visits that she opened, and what others wrote of the child when the register says so too."""
    if as_what is Standing.PROXY:
        return Basis.PROXY
    return Basis.PARENT if as_what is Standing.PARENT and in_register else Basis.NONE
