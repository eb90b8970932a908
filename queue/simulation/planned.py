"""The days of a trace with their bookings placed by the slot planner instead of by chance."""

from collections import Counter

from venterom.queue.planner import roomiest
from venterom.queue.simulation.days import GRID, HOUR, HOURS, OPEN, WORK, seats_at
from venterom.queue.simulation.trace import Day

QUARTERS = OPEN // GRID


def planned(day: Day, dropins: int) -> Day:
    """The same day with the same patients; `dropins` is how many are expected to come."""
    spare = [
        _on_duty(day, quarter) * GRID - _expected(quarter, dropins) for quarter in range(QUARTERS)
    ]
    seats = {quarter: seats_at(day.shifts, quarter * GRID) for quarter in range(QUARTERS)}
    placed: Counter[int] = Counter()
    booked = []
    for visit in day.booked:
        quarter = roomiest(seats, spare, placed, WORK)
        assert quarter is not None, "there were seats for all of them before"
        placed[quarter] += 1
        booked.append(visit._replace(at=quarter * GRID))
    return day._replace(booked=tuple(sorted(booked)))


def _on_duty(day: Day, quarter: int) -> int:
    return sum(shift.on <= quarter * GRID < shift.off for shift in day.shifts)


def _expected(quarter: int, dropins: int) -> int:
    """The work of those who are expected to drop in within this quarter."""
    weight = HOURS[quarter * GRID // HOUR]
    return WORK * dropins * weight // (sum(HOURS) * HOUR // GRID)
