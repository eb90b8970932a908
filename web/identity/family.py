"""Who is a child here, and what a parent must say about one."""

from datetime import date, datetime

from venterom.journal.minors import ADULT_AGE, age, norwegian_day
from venterom.web.identity.claims import EARLIEST_BIRTH, is_printable_name
from venterom.web.identity.errors import BadBirthDate, BadName, BadNumber, NotAChild, NotAnAdult
from venterom.web.identity.numbers import names_one


def is_child(birth_date: date | None, day: date) -> bool:
    """Whether this is known to be somebody under 18."""
    return birth_date is not None and age(birth_date, day) < ADULT_AGE


def first_name(name: str) -> str:
    """The first word of a name, for comparing."""
    return name.split(maxsplit=1)[0].casefold()


def check_child(
    name: str, birth_date: date, number: str, *, now: datetime, synthetic: bool
) -> None:
    """What a parent wrote about a child. Raises BadName, BadBirthDate, BadNumber or NotAChild."""
    _check_person(name, birth_date, number, now=now, synthetic=synthetic)
    if not is_child(birth_date, norwegian_day(now)):
        raise NotAChild


def check_adult(
    name: str, birth_date: date, number: str, *, now: datetime, synthetic: bool
) -> None:
    """What a patient wrote about another adult. Raises BadName, BadBirthDate, BadNumber or
    NotAnAdult."""
    _check_person(name, birth_date, number, now=now, synthetic=synthetic)
    if is_child(birth_date, norwegian_day(now)):
        raise NotAnAdult


def _check_person(
    name: str, birth_date: date, number: str, *, now: datetime, synthetic: bool
) -> None:
    if not is_printable_name(name):
        raise BadName
    if not EARLIEST_BIRTH <= birth_date <= norwegian_day(now):
        raise BadBirthDate
    if not names_one(number, synthetic):
        raise BadNumber
