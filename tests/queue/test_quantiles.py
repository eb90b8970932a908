"""The stored numbers are the distributions that they say they are."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import pytest

from venterom.queue import quantiles


def lognormal(mean: float, cv: float, p: float) -> float:
    sigma = math.sqrt(math.log(1 + cv**2))
    return math.exp(math.log(mean) - sigma**2 / 2 + sigma * NormalDist().inv_cdf(p))


@pytest.mark.parametrize(
    ("knots", "mean", "cv", "least", "most"),
    [(quantiles.CONSULTATION, 13, 0.5, 3, 35), (quantiles.WRAP_UP, 4, 0.4, 1, 12)],
)
def test_durations_are_clipped_lognormals(
    knots: Sequence[int], mean: float, cv: float, least: float, most: float
) -> None:
    exact = [min(max(lognormal(mean, cv, k / 256), least), most) for k in range(1, 256)]
    assert list(knots[1:-1]) == [round(minutes * 60_000) for minutes in exact]
    assert (knots[0], knots[-1]) == (least * 60_000, most * 60_000)


def test_the_exponential_part_ends_at_its_median() -> None:
    exact = [round(-1e6 * math.log(1 - k / 512)) for k in range(257)]
    assert list(quantiles.BELOW_LN2) == exact


def test_the_normal_is_cut_at_three_deviations() -> None:
    exact = [round(1000 * NormalDist().inv_cdf(k / 256)) for k in range(1, 256)]
    assert list(quantiles.NORMAL) == [-3000, *exact, 3000]
