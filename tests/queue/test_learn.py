"""What is learned: durations from finished and running cases, and a floor that finds its level."""

import random
from bisect import bisect_right
from collections.abc import Sequence

import pytest

from venterom.queue.learn import BROKEN, FEWEST, LEAST, MOST, PARTS, STEP, floor_after, refit

MINUTE = 60_000
EVEN = tuple(k * 20 * MINUTE // PARTS for k in range(PARTS + 1))  # from nothing to twenty minutes


def mean(knots: Sequence[int]) -> float:
    return (sum(knots) - (knots[0] + knots[-1]) / 2) / PARTS / MINUTE


def test_where_nothing_is_new_nothing_changes() -> None:
    again = refit(EVEN, [], [])
    assert all(abs(new - old) <= 40 * 1000 for new, old in zip(again, EVEN, strict=True))
    assert mean(again) == pytest.approx(10, abs=0.1)


def test_quantiles_grow() -> None:
    knots = refit(EVEN, [MINUTE] * 300 + [30 * MINUTE] * 30, [5 * MINUTE] * 20)
    assert list(knots) == sorted(knots)
    assert (len(knots), knots[0], knots[-1]) == (PARTS + 1, 0, 30 * MINUTE)


def test_many_cases_weigh_more_than_what_was_known() -> None:
    assert mean(refit(EVEN, [15 * MINUTE] * 4000, [])) == pytest.approx(14.5, abs=0.2)
    assert mean(refit(EVEN, [15 * MINUTE] * 4, [])) == pytest.approx(10, abs=0.2)


def test_running_cases_keep_durations_from_being_too_short() -> None:
    """Everybody takes from 10 to 30 minutes, and whoever takes longer than 20 is still at it."""
    rng = random.Random(1)
    all_of = [rng.uniform(10, 30) * MINUTE for _ in range(20_000)]
    finished = [round(taken) for taken in all_of if taken <= 20 * MINUTE]
    running = [20 * MINUTE for taken in all_of if taken > 20 * MINUTE]
    known = tuple(2 * knot for knot in EVEN)  # up to forty minutes
    fitted, naive = refit(known, finished, running), refit(known, finished, [])
    half = bisect_right(fitted, 20 * MINUTE) / PARTS
    assert half == pytest.approx(0.5, abs=0.03)
    assert bisect_right(naive, 20 * MINUTE) / PARTS > 0.9


def test_a_year_of_learning_nothing_new_leaves_it_nearly_as_it_was() -> None:
    """Forty cases a day that are like those before: what is stored is not worn down."""
    rng, knots = random.Random(4), EVEN
    for _ in range(365):
        knots = refit(knots, [rng.randrange(20 * MINUTE) for _ in range(FEWEST)], [])
    assert mean(knots) == pytest.approx(10, abs=0.8)
    assert bisect_right(knots, 19 * MINUTE) / PARTS == pytest.approx(0.95, abs=0.04)


def test_one_call_that_nobody_hung_up_changes_hardly_anything() -> None:
    usual = [k * MINUTE // 2 for k in range(40)]
    with_it = refit(EVEN, usual, [60 * MINUTE])
    assert mean(with_it) - mean(refit(EVEN, usual, [])) < 0.2


@pytest.mark.parametrize(
    ("floor", "kept", "broken", "after"),
    [
        (0.9, 0, 0, 0.9),
        (0.9, 100, 0, 0.9 - STEP * BROKEN * 100),
        (0.9, 99, 1, 0.9 + STEP * (1 - BROKEN * 100)),
        (0.99, 0, 5, MOST),
        (0.651, 100, 0, LEAST),
    ],
)
def test_what_is_broken_raises_it_and_what_is_kept_lowers_it(
    floor: float, kept: int, broken: int, after: float
) -> None:
    assert floor_after(floor, kept, broken) == pytest.approx(after)


def test_it_rests_where_the_wanted_share_is_broken() -> None:
    assert floor_after(0.9, 991, 9) == pytest.approx(0.9)
