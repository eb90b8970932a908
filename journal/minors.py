"""Who decides at which age (pasient- og brukerrettighetsloven §§ 4-3 and 4-4, as of 1.6.2026).

`today` is a calendar day in Norway, handed in by the caller.
"""

from datetime import date
from enum import StrEnum

ADULT_AGE = 18  # vergemålsloven § 8
HEALTH_AGE = 16  # pbrl § 4-3 first paragraph b: decides about own health care
WEIGHT_AGE = 12  # pbrl § 4-4: from here the child's view weighs heavily
HEARD_AGE = 7  # pbrl § 4-4: from here the child is heard


class Decider(StrEnum):
    """Whose yes is needed."""

    PARENT = "parent"
    PARENT_CHILD_HEARD = "parent_child_heard"
    YOUNG_PERSON = "young_person"
    ADULT = "adult"


def age(birth_date: date, today: date) -> int:
    """Whole years. Somebody born on 29 February comes of age on 1 March in other years."""
    return today.year - birth_date.year - ((today.month, today.day) < _day(birth_date))


def decides(years: int) -> Decider:
    """Who decides for a person of this age (pbrl §§ 4-3, 4-4).

    That a child of 12 to 15 may decide alone for reasons that deserve respect (§ 4-3 first
    paragraph c) is for the doctor to judge, in a meeting that the child asks for by itself.
    """
    if years >= ADULT_AGE:
        return Decider.ADULT
    if years >= HEALTH_AGE:
        return Decider.YOUNG_PERSON
    return Decider.PARENT_CHILD_HEARD if years >= HEARD_AGE else Decider.PARENT


def weighs_heavily(years: int) -> bool:
    """Whether the view of a child, who does not yet decide, weighs heavily (pbrl § 4-4)."""
    return WEIGHT_AGE <= years < HEALTH_AGE


def may_act_for(holds_responsibility: bool, birth_date: date, today: date) -> bool:
    """Whether a parent may bring this child to a doctor. One parent is enough for ordinary care
    (pbrl § 4-4 second paragraph); a grown child comes by itself."""
    return holds_responsibility and 0 <= age(birth_date, today) < ADULT_AGE


def parent_may_read(years: int, withheld: bool) -> bool:
    """Whether a parent may read what was written about the child (pbrl § 3-4).

    From 16 the young person reads alone. At any age the doctor keeps back what weighty interests
    of the child ask for (third paragraph)."""
    return years < HEALTH_AGE and not withheld


def _day(birth_date: date) -> tuple[int, int]:
    return birth_date.month, birth_date.day
