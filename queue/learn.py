"""What is learned from each day: how long patients take, and how sure a promise has to be.

Both change slowly and are written down as a version of the model before they count.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

PARTS = 256  # a distribution is kept as the values below which 0/256, 1/256 … 256/256 of cases lie
FEWEST = 40  # cases that are over: fewer say little, and are learned from when there are more
PRIOR = 400  # what was known before weighs as much as so many cases: a week of one doctor's

BROKEN = 0.009  # of the promises, on the way to 99 % kept: a little room for chance
# … that are broken or rescued where promises may lean on doctors on call: with three of them about
# five calls a day, of which nearly all are kept (docs/decisions/0011)
HELPED = 0.046
STEP = 0.005  # how much a broken promise raises the floor; in larger steps it wanders
# Nobody is promised what is less likely than LEAST, however good the average. With six doctors the
# average would allow .60; to stop above it costs less than .001 of the promises (decision 0011).
LEAST, MOST = 0.65, 0.995


def refit(prior: Sequence[int], finished: Iterable[int], running: Iterable[int]) -> tuple[int, ...]:
    """The quantiles of a duration (ms), from what was known, from cases that are over, and from
    those that have taken this long and go on.

    To leave the running ones out would make every duration too short: the long ones are the last
    to finish. Kaplan and Meier (1958); the prior counts as cases spread evenly over its quantiles.
    """
    each = PRIOR / PARTS
    cases = [((low + high) // 2, each, True) for low, high in pairwise(prior)]
    cases += [(taken, 1.0, True) for taken in finished]
    cases += [(taken, 1.0, False) for taken in running]
    # Of equal ones the finished come first: who goes on has taken longer.
    cases.sort(key=lambda case: (case[0], not case[2]))
    at_risk = sum(weight for _, weight, _ in cases)
    alive, steps = 1.0, [(0.0, min(prior[0], cases[0][0]))]
    for taken, weight, is_over in cases:
        if is_over:
            alive *= 1 - weight / at_risk
            steps.append((1 - alive, taken))
        at_risk -= weight
    steps.append((1.0, max(prior[-1], cases[-1][0])))
    return _quantiles(steps)


def _quantiles(steps: Sequence[tuple[float, int]]) -> tuple[int, ...]:
    """The values at equal parts, straight between the steps of (share, value)."""
    values, at = [], 0
    for part in range(PARTS + 1):
        share = part / PARTS
        while at + 2 < len(steps) and steps[at + 1][0] < share:
            at += 1
        (low, first), (high, last) = steps[at], steps[at + 1]
        inside = (share - low) / (high - low) if high > low else 1.0
        values.append(round(first + (last - first) * min(max(inside, 0.0), 1.0)))
    return tuple(values)


def floor_after(floor: float, kept: int, broken: int, wanted: float = BROKEN) -> float:
    """The floor after a day on which so many promises were kept, and broken or rescued, where a
    share of `wanted` may be.

    Every broken promise raises it and every kept one lowers it a little, so that in the long run
    about the wanted share is broken, whatever the model gets wrong (Gibbs and Candès 2021). One
    that was only kept by a rescue counts as broken: otherwise the floor would sink and the rescuers
    be called more and more.
    """
    return min(max(floor + STEP * (broken - wanted * (kept + broken)), LEAST), MOST)
