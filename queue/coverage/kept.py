"""How the twenty-minute promise was kept for an insurer's customers: a count for a month that is
over, once, and only if it is a count of many.

It is made of the ledger's facts by a job of the service, and is all that comes over from there: no
visit, no hour, no cause. What is stored never changes, so nobody is seen in the difference.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from venterom.queue.coverage.usage import Month

# Promises. A judgement: a share of fewer says little (of 20 kept, the true share may lie anywhere
# from 84 to 100 %), and who knows the customers could guess whose was broken. The database has it
# too, as a CHECK.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """Of so many promises so many were kept; None and None: too few to tell."""

    month: Month
    kept: int | None
    promises: int | None

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None of too few."""
        return None if self.kept is None or not self.promises else self.kept / self.promises


def tell(month: Month, kept: int, promises: int) -> Kept:
    """What may be told of a month."""
    return Kept(month, kept, promises) if promises >= FEWEST else Kept(month, None, None)


def together(months: Iterable[Kept]) -> tuple[int, int]:
    """All the months that are told: how many promises were kept, of how many."""
    told = [(each.kept, each.promises) for each in months]
    return sum(part or 0 for part, _ in told), sum(promises or 0 for _, promises in told)
