"""What a policy number is, and what a policy says: for whom, of which insurer, until when; and what
the product behind it covers."""

import re
from dataclasses import dataclass
from datetime import date

from venterom.queue.coverage.errors import BadPolicyNumber

# Written out: \d and str.isalnum() also accept digits and letters of other scripts.
NUMBER = re.compile(r"[A-Z0-9-]{6,20}")


LONGEST_INSURER = 32  # characters of an insurer's name
LONGEST_PRODUCT = 80  # characters of a product's name
OLDEST = 120  # years that anybody is old
COUNTRY = re.compile(r"[A-Z]{2}")  # ISO 3166-1
HOME = "NO"  # where patients are, unless whoever asks says otherwise


@dataclass(frozen=True, slots=True)
class Cover:
    """What a product covers. Ages are in whole years, and included; None is no limit."""

    uses_per_year: int | None = None  # in a calendar year, holder and children together
    youngest: int = 0  # of the holder
    oldest: int | None = None
    children: bool = True  # whether the holder's children are covered at all
    children_until: int | None = None
    countries: frozenset[str] = frozenset()  # where the patient may be; none named: anywhere

    @property
    def makes_sense(self) -> bool:
        """Whether somebody could be covered by it."""
        return (
            (self.uses_per_year is None or self.uses_per_year > 0)
            and 0 <= self.youngest <= (OLDEST if self.oldest is None else self.oldest) <= OLDEST
            and (self.children_until is None or 0 <= self.children_until <= OLDEST)
            and all(COUNTRY.fullmatch(country) for country in self.countries)
        )


NO_LIMITS = Cover()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as the insurer has told it."""

    number: str
    insurer: str
    product: str
    holder_birth_date: date
    valid_from: date
    valid_until: date
    covers_children: bool
    cover: Cover = NO_LIMITS

    def is_valid(self, day: date) -> bool:
        """Whether it is in force on this day, the first and the last day included."""
        return self.valid_from <= day <= self.valid_until


def age(born: date, day: date) -> int:
    """Whole years on this day; whoever was born on 29 February turns older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def normalise(text: str) -> str:
    """The number as it is stored: upper case, without spaces. Raises BadPolicyNumber."""
    # ASCII first: upper() turns some letters of other scripts into ASCII ones.
    if not text.isascii():
        raise BadPolicyNumber
    number = "".join(text.split()).upper()
    if NUMBER.fullmatch(number) is None:
        raise BadPolicyNumber
    return number
