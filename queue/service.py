"""How long patients take: consultation and note kept apart, from the stored quantiles.

All durations are whole milliseconds. What is left of one that has begun is drawn from the cases
that took longer than it has taken already; so no formula is assumed. The quantiles are learned, so
all that is made of them is a value with a version, `Service`, and is passed to whoever reckons.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

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


def mean(cases: Sequence[int]) -> float:
    """How long it takes on the whole, in minutes."""
    return sum(cases) / len(cases) / MINUTE


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


_FREE_IN = tuple((0.0,) * steps + (1.0,) * (STEPS - steps) for steps in range(STEPS + 1))
FREE = _FREE_IN[0]


class Service:
    """How long patients take, as far as it was known at one time; made once and never changed."""

    __slots__ = ("version", "consultations", "wrap_ups", "fresh", "_from_call", "_from_note")

    def __init__(self, version: int, consultation: Sequence[int], wrap_up: Sequence[int]) -> None:
        """From the 257 quantiles of each; version 0 is what there was before the first day."""
        self.version = version
        self.consultations = spread(consultation)
        self.wrap_ups = spread(wrap_up)
        calls, notes = spread(consultation, CASES), spread(wrap_up, CASES)
        # By minutes elapsed, and by half minutes: as far as the slowest go.
        minutes, steps = range(calls[-1] // MINUTE + 2), range(notes[-1] // STEP + 2)
        self._from_call = tuple(_free_from_call(calls, notes, n * MINUTE) for n in minutes)
        self._from_note = tuple(_free_from_note(notes, n * STEP) for n in steps)
        self.fresh = _fresh(self._from_call[0])  # the chances of one who begins with a patient now

    def from_call(self, elapsed: int) -> Chances:
        """The chances of a doctor who has been in a consultation for `elapsed`."""
        return self._from_call[min(elapsed // MINUTE, len(self._from_call) - 1)]

    def from_note(self, elapsed: int) -> Chances:
        """The chances of a doctor who has been at a note for `elapsed`."""
        return self._from_note[min(elapsed // STEP, len(self._from_note) - 1)]

    def from_ringing(self, elapsed: int) -> Chances:
        """The chances of a doctor who rings: who has not answered for a while is not there."""
        return self.fresh if elapsed < SHOWS_BY else free_in(NO_SHOW_COST - elapsed)


def _free_from_call(calls: Sequence[int], notes: Sequence[int], elapsed: int) -> Chances:
    """For a doctor in a consultation that has taken `elapsed`; a whole note follows."""
    left = [max(case - elapsed, 0) for case in calls[longer_than(calls, elapsed) :]]
    return tuple(
        sum(bisect_right(notes, n * STEP - rest) for rest in left) / (len(left) * len(notes))
        for n in range(STEPS)
    )


def _free_from_note(notes: Sequence[int], elapsed: int) -> Chances:
    """For a doctor who has been at the note for `elapsed`."""
    left = [max(case - elapsed, 0) for case in notes[longer_than(notes, elapsed) :]]
    return tuple(sum(rest <= n * STEP for rest in left) / len(left) for n in range(STEPS))


def _fresh(whole: Chances) -> Chances:
    """For a doctor who begins with a patient now, who may not be there."""
    gone = [n * STEP >= NO_SHOW_COST for n in range(STEPS)]
    return tuple(
        (NO_SHOW * not_there + (1000 - NO_SHOW) * chance) / 1000
        for not_there, chance in zip(gone, whole, strict=True)
    )


def free_in(wait: int) -> Chances:
    """The chances of a doctor who is free after so long, for certain."""
    return _FREE_IN[min(-(-max(wait, 0) // STEP), STEPS)]


@lru_cache(maxsize=8)
def service(version: int, consultation: tuple[int, ...], wrap_up: tuple[int, ...]) -> Service:
    """The same object for the same quantiles: to make one takes some hundredths of a second."""
    return Service(version, consultation, wrap_up)


FIRST = service(0, quantiles.CONSULTATION, quantiles.WRAP_UP)
