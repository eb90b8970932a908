"""How long patients take: consultation and note kept apart, from the stored quantiles.

All durations are whole milliseconds. What is left of one that has begun is drawn from the cases
that took longer than it has taken already; so no formula is assumed.
"""

from bisect import bisect_right
from collections.abc import Sequence

from venterom.queue import quantiles

SECOND = 1_000
MINUTE = 60 * SECOND

NO_SHOW = 50  # of a thousand patients are not there
NO_SHOW_COST = 3 * MINUTE  # until the doctor gives up
SHOWS_BY = 1 * MINUTE  # by then it is known whether the patient is there

POINTS = 4_096  # equally likely cases that a distribution is spread into
REST = 40  # of these: who has taken longer than nearly all is treated like the slowest ones


def spread(knots: Sequence[int], points: int = POINTS) -> tuple[int, ...]:
    """Equally likely cases from 257 quantiles, straight between them, smallest first."""
    parts = len(knots) - 1
    cases = []
    for point in range(points):
        at, part = divmod((2 * point + 1) * parts, 2 * points)
        cases.append(knots[at] + (knots[at + 1] - knots[at]) * part // (2 * points))
    return tuple(cases)


CONSULTATIONS = spread(quantiles.CONSULTATION)
WRAP_UPS = spread(quantiles.WRAP_UP)


def longer_than(cases: Sequence[int], elapsed: int) -> int:
    """The index of the first case that takes longer; a few of the last ones are always left."""
    return min(bisect_right(cases, elapsed), len(cases) - len(cases) * REST // POINTS - 1)


def known(cases: Sequence[int], elapsed: int) -> int:
    """How long something has taken, as far as the cases go: longer than all is like the slowest."""
    return elapsed if elapsed < cases[-1] else cases[len(cases) - len(cases) * REST // POINTS - 2]


# How likely a doctor is free again within so many half minutes. They are tables because the hold
# rule asks them for every doctor at every decision.
STEP = 30 * SECOND
STEPS = 72  # half minutes ahead: a little more than the hold rule looks
CASES = 64  # enough for a table whose own steps are half minutes

Chances = tuple[float, ...]  # by half minutes


def _free_from_call(elapsed: int) -> Chances:
    """For a doctor in a consultation that has taken `elapsed`; a whole note follows."""
    cases, notes = spread(quantiles.CONSULTATION, CASES), spread(quantiles.WRAP_UP, CASES)
    left = [max(case - elapsed, 0) for case in cases[longer_than(cases, elapsed) :]]
    return tuple(
        sum(bisect_right(notes, n * STEP - rest) for rest in left) / (len(left) * CASES)
        for n in range(STEPS)
    )


def _free_from_note(elapsed: int) -> Chances:
    """For a doctor who has been at the note for `elapsed`."""
    cases = spread(quantiles.WRAP_UP, CASES)
    left = [max(case - elapsed, 0) for case in cases[longer_than(cases, elapsed) :]]
    return tuple(sum(rest <= n * STEP for rest in left) / len(left) for n in range(STEPS))


def _fresh() -> Chances:
    """For a doctor who begins with a patient now, who may not be there."""
    whole = _free_from_call(0)
    gone = [n * STEP >= NO_SHOW_COST for n in range(STEPS)]
    return tuple(
        (NO_SHOW * not_there + (1000 - NO_SHOW) * chance) / 1000
        for not_there, chance in zip(gone, whole, strict=True)
    )


FREE = (1.0,) * STEPS
FROM_CALL = tuple(_free_from_call(n * MINUTE) for n in range(36))  # by minutes elapsed
FROM_NOTE = tuple(_free_from_note(n * STEP) for n in range(25))  # by half minutes elapsed
FRESH = _fresh()


def from_call(elapsed: int) -> Chances:
    """The chances of a doctor who has been in a consultation for `elapsed`."""
    return FROM_CALL[min(elapsed // MINUTE, len(FROM_CALL) - 1)]


def from_note(elapsed: int) -> Chances:
    """The chances of a doctor who has been at a note for `elapsed`."""
    return FROM_NOTE[min(elapsed // STEP, len(FROM_NOTE) - 1)]


def from_ringing(elapsed: int) -> Chances:
    """The chances of a doctor who rings: a patient who has not answered yet is not there."""
    return FRESH if elapsed < SHOWS_BY else later(FREE, NO_SHOW_COST - elapsed)


def later(chances: Chances, wait: int) -> Chances:
    """The same chances, put off by `wait`."""
    steps = -(-max(wait, 0) // STEP)
    return (0.0,) * min(steps, STEPS) + chances[: max(STEPS - steps, 0)]
