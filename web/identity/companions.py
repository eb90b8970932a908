"""Whom a patient has to be asked about before a doctor lets them into the call. Pure.

A patient who decides has a right that others are not told that there is a meeting at all: from 16
(pbrl § 4-3), and a child of 12 to 15 who came alone, whose parents are not told for reasons to be
respected (§§ 3-4 and 4-3). So a parent comes in when the patient has said yes.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from venterom.journal.minors import Decider, age, decides


class GuestKind(StrEnum):
    """As what somebody is asked into a call."""

    INTERPRETER = "interpreter"
    PARENT = "parent"  # the other one, of a child
    RELATIVE = "relative"
    COLLEAGUE = "colleague"


KIN = frozenset({GuestKind.PARENT, GuestKind.RELATIVE})
ASKED: Mapping[Decider, bool] = MappingProxyType(
    {
        Decider.PARENT: False,
        Decider.PARENT_CHILD_HEARD: False,
        Decider.CHILD_ALONE: True,
        Decider.YOUNG_PERSON: True,
        Decider.ADULT: True,
    }
)


def is_asked(birth_date: date | None, today: date, *, alone: bool) -> bool:
    """Whether the patient decides who of the family is there. `alone`: nobody brought the patient.

    Whoever is of unknown age is asked.
    """
    return birth_date is None or ASKED[decides(age(birth_date, today), alone=alone)]


def may_come(kind: GuestKind, *, asked: bool, own_yes: bool) -> bool:
    """Whether somebody may be asked in as this, and be let in."""
    return own_yes or not asked or kind not in KIN
