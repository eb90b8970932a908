"""The gamma distribution against known values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.gamma import NOTHING, Moments, gamma_cdf, lower_gamma


@pytest.mark.parametrize(
    ("a", "x", "value"),
    [
        (1, 1, 1 - math.exp(-1)),  # a = 1 is the exponential distribution
        (1, 0.01, 1 - math.exp(-0.01)),
        (1, 30, 1 - math.exp(-30)),
        (2, 3, 1 - 4 * math.exp(-3)),  # whole a: Erlang, a finite sum
        (3, 2, 1 - 5 * math.exp(-2)),
        (5, 10, 1 - math.exp(-10) * (1 + 10 + 50 + 1000 / 6 + 10000 / 24)),
        (0.5, 0.5, math.erf(math.sqrt(0.5))),  # a = 1/2: the error function
        (0.5, 4, math.erf(2)),
        (0.5, 1e-8, math.erf(1e-4)),
        (1.5, 1, math.erf(1) - 2 * math.exp(-1) / math.sqrt(math.pi)),
        (3, 0, 0),  # nothing lies below 0
        (3, -1, 0),
        (3, 1e4, 1),  # and nothing far above
        (100, 1, 0),
    ],
)
def test_the_incomplete_gamma_function_has_its_known_values(
    a: float, x: float, value: float
) -> None:
    assert lower_gamma(a, x) == pytest.approx(value, abs=1e-12)


@given(st.integers(1, 60), st.floats(0.001, 200))
def test_for_whole_numbers_it_is_a_poisson_tail(a: int, x: float) -> None:
    tail = 1 - math.fsum(math.exp(n * math.log(x) - x - math.lgamma(n + 1)) for n in range(a))
    assert lower_gamma(a, x) == pytest.approx(tail, abs=1e-10)


@given(st.floats(0.05, 500), st.floats(0, 1000))
def test_the_recurrence_holds(a: float, x: float) -> None:
    """DLMF 8.8.5: it ties the series below a + 1 to the continued fraction above."""
    step = math.exp(a * math.log(x) - x - math.lgamma(a + 1)) if x > 0 else 0.0
    assert lower_gamma(a + 1, x) == pytest.approx(lower_gamma(a, x) - step, abs=1e-9)


@pytest.mark.parametrize(("x", "p"), [(-0.1, 0), (1.9, 0), (2, 1), (3, 1)])
def test_a_certain_duration_is_a_step(x: float, p: float) -> None:
    assert gamma_cdf(x, Moments(2, 0)) == p


def test_mean_and_variance_give_shape_and_scale() -> None:
    assert gamma_cdf(5, Moments(5, 25)) == pytest.approx(1 - math.exp(-1))


def test_of_independent_durations_means_and_variances_are_added() -> None:
    assert Moments(2, 3) + Moments(5, 7) == Moments(7, 10)
    assert Moments(2, 3).times(4) == Moments(8, 12)
    assert Moments(2, 3).times(0) == NOTHING
