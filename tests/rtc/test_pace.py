"""Datagrams are collected for a millisecond while they come; a full turn is followed at once."""

import pytest

from venterom.rtc.pace import EMPTY_TURNS, FULL, Pace, Turn

SOON, AGAIN, LATER = Turn.AFTER_REST, Turn.AT_ONCE, Turn.WHEN_READABLE


@pytest.mark.parametrize(
    ("reads", "last"),
    [
        ([1], SOON),
        ([FULL - 1], SOON),
        ([FULL], AGAIN),
        ([0], SOON),
        ([0] * (EMPTY_TURNS - 1), SOON),
        ([0] * EMPTY_TURNS, LATER),
        ([0] * (EMPTY_TURNS - 1) + [1, 0], SOON),  # counted anew
        ([0] * EMPTY_TURNS + [0], SOON),  # woken for nothing: it goes on as ever
    ],
)
def test_the_next_turn_comes_as_soon_as_it_is_worth_it(reads: list[int], last: Turn) -> None:
    pace = Pace()
    assert [pace.after(count) for count in reads][-1] is last
