"""The generator: known numbers, fair draws, and the same on every machine."""

import pytest

from venterom.queue.chance import Dice, seed

MANY = 40_000


def test_it_is_splitmix64() -> None:
    """The first numbers of the published generator from the seed 0."""
    dice = Dice(0)
    assert [dice.bits(64) for _ in range(3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_the_order_of_what_a_seed_is_made_of_counts() -> None:
    assert len({seed(1, 2), seed(2, 1), seed(1), seed(2), seed(1, 2, 0), seed()}) == 6
    assert seed(-1) == seed(-1)


@pytest.mark.parametrize(("draw", "numbers"), [(1, [0, 0, 0]), (6, [5, 2, 0])])
def test_below_stays_below(draw: int, numbers: list[int]) -> None:
    dice = Dice(0)
    assert [dice.below(draw) for _ in numbers] == numbers


def test_something_happens_as_often_as_it_is_said_to() -> None:
    dice = Dice(1)
    assert sum(dice.happens(50) for _ in range(MANY)) / MANY == pytest.approx(0.05, abs=0.005)


def test_the_exponential_has_its_mean_its_variance_and_a_tail() -> None:
    dice = Dice(2)
    draws = [dice.exponential(1000) for _ in range(MANY)]
    mean = sum(draws) / MANY
    assert mean == pytest.approx(1000, rel=0.02)
    assert sum((x - mean) ** 2 for x in draws) / MANY == pytest.approx(1_000_000, rel=0.05)
    assert sum(x > 5000 for x in draws) / MANY == pytest.approx(0.0067, abs=0.002)


def test_a_spread_has_its_centre_and_its_standard_deviation() -> None:
    dice = Dice(3)
    draws = [dice.spread(1000, 150) for _ in range(MANY)]
    mean = sum(draws) / MANY
    assert mean == pytest.approx(1000, abs=3)
    assert (sum((x - mean) ** 2 for x in draws) / MANY) ** 0.5 == pytest.approx(150, rel=0.02)


def test_a_shuffle_loses_nothing_and_lets_nobody_keep_a_place() -> None:
    places = [0] * 5
    dice = Dice(4)
    for _ in range(5_000):
        things = list(range(5))
        dice.shuffle(things)
        assert sorted(things) == list(range(5))
        places[things.index(0)] += 1
    assert all(count == pytest.approx(1_000, abs=130) for count in places)
