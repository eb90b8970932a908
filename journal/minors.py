"""Who decides at which age (pasient- og brukerrettighetsloven §§ 4-3 and 4-4, as of 1.6.2026).

`today` is a calendar day in Norway (`norwegian_day`), handed in by the caller.
"""

from bisect import bisect_right
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

NORWAY = ZoneInfo("Europe/Oslo")

ADULT_AGE = 18  # vergemålsloven § 8
HEALTH_AGE = 16  # pbrl § 4-3 first paragraph b: decides about own health care
WEIGHT_AGE = 12  # pbrl § 4-4: from here the child's view weighs heavily
HEARD_AGE = 7  # pbrl § 4-4: from here the child is heard
BIRTHDAYS = (HEARD_AGE, WEIGHT_AGE, HEALTH_AGE, ADULT_AGE)  # on which something changes


class Decider(StrEnum):
    """Whose yes is needed."""

    PARENT = "parent"
    PARENT_CHILD_HEARD = "parent_child_heard"
    CHILD_ALONE = "child_alone"  # for reasons to be respected: the parents are not told
    YOUNG_PERSON = "young_person"
    ADULT = "adult"


def age(birth_date: date, today: date) -> int:
    """Whole years. Somebody born on 29 February comes of age on 1 March in other years."""
    return today.year - birth_date.year - ((today.month, today.day) < _day(birth_date))


def norwegian_day(now: datetime) -> date:
    """The calendar day in Norway: people grow older at midnight there."""
    return now.astimezone(NORWAY).date()


def decides(years: int, *, alone: bool = False) -> Decider:
    """Who decides for a person of this age (pbrl §§ 4-3, 4-4).

    `alone`: a child of 12 to 15 asks for a meeting of which its parents are not told, for reasons
    to be respected (§ 4-3 first paragraph c). Whether they are is for the doctor to judge, there.
    """
    if alone and weighs_heavily(years):
        return Decider.CHILD_ALONE
    if years >= ADULT_AGE:
        return Decider.ADULT
    if years >= HEALTH_AGE:
        return Decider.YOUNG_PERSON
    return Decider.PARENT_CHILD_HEARD if years >= HEARD_AGE else Decider.PARENT


def weighs_heavily(years: int) -> bool:
    """Whether the view of a child, who does not yet decide, weighs heavily (pbrl § 4-4)."""
    return WEIGHT_AGE <= years < HEALTH_AGE


def same_age_of_law(birth_date: date, then: date, today: date) -> bool:
    """Whether no birthday lies between that changes who decides, or who is heard."""
    return bisect_right(BIRTHDAYS, age(birth_date, then)) == bisect_right(
        BIRTHDAYS, age(birth_date, today)
    )


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
