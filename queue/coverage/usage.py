"""What an insurer is told of how a policy is used: how many times in a month, and nothing finer.

A month is told when it is over. Whoever could watch the running one grow would learn the day.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
YEAR = 12  # months


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that a day is in."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> "Month | None":
        """The month that is written as «2026-10»; None for anything else."""
        found = WRITTEN.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def before(self) -> "Month":
        """The month before it."""
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    @property
    def after(self) -> "Month":
        """The month after it."""
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    def is_over(self, day: date) -> bool:
        """Whether nothing of it is left on this day."""
        return self < Month.of(day)


@dataclass(frozen=True, slots=True)
class Uses:
    """How often in a month."""

    month: Month
    uses: int


def monthly(days: Iterable[date]) -> Mapping[Month, int]:
    """The number of uses in each month, earliest month first."""
    return dict(sorted(Counter(Month.of(day) for day in days).items()))


def months_over(day: date, count: int = YEAR) -> tuple[Month, ...]:
    """The last months that are over on this day, earliest first."""
    months = [Month.of(day).before]
    while len(months) < count:
        months.append(months[-1].before)
    return tuple(reversed(months))


def to_be_told(days: Iterable[date], day: date) -> tuple[Uses, ...]:
    """Of the days on which a policy was used, what may be told on `day`: how often in each month of
    the last year that is over, latest first; months without are left out."""
    counts = monthly(days)
    over = reversed(months_over(day))
    return tuple(Uses(month, counts[month]) for month in over if month in counts)
