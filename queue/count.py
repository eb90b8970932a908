"""The availability count on a snapshot: fast, a little cautious, and the same for equal states.

It is the count of `predict.p_analytic` with times in steps, so that what has been computed once is
looked up the next time.
"""

from collections.abc import Sequence
from functools import lru_cache

from venterom.queue.predict import CONSULTATION, FRESH, NOTHING, WRAP_UP, Moments, gamma_cdf
from venterom.queue.service import MINUTE, STEP
from venterom.queue.snapshot import Doctor, Snapshot
from venterom.queue.states import Phase

NEGLIGIBLE = 1e-9
LONGEST = 60  # minutes; whoever has been busy for longer is treated alike


def p_count(seen: Snapshot, deadline: int, ahead: int) -> float:
    """P(doctors become free at least `ahead + 1` times by the deadline)."""
    enough = ahead + 1
    below = [1.0]  # P(n times in all), for n below enough
    for doctor in seen.doctors:
        begins = max(seen.now, doctor.since) if doctor.phase is Phase.IDLE else seen.now
        left = min(doctor.last_start, deadline) - begins
        if left >= 0:
            below = _and(below, _exactly(doctor, seen.now, left // STEP), enough)
    return max(1.0 - sum(below), 0.0)


def _exactly(doctor: Doctor, now: int, steps: int) -> Sequence[float]:
    elapsed = min(max(now - doctor.since, 0) // MINUTE, LONGEST)
    return times_free(doctor.phase, 0 if doctor.phase is Phase.IDLE else elapsed, steps)


@lru_cache(maxsize=1 << 14)
def times_free(phase: Phase, elapsed: int, steps: int) -> tuple[float, ...]:
    """P(a doctor becomes free exactly n times within so many half minutes), for n = 0, 1, …"""
    minutes = steps * STEP / MINUTE
    first = _until_free(phase, elapsed)
    at_least = [1.0]
    while at_least[-1] > NEGLIGIBLE:
        more = gamma_cdf(minutes, first + FRESH.times(len(at_least) - 1))
        at_least.append(min(more, at_least[-1]))
    return tuple(p - q for p, q in zip(at_least, at_least[1:], strict=False))


def _until_free(phase: Phase, elapsed: int) -> Moments:
    match phase:
        case Phase.RINGING:
            return FRESH
        case Phase.CONSULT:
            return CONSULTATION.remaining(elapsed) + WRAP_UP.remaining(0)
        case Phase.WRAP:
            return WRAP_UP.remaining(elapsed)
        case _:
            return NOTHING


def _and(below: Sequence[float], more: Sequence[float], enough: int) -> list[float]:
    """The distribution of the sum, as far as it stays below enough."""
    total = [0.0] * min(len(below) + len(more) - 1, enough)
    for n, p in enumerate(below):
        for m, q in enumerate(more[: enough - n], start=n):
            total[m] += p * q
    return total
