"""A bucket lets a burst through and then a rate; a stranger is heard so many times a second."""

import pytest

from venterom.rtc.limits import Bucket, Strangers


@pytest.mark.parametrize(
    ("takes", "let_through"),
    [
        ([(0.0, 3), (0.0, 1)], [True, False]),  # the burst, and no more
        ([(0.0, 3), (0.5, 1)], [True, True]),  # two a second: one after half of it
        ([(0.0, 3), (0.4, 1)], [True, False]),  # not yet
        ([(0.0, 4), (0.0, 3)], [False, True]),  # what is refused costs nothing
        ([(9.0, 3), (9.0, 1)], [True, False]),  # waiting does not fill it over the brim
    ],
)
def test_a_bucket_holds_a_burst_and_fills_at_its_rate(
    takes: list[tuple[float, int]], let_through: list[bool]
) -> None:
    bucket = Bucket(rate=2, burst=3, now=0.0)
    assert [bucket.take(tokens, now) for now, tokens in takes] == let_through


def test_a_stranger_is_heard_a_few_times_and_again_in_the_next_second() -> None:
    strangers = Strangers(each=2, sources=9)
    assert [strangers.allow("a", 5.1) for _ in range(3)] == [True, True, False]
    assert strangers.allow("b", 5.2)
    assert strangers.allow("a", 6.0)


def test_the_table_of_strangers_is_bounded() -> None:
    strangers = Strangers(each=2, sources=3)
    assert [strangers.allow(source, 1.0) for source in "abcd"] == [True, True, True, False]
    assert strangers.allow("a", 1.0)  # those already known go on
