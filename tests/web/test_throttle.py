"""How often somebody may try."""

from datetime import timedelta

from tests.queue.make import NOON
from venterom.web.throttle import Throttle

SECOND = timedelta(seconds=1)


def test_so_many_at_once_and_then_one_for_each_interval() -> None:
    throttle = Throttle(burst=3, every=10 * SECOND, most=100)
    assert [throttle.allows("a", NOON) for _ in range(5)] == [True] * 3 + [False] * 2
    assert throttle.allows("b", NOON)  # another address
    assert not throttle.allows("a", NOON + 9 * SECOND)
    assert throttle.allows("a", NOON + 10 * SECOND)
    assert not throttle.allows("a", NOON + 10 * SECOND)
    later = NOON + 1000 * SECOND
    assert [throttle.allows("a", later) for _ in range(4)] == [True] * 3 + [False]


def test_a_refused_try_costs_nothing_and_memory_has_an_end() -> None:
    throttle = Throttle(burst=1, every=SECOND, most=10)
    assert throttle.allows("a", NOON)
    assert not any(throttle.allows("a", NOON) for _ in range(50))
    assert throttle.allows("a", NOON + SECOND)
    assert all(throttle.allows(str(n), NOON) for n in range(1000))
    assert len(throttle._spent) <= 10


def test_how_long_to_wait_is_known() -> None:
    throttle = Throttle(burst=2, every=10 * SECOND, most=100)
    assert throttle.wait("a", NOON) == 0 * SECOND
    assert throttle.allows("a", NOON) and throttle.allows("a", NOON)
    assert throttle.wait("a", NOON) == 10 * SECOND
    assert throttle.wait("a", NOON + 7 * SECOND) == 3 * SECOND
    assert throttle.wait("a", NOON + 10 * SECOND) == 0 * SECOND


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    throttle = Throttle(burst=1, every=10 * SECOND, most=100)
    assert throttle.allows("a", NOON)
    assert not throttle.allows("a", NOON - 0.001 * SECOND + 0.001 * SECOND)
    assert throttle.allows("a", NOON - 7200 * SECOND)


def test_a_try_that_is_given_back_is_one_try_and_no_more() -> None:
    throttle = Throttle(burst=3, every=10 * SECOND, most=100)
    for _ in range(50):
        assert throttle.allows("a", NOON)
        throttle.give_back("a", NOON)
    assert "a" not in throttle._spent
    throttle.give_back("a", NOON)  # nothing was tried: nothing is gained
    assert [throttle.allows("a", NOON) for _ in range(4)] == [True] * 3 + [False]
    throttle.give_back("a", NOON)
    assert [throttle.allows("a", NOON) for _ in range(2)] == [True, False]
