"""The probability that a doctor is free for a patient before a deadline: the availability count.

Each doctor becomes free again and again; each time takes one patient from the line. The number of
times before the deadline is counted for every doctor from gamma distributions, and the counts are
added up. Consultation and wrap-up are kept apart: taken together they were 2 to 7 points too
optimistic. The durations are assumptions until the model is fitted to real calls.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from venterom.queue.states import Phase

MODEL = "gamma-1"  # named in every line of the ledger; a change of this file's numbers changes it
MINUTE = timedelta(minutes=1)

NO_SHOW = 0.05  # share of patients who are not there
NO_SHOW_COST = 3.0  # minutes until the doctor gives up
NEGLIGIBLE = 1e-12  # a probability that is not worth a further step
PRECISION = 1e-13  # of the gamma series and the continued fraction


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean (minutes) and variance (minutes²) of a duration."""

    mean: float
    variance: float

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.mean + other.mean, self.variance + other.variance)

    def times(self, n: int) -> "Moments":
        """The sum of `n` independent durations of this kind."""
        return Moments(n * self.mean, n * self.variance)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A lognormal duration: mean in minutes and coefficient of variation."""

    mean: float
    cv: float
    longest: float  # minutes; whoever has taken longer is treated as one who has taken this long

    def remaining(self, elapsed: float) -> Moments:
        """Mean and variance of what is left, given that `elapsed` minutes were not enough."""
        elapsed = min(max(elapsed, 0.0), self.longest)
        alive = self._partial(0, elapsed)
        first = self._partial(1, elapsed) / alive
        second = self._partial(2, elapsed) / alive
        return Moments(first - elapsed, second - first**2)

    def _partial(self, power: int, above: float) -> float:
        """E[X^power; X > above]."""
        sigma = math.sqrt(math.log(1 + self.cv**2))
        mu = math.log(self.mean) - sigma**2 / 2
        whole = math.exp(power * mu + (power * sigma) ** 2 / 2)
        if above == 0:
            return whole
        z = (math.log(above) - mu) / sigma - power * sigma
        return whole * math.erfc(z / math.sqrt(2)) / 2


CONSULTATION = Lognormal(mean=13, cv=0.5, longest=35)
WRAP_UP = Lognormal(mean=4, cv=0.4, longest=12)
NOTHING = Moments(0, 0)


def _fresh_job() -> Moments:
    """One whole patient, with those who do not turn up."""
    whole = CONSULTATION.remaining(0) + WRAP_UP.remaining(0)
    mean = NO_SHOW * NO_SHOW_COST + (1 - NO_SHOW) * whole.mean
    square = NO_SHOW * NO_SHOW_COST**2 + (1 - NO_SHOW) * (whole.variance + whole.mean**2)
    return Moments(mean, square - mean**2)


FRESH = _fresh_job()


@dataclass(frozen=True, slots=True)
class Doctor:
    """What the predictor knows of a doctor at work."""

    phase: Phase
    since: datetime
    last_start: datetime

    def until_free(self, now: datetime) -> Moments:
        """The time until this doctor could take the next patient."""
        elapsed = (now - self.since) / MINUTE
        match self.phase:
            case Phase.RINGING:
                return FRESH
            case Phase.CONSULT:
                return CONSULTATION.remaining(elapsed) + WRAP_UP.remaining(0)
            case Phase.WRAP:
                return WRAP_UP.remaining(elapsed)
            case _:
                return NOTHING


def p_analytic(now: datetime, deadline: datetime, doctors: Iterable[Doctor], ahead: int) -> float:
    """The probability that doctors become free at least `ahead + 1` times before the deadline."""
    enough = ahead + 1
    total = [1.0] + [0.0] * enough  # total[n] = P(n times); the last is "enough"
    for doctor in doctors:
        minutes = (min(doctor.last_start, deadline) - now) / MINUTE
        if minutes >= 0:
            total = _add(total, _times_free(minutes, doctor.until_free(now), enough))
    return total[enough]


def _times_free(minutes: float, first: Moments, enough: int) -> list[float]:
    """P(free exactly n times) for n below `enough`, and P(at least `enough` times) last."""
    at_least = [1.0]
    for n in range(enough):
        more = gamma_cdf(minutes, first + FRESH.times(n)) if at_least[-1] > NEGLIGIBLE else 0.0
        at_least.append(min(more, at_least[-1]))
    return [p - q for p, q in zip(at_least, at_least[1:], strict=False)] + [at_least[-1]]


def _add(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """The distribution of the sum of two counts, capped at the last number."""
    cap = len(one) - 1
    total = [0.0] * (cap + 1)
    for n, p in enumerate(one):
        for m, q in enumerate(other):
            total[min(n + m, cap)] += p * q
    return total


def gamma_cdf(x: float, moments: Moments) -> float:
    """P(X <= x) for a gamma variable with these moments; a certain value where variance is 0."""
    if moments.variance <= 0:
        return 1.0 if x >= moments.mean else 0.0
    shape = moments.mean**2 / moments.variance
    return lower_gamma(shape, x * moments.mean / moments.variance)


def lower_gamma(a: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(a, x) (DLMF 8.2.4), for a > 0."""
    if x <= 0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        return front * _series(a, x)
    return 1.0 - front * _fraction(a, x)


def _series(a: float, x: float) -> float:
    """DLMF 8.7.1; converges fast for x below a + 1."""
    term = total = 1 / a
    while term > total * PRECISION:
        a += 1
        term *= x / a
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """DLMF 8.9.2 by the modified method of Lentz; converges fast for x above a + 1."""
    b = x + 1 - a
    c, d = math.inf, 1 / b
    value, change, n = d, 0.0, 0
    while abs(change - 1) > PRECISION:
        n += 1
        step = n * (a - n)
        b += 2
        d = 1 / (b + step * d)
        c = b + step / c
        change = c * d
        value *= change
    return value
