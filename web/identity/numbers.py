"""National identity numbers: every kind of eleven digits, both checksum rules, synthetic ones too.

Sources: Skatteetaten, «Nytt fødselsnummer fra 2032»; ehelse.no, «Identifikatorer for personer».
Nobody's birth date or sex is read out of a number here: from 2032 it holds neither for certain.
A DUF number has twelve digits and is nothing that a Norwegian eID signs in with: it is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

LENGTH = 11
FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
FIRST_RESTS = range(4)  # only 0 until 2031; 1, 2 and 3 too from 1.1.2032
D_DAY = 40  # a D number's day of birth is 41–71
H_MONTH = 40  # a help number of one enterprise has the months 41–52
SYNTHETIC_MONTHS = (80, 65)  # Skatteetaten's Test-Norge; Norsk helsenett's older test people
# Which three digits after the birth date stand for which years of birth, until 2031.
SERIES = ((1940, 1999, 900, 999), (1900, 1999, 0, 499), (2000, 2039, 500, 999))


class Kind(StrEnum):
    """What the number is; the words are those of code list 8116, in small letters."""

    FNR = "fnr"
    DNR = "dnr"
    FHN = "fhn"
    HNR = "hnr"


class Rule(StrEnum):
    """Which rule the first check digit follows."""

    CLASSIC = "classic"
    FROM_2032 = "from_2032"


class Flaw(StrEnum):
    """Why a text is not a number that may be used here."""

    NOT_DIGITS = "not_digits"
    LENGTH = "length"
    DATE = "date"
    CHECK_DIGITS = "check_digits"
    SYNTHETIC = "synthetic"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Number:
    """What a number says about itself."""

    kind: Kind
    synthetic: bool


def judge(text: str, synthetic: bool) -> Number | Flaw:
    """What this number is, or why it is refused.

    `synthetic` says which people this installation is for: invented ones, whose numbers are
    refused in production, or real ones, whose numbers are refused everywhere else.
    """
    if not (text.isascii() and text.isdigit()):
        return Flaw.NOT_DIGITS
    if len(text) != LENGTH:
        return Flaw.LENGTH
    number = _read(text)
    if number is None:
        return Flaw.DATE
    if rule_of(text) is None:
        return Flaw.CHECK_DIGITS
    if number.synthetic != synthetic:
        return Flaw.SYNTHETIC if number.synthetic else Flaw.REAL
    return number


def names_one(text: str, synthetic: bool) -> bool:
    """Whether this number may be used here, and is one person's in the whole country. A help number
    of one enterprise is somebody else's in another: two people would share a record."""
    number = judge(text, synthetic)
    return isinstance(number, Number) and number.kind is not Kind.HNR


def rule_of(digits: str) -> Rule | None:
    """Which rule the check digits of eleven digits follow, if any."""
    first = _weigh(digits, FIRST_WEIGHTS)
    if first not in FIRST_RESTS or _weigh(digits, SECOND_WEIGHTS) != 0:
        return None
    return Rule.FROM_2032 if first else Rule.CLASSIC


def make(birth_date: date, serial: int) -> str:
    """The `serial`th (from 0) synthetic number, month + 80, of people born on this day.

    Raises ValueError when the day has fewer numbers than that; each has at least 400.
    """
    found = next(islice(_synthetic(birth_date), serial, None), None)
    if found is None:
        raise ValueError("this day has no such synthetic number")
    return found


def _read(digits: str) -> Number | None:
    """The kind by its marks, if the birth date (where there is one) exists."""
    if digits[0] in "89":
        return Number(Kind.FHN, synthetic=False)
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    kind = Kind.DNR if day > D_DAY else Kind.FNR
    shift = next((shift for shift in SYNTHETIC_MONTHS if month > shift), 0)
    if not shift and month > H_MONTH:
        kind, month = Kind.HNR, month - H_MONTH
    if not _exists(year, month - shift, day - D_DAY if day > D_DAY else day):
        return None
    return Number(kind, synthetic=shift > 0)


def _exists(year: int, month: int, day: int) -> bool:
    """Whether a century has this day: 2000 is the leap year that 1900 is not."""
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def _weigh(digits: str, weights: Sequence[int]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 11


def _synthetic(born: date) -> Iterator[str]:
    head = f"{born.day:02}{born.month + SYNTHETIC_MONTHS[0]:02}{born.year % 100:02}"
    for first, last, low, high in SERIES:
        if first <= born.year <= last:
            for individual in range(low, high + 1):
                yield from _with_check_digits(f"{head}{individual:03}")


def _with_check_digits(nine: str) -> Iterator[str]:
    """The eleven digits by the classic rule; some nines have none."""
    ten = f"{nine}{-_weigh(nine, FIRST_WEIGHTS) % 11}"
    eleven = f"{ten}{-_weigh(ten, SECOND_WEIGHTS) % 11}"
    if len(eleven) == LENGTH:
        yield eleven
