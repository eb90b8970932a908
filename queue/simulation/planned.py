"""The days of a trace with their bookings placed by the slot planner instead of by chance."""

from collections import Counter

from venterom.queue.planner import roomiest
from venterom.queue.simulation.days import GRID, HOUR, HOURS, OPEN, WORK, seats_at
from venterom.queue.simulation.trace import LAST_START, Day

QUARTERS = OPEN // GRID


def planned(day: Day, dropins: int) -> Day:
    """The same day with the same patients; `dropins` is how many are expected to come."""
    spare = [
        _starting(day, quarter) * GRID - _expected(quarter, dropins) for quarter in range(QUARTERS)
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


def _starting(day: Day, quarter: int) -> int:
    """Who may start patients all through the quarter. In the last one of a shift nobody may at its
    end: counted on, it drew bookings to where those who wait just lose a doctor."""
    begins, ends = quarter * GRID, (quarter + 1) * GRID
    return sum(shift.on <= begins and ends <= shift.off - LAST_START for shift in day.shifts)


def _expected(quarter: int, dropins: int) -> int:
    """The work of those who are expected to drop in within this quarter."""
    weight = HOURS[quarter * GRID // HOUR]
    return WORK * dropins * weight // (sum(HOURS) * HOUR // GRID)
