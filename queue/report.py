"""How the promises went: what a director is shown, and what may be said in public.

Counted are visits, by the promise that was accepted, or else by what was offered last; a new offer
never resets the clock. A share without the share of those who were refused would reward refusing
everybody, so all of them stand side by side.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from venterom.queue.hours import wall
from venterom.queue.promise import Decision, Outcome

Z95 = 1.959964  # standard deviations: 95 % of a normal distribution lie within
FEW = 100  # promises: an hour with fewer says nothing about how bad an hour can be
# Edges of the groups in which what was foretold is held against what came; the last is closed.
EDGES = (0.0, 0.8, 0.9, 0.95, 0.975, 0.99, 1.0)
PROMISES = frozenset({Decision.PROMISE20, Decision.LATER})


@dataclass(frozen=True, slots=True)
class Asked:
    """One visit's line of the ledger, and how it ended."""

    visit: str
    at: datetime
    decision: Decision
    p_keep: float  # as it was when the offer was written down
    accepted: bool
    outcome: Outcome | None  # None: it may still go either way, or nothing was promised
    cause: str = ""  # why it was broken
    leans: bool = False  # it was given while somebody on call was counted on


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the interval that chance alone allows (Wilson 1927, 95 %)."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, with 95 % confidence; anywhere, of nothing."""
        if not self.whole:
            return 0.0, 1.0
        n, p, z2 = self.whole, self.part / self.whole, Z95**2
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        reach = Z95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class Report:
    """The promises of a time. Slots are a matter of their own and not among the promises."""

    asked: int
    promised: Share  # twenty minutes, of all who asked
    later: Share  # a later time, of all who asked
    slots: Share  # chose or were shown slots only
    refused: Share  # were offered nothing at all
    kept: Share  # of the promises that were kept or broken
    strict: Share  # … with those who left before the deadline counted as broken
    withdrawn: Share  # left before the deadline, of all whose promise has ended
    by_hour: Mapping[int, Share]  # kept, by the hour of the day in Norway at which it was promised
    offered: Mapping[int, Mapping[Decision, int]]  # how many asked in each hour, and what they got
    causes: Mapping[str, int]  # of broken promises

    @property
    def worst_hour(self) -> tuple[int, Share] | None:
        """The hour with the lowest kept share, among those with enough promises to tell."""
        enough = [(hour, share) for hour, share in self.by_hour.items() if share.whole >= FEW]
        return min(enough, key=lambda each: (each[1].value, each[0]), default=None)


@dataclass(frozen=True, slots=True)
class Bin:
    """Promises with a foretold probability from `low` to `high`: what was foretold, what came."""

    low: float
    high: float
    foretold: float  # the mean of the group
    kept: Share


def report(asked: Iterable[Asked]) -> Report:
    """Count them."""
    each = tuple(asked)
    promises = [one for one in each if one.accepted and one.decision in PROMISES]
    ended = [one for one in promises if one.outcome is not None]
    tried = [one for one in ended if one.outcome is not Outcome.WITHDRAWN]
    decisions = Counter(one.decision for one in each)
    kept = sum(one.outcome is Outcome.KEPT for one in tried)
    return Report(
        asked=len(each),
        promised=Share(decisions[Decision.PROMISE20], len(each)),
        later=Share(decisions[Decision.LATER], len(each)),
        slots=Share(decisions[Decision.SLOT], len(each)),
        refused=Share(decisions[Decision.DECLINED], len(each)),
        kept=Share(kept, len(tried)),
        strict=Share(kept, len(ended)),
        withdrawn=Share(len(ended) - len(tried), len(ended)),
        by_hour=_by_hour(tried),
        offered=_offered(each),
        causes=Counter(one.cause for one in tried if one.outcome is Outcome.BROKEN),
    )


def judged(asked: Iterable[Asked]) -> tuple[int, int]:
    """How many promises the model kept, and how many it missed: those that were broken, and those
    that only a rescue kept. For what is learned; the patient's promise was kept either way."""
    promises = [one for one in asked if one.accepted and one.decision in PROMISES]
    kept = sum(one.outcome is Outcome.KEPT and not one.cause for one in promises)
    tried = sum(one.outcome in (Outcome.KEPT, Outcome.BROKEN) for one in promises)
    return kept, tried - kept


def undecided(asked: Iterable[Asked]) -> bool:
    """Whether one of the promises may still go either way."""
    return any(one.accepted and one.decision in PROMISES and not one.outcome for one in asked)


def _by_hour(tried: Sequence[Asked]) -> dict[int, Share]:
    """The kept share of each hour of the day in Norway, in their order."""
    all_of = Counter(wall(one.at).hour for one in tried)
    kept = Counter(wall(one.at).hour for one in tried if one.outcome is Outcome.KEPT)
    return {hour: Share(kept[hour], all_of[hour]) for hour in sorted(all_of)}


def _offered(asked: Iterable[Asked]) -> dict[int, Mapping[Decision, int]]:
    """What those were offered who asked in each hour of the day in Norway."""
    hours: dict[int, Counter[Decision]] = {}
    for one in asked:
        hours.setdefault(wall(one.at).hour, Counter())[one.decision] += 1
    return {hour: hours[hour] for hour in sorted(hours)}


def calibration(asked: Iterable[Asked]) -> tuple[Bin, ...]:
    """Foretold against what came of it, for the groups that have any promise in them."""
    tried = [
        one
        for one in asked
        if one.accepted and one.decision in PROMISES
        if one.outcome in (Outcome.KEPT, Outcome.BROKEN)
    ]
    bins = []
    for low, high in pairwise(EDGES):
        inside = [one for one in tried if low <= one.p_keep < high or one.p_keep == high == 1]
        if inside:
            foretold = math.fsum(one.p_keep for one in inside) / len(inside)
            kept = sum(one.outcome is Outcome.KEPT for one in inside)
            bins.append(Bin(low, high, foretold, Share(kept, len(inside))))
    return tuple(bins)
