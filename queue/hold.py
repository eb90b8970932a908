"""When an idle doctor is kept for a booked slot instead of taking somebody who dropped in.

Both rules look at the slots of the next 25 minutes and at how likely the other doctors are free by
then. `Certainty` keeps the doctor unless the slots are safe without: simple, and it also keeps
doctors who could not serve the slot, or who would not be the ones missing. `Harm` keeps the doctor
only where going would do harm, and asks for more harm the farther away the slot is.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from venterom.queue.service import MINUTE, STEP, STEPS, Chances

WINDOW = 25 * MINUTE  # no slot is looked at that is farther away
URGENT = 1 * MINUTE  # a promise with so little left is served, whatever is booked


class Other(NamedTuple):
    """Another doctor: the last start, and the chances of being free by half minutes."""

    last_start: int
    chances: Chances


class Certainty(NamedTuple):
    """Keep the doctor unless every slot is served in time with this probability all the same."""

    certainty: float = 0.90
    grace: int = 3 * MINUTE  # a slot may begin so late
    key: int = 3 * MINUTE  # a booked patient is due so long after the slot

    def keeps(
        self,
        t: int,
        last_start: int,
        slack: int,
        others: Iterable[Other],
        slots: Sequence[int],
        fresh: Chances,
    ) -> bool:
        """Whether this idle doctor must be kept; `slots` are those not begun, in order, and
        `fresh` the chances of one who begins with a patient now."""
        coming = [slot for slot in slots if t < slot <= t + WINDOW]
        others = tuple(others)
        for served, slot in enumerate(coming):
            step = half_minutes(slot + self.grace - t)
            chances = [other.chances[step] for other in others if slot <= other.last_start]
            if slot <= last_start:
                chances.append(fresh[step])
            few = counts(chances, served + 1)  # P(0), …, P(served) doctors: too few
            if 1 - sum(few) < self.certainty:
                return True
        return False


class Harm(NamedTuple):
    """Keep the doctor if going makes a slot late with more than a probability that grows with w.

    w is the time until the slot in minutes; the limit is base + linear w + square w²/100 + haste
    w/10, the last weighed by how much of the promise's twenty minutes is used up.
    """

    base: float
    linear: float
    square: float
    haste: float
    grace: int
    key: int

    def keeps(
        self,
        t: int,
        last_start: int,
        slack: int,
        others: Iterable[Other],
        slots: Sequence[int],
        fresh: Chances,
    ) -> bool:
        """Whether this idle doctor must be kept; `slots` are those not begun, in order, and
        `fresh` the chances of one who begins with a patient now."""
        first = bisect_right(slots, t)
        while first < len(slots) and (slot := slots[first]) <= min(t + WINDOW, last_start):
            after = bisect_right(
                slots, slot, first
            )  # those at the same time are looked at together
            step = half_minutes(slot - t + self.grace)
            busy = 1 - fresh[step]
            limit = self._limit((slot - t) / MINUTE, slack / MINUTE)
            if busy > limit:
                others = tuple(others)  # mostly it does not come to that, and nobody is looked at
                there = [each.chances[step] for each in others if slot <= each.last_start]
                still = [1 - fresh[_ago(t, slot, each, self.grace)] for each in slots[:after]]
                missing = _one_missing(counts(there, after), still, first)
                if any(each * busy > limit for each in missing):
                    return True
            first = after
        return False

    def _limit(self, wait: float, slack: float) -> float:
        used = 1 - slack / 20
        return (
            self.base
            + self.linear * wait
            + self.square * wait * wait / 100
            + self.haste * used * wait / 10
        )


# base, linear, square, haste, grace, key. The first three were given; the last two were tuned here,
# on seeds from 101, to the least punctuality that is asked for: 97.5 and 97 % within 5 minutes.
A1 = Harm(0.05, 0.0125, 0.0, 0.18, 4 * MINUTE, 2 * MINUTE)  # only lateness over 5 minutes watched
A2 = Harm(0.05, 0.010, 0.0, 0.0, 3 * MINUTE, 3 * MINUTE)
A3 = Harm(0.05, 0.0175, 0.025, 0.2, 210_000, 222_000)  # where notes may be put off
B1 = Harm(0.05, 0.020, 0.0, 0.18, 4 * MINUTE, 2 * MINUTE)
B3 = Harm(0.20, 0.050, 0.025, 0.2, 210_000, 282_000)


def half_minutes(ahead: int) -> int:
    """The index of a time ahead in a table of chances."""
    return min(ahead // STEP, STEPS - 1)


def counts(chances: Sequence[float], below: int) -> list[float]:
    """P(exactly n of these come true) for every n below a number."""
    few = [1.0]
    for chance in chances:
        few = _and(few, chance)[:below]
    return few + [0.0] * (below - len(few))


def _and(few: list[float], chance: float) -> list[float]:
    """The same with one more that comes true with this chance."""
    if chance == 1:
        return [0.0, *few]
    miss = 1 - chance
    return [n * miss + m * chance for n, m in zip([*few, 0.0], [0.0, *few], strict=True)]


def _ago(t: int, slot: int, earlier: int, grace: int) -> int:
    """How long ago, when `slot` is due, the doctor of an earlier slot began."""
    return half_minutes(slot + grace - max(earlier, t))


def _one_missing(few: Sequence[float], busy: Sequence[float], first: int) -> Iterator[float]:
    """P(as many doctors are free as are still busy with earlier slots): one more is missing.

    For each slot from the first on; `busy` is how likely the doctor of each still is.
    """
    still_busy = counts(busy[:first], first + 1)
    for chance in busy[first:]:
        yield sum(n * m for n, m in zip(few, still_busy, strict=False))
        still_busy = _and(still_busy, chance)
