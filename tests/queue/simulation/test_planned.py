"""Bookings placed where there is most room."""

import pytest

from venterom.queue.planner import roomiest
from venterom.queue.simulation.days import GRID, SCENARIOS, WORK, days, dropin_work, seats_at
from venterom.queue.simulation.planned import planned
from venterom.queue.simulation.trace import Day, Shift, Visit

ROOM = [10, 10, 30, 30, 5, 5]


@pytest.mark.parametrize(
    ("placed", "quarter"),
    [
        ({}, 2),  # most room for a patient and the quarter after
        ({2: 1}, 1),  # taken: the next best, though they overlap
        ({1: 1, 2: 1, 3: 1}, 0),
        ({n: 1 for n in range(6)}, None),
    ],
)
def test_a_booking_goes_where_there_is_most_room(
    placed: dict[int, int], quarter: int | None
) -> None:
    assert roomiest({n: 1 for n in range(6)}, ROOM, placed, 16) == quarter


def test_the_patients_stay_the_same_and_seats_are_kept_to() -> None:
    scenario = SCENARIOS["b6"]
    for day in days(scenario, 800, 5, 1):
        other = planned(day, dropin_work(scenario, 800) // WORK)
        assert other._replace(booked=()) == day._replace(booked=())
        assert sorted(v[1:] for v in other.booked) == sorted(v[1:] for v in day.booked)
        times = [visit.at for visit in other.booked]
        assert all(times.count(at) <= seats_at(day.shifts, at) for at in times)
        assert times != [visit.at for visit in day.booked]


def test_the_last_quarter_of_a_shift_is_no_room() -> None:
    """Two of four doctors leave after 34 quarters. In the last one they start nobody any more, so
    nobody is booked then, though there are seats and all four are at work."""
    leave, stay = Shift(0, 34 * GRID), Shift(0, 60 * GRID)
    forty = tuple(Visit(0, 1, 1) for _ in range(40))
    day = planned(Day((leave, leave, stay, stay), forty, ()), 100)
    booked = [sum(visit.at == quarter * GRID for visit in day.booked) for quarter in range(60)]
    assert booked[30:34] == [1, 2, 0, 0]
