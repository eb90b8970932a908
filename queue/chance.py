"""Chance without dice: a small generator of whole numbers, whose seed is an argument.

Only whole numbers are used, so the same seed gives the same numbers on every machine.
"""

from collections.abc import MutableSequence, Sequence

from venterom.queue.quantiles import BELOW_LN2, NORMAL

WORD = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15  # the step of splitmix64 (Steele, Lea and Flood 2014)
MULTIPLIER = 6364136223846793005  # of the linear congruential generator (Knuth, MMIX)
INCREMENT = 1442695040888963407
LN2 = 693_147  # millionths


def scrambled(number: int) -> int:
    """The finishing step of splitmix64: near numbers give far ones."""
    number &= WORD
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & WORD
    return number ^ (number >> 31)


def seed(*parts: int) -> int:
    """One seed from several numbers; their order counts."""
    mixed = 0
    for part in parts:
        mixed = scrambled(mixed + GOLDEN + scrambled(part))
    return mixed


class Dice:
    """The generator splitmix64."""

    __slots__ = ("state",)

    def __init__(self, start: int) -> None:
        self.state = start & WORD

    def below(self, end: int) -> int:
        """A whole number from 0 up to `end`, which must be far below 2**64."""
        return self.bits(64) * end >> 64

    def bits(self, n: int) -> int:
        """So many random bits, 64 at most."""
        self.state = (self.state + GOLDEN) & WORD
        return scrambled(self.state) >> (64 - n)

    def happens(self, per_mille: int) -> bool:
        """Whether something happens that does so this often in a thousand."""
        return self.below(1000) < per_mille

    def from_table(self, knots: Sequence[int]) -> int:
        """A draw from 257 stored quantiles, straight between them."""
        at, part = divmod(self.bits(32), 1 << 24)
        return knots[at] + ((knots[at + 1] - knots[at]) * part >> 24)

    def exponential(self, mean: int) -> int:
        """An exponential variable: so many halvings, and a part of one more from the table."""
        halvings = 0
        while self.bits(1):
            halvings += 1
        return (halvings * LN2 + self.from_table(BELOW_LN2)) * mean // 1_000_000

    def spread(self, centre: int, per_mille: int) -> int:
        """A normal variable with this standard deviation, in thousandths of its centre."""
        return centre + centre * per_mille * self.from_table(NORMAL) // 1_000_000

    def shuffle(self, things: MutableSequence[int]) -> None:
        """Put them into random order (Fisher and Yates)."""
        for last in range(len(things) - 1, 0, -1):
            other = self.below(last + 1)
            things[last], things[other] = things[other], things[last]
