"""The predictor: its gamma function against known values, its count against brute force."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.make import NOON, after
from venterom.queue.predict import (
    CONSULTATION,
    FRESH,
    NO_SHOW,
    NO_SHOW_COST,
    WRAP_UP,
    Doctor,
    Lognormal,
    Moments,
    gamma_cdf,
    lower_gamma,
    p_analytic,
)
from venterom.queue.states import Phase

LATE = after(300)


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


@pytest.mark.parametrize("duration", [CONSULTATION, WRAP_UP])
def test_before_it_begins_the_whole_duration_remains(duration: Lognormal) -> None:
    whole = duration.remaining(0)
    assert whole.mean == pytest.approx(duration.mean)
    assert math.sqrt(whole.variance) == pytest.approx(duration.mean * duration.cv)
    assert duration.remaining(-3) == whole  # a clock that was put back


@pytest.mark.parametrize("elapsed", [1, 5, 10, 20, 30])
def test_what_remains_of_a_consultation_agrees_with_brute_force(elapsed: float) -> None:
    sigma = math.sqrt(math.log(1.25))
    chance = random.Random(elapsed)
    draws = (chance.lognormvariate(math.log(13) - sigma**2 / 2, sigma) for _ in range(400_000))
    left = [x - elapsed for x in draws if x > elapsed]
    mean = math.fsum(left) / len(left)
    deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in left) / len(left))
    moments = CONSULTATION.remaining(elapsed)
    assert moments.mean == pytest.approx(mean, rel=0.03)
    assert math.sqrt(moments.variance) == pytest.approx(deviation, rel=0.05)


def test_who_overruns_by_far_is_treated_as_the_longest_that_is_known() -> None:
    assert CONSULTATION.remaining(500) == CONSULTATION.remaining(35)
    assert CONSULTATION.remaining(35).mean > 0


def test_a_fresh_job_is_consultation_and_note_or_three_minutes() -> None:
    assert FRESH.mean == pytest.approx(0.95 * 17 + 0.05 * 3)


def doctor(phase: Phase = Phase.IDLE, since: float = 0, last_start: float = 300) -> Doctor:
    return Doctor(phase, after(since), after(last_start))


@pytest.mark.parametrize(
    ("doctors", "ahead", "p"),
    [
        ([], 0, 0),  # nobody at work
        ([doctor()], 0, 1),  # somebody idle
        ([doctor(), doctor()], 1, 1),  # two idle, one ahead
        ([doctor(last_start=-1)], 0, 0),  # idle, but nobody is started any more
        ([doctor(last_start=0)], 0, 1),  # … and the very last moment
    ],
)
def test_what_is_certain_is_certain(doctors: list[Doctor], ahead: int, p: float) -> None:
    assert p_analytic(NOON, after(20), doctors, ahead) == pytest.approx(p)


def test_a_deadline_in_the_past_cannot_be_kept() -> None:
    assert p_analytic(NOON, after(-1), [doctor()], 0) == 0


def test_after_the_consultation_comes_a_whole_note() -> None:
    left = doctor(Phase.CONSULT, -12).until_free(NOON)
    assert left == CONSULTATION.remaining(12) + WRAP_UP.remaining(0)
    assert doctor(Phase.WRAP, -2).until_free(NOON) == WRAP_UP.remaining(2)
    assert doctor(Phase.RINGING, -2).until_free(NOON) == FRESH


def test_the_two_phases_are_told_apart() -> None:
    """Twelve minutes into the call is worse than two minutes into the note, by a whole note."""
    deadline = after(20)
    in_call = p_analytic(NOON, deadline, [doctor(Phase.CONSULT, -12)], 0)
    writing = p_analytic(NOON, deadline, [doctor(Phase.WRAP, -2)], 0)
    ringing = p_analytic(NOON, deadline, [doctor(Phase.RINGING, 0)], 0)
    assert ringing < in_call < writing
    assert writing > 0.99


@pytest.mark.parametrize("ahead", range(6))
def test_more_ahead_is_never_better_and_more_doctors_never_worse(ahead: int) -> None:
    team = [doctor(Phase.CONSULT, -5), doctor(Phase.WRAP, -1), doctor()]
    p = p_analytic(NOON, after(20), team, ahead)
    assert 0 <= p_analytic(NOON, after(20), team, ahead + 1) <= p <= 1
    assert p <= p_analytic(NOON, after(20), [*team, doctor(Phase.CONSULT)], ahead) + 1e-12


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 8))
def test_a_later_deadline_is_never_worse(first: int, more: int, ahead: int) -> None:
    team = [doctor(Phase.CONSULT, -5, last_start=45), doctor(Phase.WRAP, -1)]
    sooner = p_analytic(NOON, after(first), team, ahead)
    assert sooner <= p_analytic(NOON, after(first + more), team, ahead) + 1e-12


CASES = [
    # (doctors, minutes to the deadline, ahead)
    ([doctor(Phase.CONSULT, -8), doctor(Phase.CONSULT, -3)], 20, 0),
    ([doctor(Phase.CONSULT, -8), doctor(Phase.WRAP, -1)], 20, 1),
    ([doctor(Phase.CONSULT, -8), doctor(Phase.WRAP, -1), doctor()], 20, 2),
    ([doctor(), doctor(Phase.CONSULT, 0)], 30, 2),
    ([doctor(Phase.CONSULT, -15)], 20, 0),
    ([doctor(Phase.RINGING, 0)], 20, 0),
    ([doctor(Phase.CONSULT, -8)], 20, 0),
    ([doctor(Phase.CONSULT, 0)], 20, 0),
    ([doctor(Phase.CONSULT, 0)], 30, 0),
    ([doctor()], 60, 2),
    ([doctor(), doctor(), doctor()], 40, 5),
    ([doctor(Phase.CONSULT, -2, last_start=12), doctor(Phase.CONSULT, -9)], 20, 0),
]


@pytest.mark.parametrize(("doctors", "minutes", "ahead"), CASES)
def test_the_count_agrees_with_brute_force(
    doctors: list[Doctor], minutes: float, ahead: int
) -> None:
    """Honest where a promise is given (near 1), and never far off in between: queue.md 3."""
    chance = random.Random(f"{doctors} {minutes} {ahead}")
    runs = 15_000
    simulated = sum(_is_free(chance, doctors, minutes, ahead) for _ in range(runs)) / runs
    predicted = p_analytic(NOON, after(minutes), doctors, ahead)
    assert predicted == pytest.approx(simulated, abs=0.01 if simulated > 0.9 else 0.05)


def _is_free(chance: random.Random, doctors: list[Doctor], minutes: float, ahead: int) -> bool:
    """Whether, in one imagined hour, the doctors are free `ahead + 1` times in time."""
    times = 0
    for one in doctors:
        last = min(minutes, (one.last_start - NOON) / timedelta(minutes=1))
        free_at = _first_free(chance, one)
        while free_at <= last and times <= ahead:
            times += 1
            free_at += _job(chance)
    return times > ahead


def _first_free(chance: random.Random, one: Doctor) -> float:
    elapsed = (NOON - one.since) / timedelta(minutes=1)
    match one.phase:
        case Phase.RINGING:
            return _job(chance)
        case Phase.CONSULT:
            return _rest(chance, CONSULTATION, elapsed) + _rest(chance, WRAP_UP, 0)
        case Phase.WRAP:
            return _rest(chance, WRAP_UP, elapsed)
        case _:
            return 0.0


def _job(chance: random.Random) -> float:
    if chance.random() < NO_SHOW:
        return NO_SHOW_COST
    return _rest(chance, CONSULTATION, 0) + _rest(chance, WRAP_UP, 0)


def _rest(chance: random.Random, duration: Lognormal, elapsed: float) -> float:
    sigma = math.sqrt(math.log(1 + duration.cv**2))
    while True:
        whole = chance.lognormvariate(math.log(duration.mean) - sigma**2 / 2, sigma)
        if whole > elapsed:
            return whole - elapsed
