"""The grid of fifteen minutes, and how many may be booked at each time of it."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.make import NOON, after
from venterom.queue.hours import DAY, Hours, at, wall
from venterom.queue.slots import LEAD, STEP, Duty, capacity, doctors_at, free, grid, horizon

ORDINARY = date(2026, 11, 24)
LONG_NIGHT = date(2026, 10, 25)
SHORT_NIGHT = date(2027, 3, 28)


@pytest.mark.parametrize(
    ("hours", "day", "count"),
    [
        (Hours.STANDARD, ORDINARY, 60),  # 07:00 to 21:45
        (Hours.STANDARD, LONG_NIGHT, 60),  # the door is closed when the clocks change
        (Hours.STANDARD, SHORT_NIGHT, 60),
        (Hours.ALL_DAY, ORDINARY, 96),
        (Hours.ALL_DAY, LONG_NIGHT, 100),  # the hour from two to three comes twice
        (Hours.ALL_DAY, SHORT_NIGHT, 92),  # and here not at all
        (Hours(time(23), time(23, 40)), ORDINARY, 2),  # 23:30 would not be over in time
        (Hours(time(22), time(23, 59, 59)), ORDINARY, 7),  # nor 23:45
    ],
)
def test_the_number_of_slots_in_a_day(hours: Hours, day: date, count: int) -> None:
    assert len(grid(hours, day)) == count


def test_the_first_and_the_last_slot_of_a_day() -> None:
    slots = grid(Hours.STANDARD, ORDINARY)
    assert (wall(slots[0]).time(), wall(slots[-1]).time()) == (time(7), time(21, 45))


def test_the_hour_that_comes_twice_has_two_different_instants() -> None:
    walls = Counter(wall(slot).time() for slot in grid(Hours.ALL_DAY, LONG_NIGHT))
    twice = {clock for clock, times in walls.items() if times == 2}
    assert twice == {time(2, m) for m in (0, 15, 30, 45)}
    assert set(walls.values()) == {1, 2}


def test_the_hour_that_is_skipped_has_no_slot() -> None:
    assert not [s for s in grid(Hours.ALL_DAY, SHORT_NIGHT) if wall(s).hour == 2]


@given(st.dates(date(2020, 1, 1), date(2050, 12, 31)))
def test_slots_are_fifteen_real_minutes_apart_on_the_quarters_of_the_wall_clock(day: date) -> None:
    slots = grid(Hours.ALL_DAY, day)
    assert slots[0] == at(day, time.min)
    assert slots[-1] + STEP == at(day + DAY, time.min)
    assert {b - a for a, b in zip(slots, slots[1:], strict=False)} == {STEP}
    assert {wall(slot).minute for slot in slots} == {0, 15, 30, 45}


@pytest.mark.parametrize(
    ("doctors", "seats"),
    [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)],
)
def test_half_of_the_doctors_rounded_up_may_be_booked(doctors: int, seats: int) -> None:
    assert capacity(doctors) == seats


@pytest.mark.parametrize(
    ("starts", "counts"),
    [
        (-1, 0),  # before the shift
        (0, 2),  # with its first minute
        (60, 2),
        (100, 2),  # 20 minutes before the first of them goes
        (101, 1),
        (220, 1),
        (221, 0),  # in the last 20 minutes of the longest shift
    ],
)
def test_a_slot_lies_well_inside_the_shift(starts: float, counts: int) -> None:
    duties = [Duty("d1", after(0), after(120)), Duty("d2", after(0), after(240))]
    assert doctors_at(after(starts), duties) == counts


def test_a_doctor_who_is_at_work_as_planned_counts_once() -> None:
    twice = [Duty("d1", after(-5), after(240)), Duty("d1", after(0), after(240))]
    assert doctors_at(after(30), twice) == 1


def test_a_slot_is_free_until_its_seats_are_taken() -> None:
    duties = [Duty(f"d{n}", after(0), after(120)) for n in range(3)]
    taken = {after(45): 1, after(60): 2}
    assert free(Hours.STANDARD, NOON, duties, taken) == tuple(after(m) for m in (30, 45, 75, 90))


def test_nobody_planned_means_nothing_free() -> None:
    assert free(Hours.STANDARD, NOON, [], {}) == ()


def test_slots_start_late_enough_not_to_disturb_a_promise_and_end_tomorrow() -> None:
    slots = horizon(Hours.STANDARD, NOON + timedelta(minutes=5, milliseconds=1))
    assert slots[0] == after(45)  # 12:30 is 24:59.999 away
    assert wall(slots[-1]) == datetime(2026, 11, 25, 21, 45, tzinfo=wall(NOON).tzinfo)
    assert horizon(Hours.STANDARD, after(30) - LEAD)[0] == after(30)


def test_late_at_night_tomorrow_is_the_next_day_in_norway() -> None:
    at_night = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # half past midnight on the 25th
    assert {wall(slot).day for slot in horizon(Hours.STANDARD, at_night)} == {25, 26}
