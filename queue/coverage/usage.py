"""What an insurer is told of how a policy is used: how many times in a month, and nothing finer."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that a day is in."""
        return cls(day.year, day.month)


def monthly(days: Iterable[date]) -> Mapping[Month, int]:
    """The number of uses in each month, earliest month first."""
    return dict(sorted(Counter(Month.of(day) for day in days).items()))
