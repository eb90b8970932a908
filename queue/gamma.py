"""The gamma distribution: of a sum of durations no more than mean and variance are known, and it
is the usual shape with these two."""

import math
from dataclasses import dataclass

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


NOTHING = Moments(0, 0)


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
