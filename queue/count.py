"""The availability count: fast, a little cautious, and the same for equal states.

Each doctor becomes free again and again; each time takes one patient from the line. How often that
happens before a deadline is counted for every doctor from gamma distributions, and the counts are
added up. Consultation and note are kept apart: taken together they were 2 to 7 points too
optimistic. Times go in steps, so that what was computed once is looked up the next time.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from venterom.queue.gamma import NOTHING, Moments, gamma_cdf
from venterom.queue.service import (
    MINUTE,
    NO_SHOW,
    NO_SHOW_COST,
    STEP,
    Service,
    known,
    longer_than,
)
from venterom.queue.snapshot import Doctor, Snapshot
from venterom.queue.states import Phase

NEGLIGIBLE = 1e-9
LONGEST = 60  # minutes; whoever has been busy for longer is treated alike


def p_count(seen: Snapshot, deadline: int, ahead: int) -> float:
    """P(doctors become free at least `ahead + 1` times by the deadline)."""
    enough = ahead + 1
    counts = [*_counts(seen, deadline)]
    if sum(len(each) - 1 for each in counts) < enough:
        return 0.0  # of thousands who wait most are here: they need not be reckoned with
    below = [1.0]  # P(n times in all), for n below enough
    for each in counts:
        below = _and(below, each, enough)
    return max(1.0 - sum(below), 0.0)


def _counts(seen: Snapshot, deadline: int) -> Iterator[Sequence[float]]:
    """For each doctor who is there by then, how often."""
    for doctor in seen.doctors:
        begins = max(seen.now, doctor.since) if doctor.phase is Phase.IDLE else seen.now
        left = min(doctor.last_start, deadline) - begins
        if left >= 0:
            yield _exactly(seen.service, doctor, seen.now, left // STEP)


def _exactly(service: Service, doctor: Doctor, now: int, steps: int) -> Sequence[float]:
    elapsed = min(max(now - doctor.since, 0) // MINUTE, LONGEST)
    idle = doctor.phase is Phase.IDLE
    return times_free(service, doctor.phase, 0 if idle else elapsed, steps)


@lru_cache(maxsize=1 << 14)
def times_free(service: Service, phase: Phase, elapsed: int, steps: int) -> tuple[float, ...]:
    """P(a doctor becomes free exactly n times within so many half minutes), for n = 0, 1, …"""
    minutes = steps * STEP / MINUTE
    first, fresh = until_free(service, phase, elapsed), a_patient(service)
    at_least = [1.0]
    while at_least[-1] > NEGLIGIBLE:
        more = gamma_cdf(minutes, first + fresh.times(len(at_least) - 1))
        at_least.append(min(more, at_least[-1]))
    return tuple(p - q for p, q in zip(at_least, at_least[1:], strict=False))


@lru_cache(maxsize=1 << 10)
def until_free(service: Service, phase: Phase, elapsed: int) -> Moments:
    """The time until a doctor who has been busy for so many minutes could take the next patient."""
    match phase:
        case Phase.RINGING:
            return a_patient(service)
        case Phase.CONSULT:
            return remaining(service.consultations, elapsed) + remaining(service.wrap_ups, 0)
        case Phase.WRAP:
            return remaining(service.wrap_ups, elapsed)
        case _:
            return NOTHING


@lru_cache(maxsize=1 << 3)
def a_patient(service: Service) -> Moments:
    """One whole patient, with those who do not turn up."""
    whole = remaining(service.consultations, 0) + remaining(service.wrap_ups, 0)
    gone, given_up = NO_SHOW / 1000, NO_SHOW_COST / MINUTE
    mean = gone * given_up + (1 - gone) * whole.mean
    square = gone * given_up**2 + (1 - gone) * (whole.variance + whole.mean**2)
    return Moments(mean, square - mean**2)


def remaining(cases: Sequence[int], elapsed: int) -> Moments:
    """What is left of something that has taken so many minutes, by the cases that took longer."""
    taken = known(cases, elapsed * MINUTE)
    left = [(case - taken) / MINUTE for case in cases[longer_than(cases, taken) :]]
    mean = sum(left) / len(left)
    return Moments(mean, sum((each - mean) ** 2 for each in left) / len(left))


def _and(below: Sequence[float], more: Sequence[float], enough: int) -> list[float]:
    """The distribution of the sum, as far as it stays below enough."""
    total = [0.0] * min(len(below) + len(more) - 1, enough)
    for n, p in enumerate(below):
        for m, q in enumerate(more[: enough - n], start=n):
            total[m] += p * q
    return total
