"""Which slots are offered first where the director wants it: those with most room for others."""

from datetime import datetime

import pytest

from tests.queue.make import after
from venterom.queue.planner import with_most_room
from venterom.queue.service import MINUTE
from venterom.queue.slots import Duty

WORK = 17 * MINUTE
FREE = tuple(after(15 * n) for n in range(2, 10))  # 12:30 to 14:15
TWO = (Duty("d1", after(0), after(300)), Duty("d2", after(0), after(300)))


def room(
    expected: dict[int, float], taken: dict[int, int], duties: tuple[Duty, ...] = TWO, most: int = 2
) -> tuple[datetime, ...]:
    return with_most_room(
        FREE,
        duties,
        {after(minutes): count for minutes, count in taken.items()},
        {after(minutes): count for minutes, count in expected.items()},
        WORK,
        most,
    )


@pytest.mark.parametrize(
    ("expected", "taken", "chosen"),
    [
        ({}, {}, (30, 45)),  # all alike: the next ones
        ({30: 7.0, 45: 7.0}, {}, (60, 75)),  # many come in the first half hour
        ({}, {30: 1, 45: 1}, (75, 90)),  # taken ones reach into the quarter behind them
        ({minutes: 7.0 for minutes in range(30, 135, 15)}, {}, (120, 135)),
    ],
)
def test_the_roomiest_are_offered_in_order_of_time(
    expected: dict[int, float], taken: dict[int, int], chosen: tuple[int, ...]
) -> None:
    assert room(expected, taken) == tuple(after(minutes) for minutes in chosen)


def test_more_doctors_are_more_room() -> None:
    third = Duty("d3", after(90), after(300))
    assert room({}, {}, (*TWO, third)) == (after(90), after(105))


def test_no_more_than_are_free_are_offered() -> None:
    assert room({}, {}, most=50) == FREE
    assert with_most_room((), TWO, {}, {}, WORK, 12) == ()
