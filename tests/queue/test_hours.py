"""Opening hours on ordinary days and on both nights when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.hours import (
    DAY,
    Hours,
    at,
    closing,
    is_open,
    next_opening,
    start_of_day,
    wall,
)

HOURS = Hours.STANDARD


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        ("2026-11-24 05:59:59", False),  # 06:59:59 on a winter's day
        ("2026-11-24 06:00:00", True),  # 07:00:00: the door opens
        ("2026-11-24 20:59:59", True),  # 21:59:59
        ("2026-11-24 21:00:00", False),  # 22:00:00: the door closes
        ("2026-07-01 05:00:00", True),  # 07:00 in summer is an hour earlier in UTC
        ("2026-07-01 20:00:00", False),  # 22:00 in summer
        ("2026-10-25 05:59:59", False),  # the morning after the long night: winter time
        ("2026-10-25 06:00:00", True),
        ("2027-03-28 04:59:59", False),  # the morning after the short night: summer time
        ("2027-03-28 05:00:00", True),
    ],
)
def test_open_from_seven_to_ten_in_the_evening_by_the_wall_clock(now: str, opened: bool) -> None:
    assert is_open(HOURS, utc(now)) is opened


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-24 11:00", "2026-11-24 11:00"),  # open now
        ("2026-11-24 03:00", "2026-11-24 06:00"),  # this morning
        ("2026-11-24 21:00", "2026-11-25 06:00"),  # tomorrow, at the very moment of closing
        ("2026-10-24 20:30", "2026-10-25 06:00"),  # across the night of 25 hours
        ("2027-03-27 21:30", "2027-03-28 05:00"),  # across the night of 23 hours
        ("2026-12-31 22:30", "2027-01-01 06:00"),  # a new year
    ],
)
def test_the_next_opening(now: str, opening: str) -> None:
    assert next_opening(HOURS, utc(now)) == utc(opening)


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        ("2026-11-24 11:00", "2026-11-24 21:00"),  # tonight
        ("2026-11-24 21:00", "2026-11-25 21:00"),  # closed just now: tomorrow night
        ("2026-11-24 03:00", "2026-11-24 21:00"),  # not open yet
        ("2026-10-24 20:30", "2026-10-25 21:00"),  # closed; the clocks are put back tonight
        ("2027-03-27 21:30", "2027-03-28 20:00"),  # closed; the clocks are put forward tonight
    ],
)
def test_the_next_closing(now: str, closes: str) -> None:
    assert closing(HOURS, utc(now)) == utc(closes)


def test_a_door_that_never_closes() -> None:
    for now in (utc("2026-11-24 00:00"), utc("2026-10-25 00:30"), utc("2026-10-25 01:30")):
        assert is_open(Hours.ALL_DAY, now)
        assert next_opening(Hours.ALL_DAY, now) == now
        assert closing(Hours.ALL_DAY, now) is None


def test_a_day_must_close_after_it_has_opened() -> None:
    with pytest.raises(ValueError, match="close after"):
        Hours(time(22), time(7))


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 11, 24), 24),
        (date(2026, 10, 25), 25),  # the clocks are put back
        (date(2027, 3, 28), 23),  # the clocks are put forward
    ],
)
def test_the_length_of_a_day(day: date, hours: int) -> None:
    start = at(day, time.min)
    assert start_of_day(start + timedelta(hours=hours, microseconds=-1)) == start
    assert start_of_day(start + timedelta(hours=hours)) == at(day + DAY, time.min)


@given(st.dates(date(2020, 1, 1), date(2050, 12, 31)))
def test_every_day_is_open_for_fifteen_hours_and_says_seven_and_ten(day: date) -> None:
    opens, closes = at(day, HOURS.opens), at(day, HOURS.closes)
    assert closes - opens == timedelta(hours=15)
    assert (wall(opens).time(), wall(closes).time()) == (time(7), time(22))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2050, 12, 31), timezones=st.just(UTC)))
def test_opening_and_closing_enclose_every_open_instant(now: datetime) -> None:
    opens, closes = next_opening(HOURS, now), closing(HOURS, now)
    assert closes is not None
    assert is_open(HOURS, opens)
    assert not is_open(HOURS, closes)
    assert is_open(HOURS, closes - timedelta(microseconds=1))
    assert timedelta(0) <= opens - now <= timedelta(hours=10)
    assert is_open(HOURS, now) == (closes - now <= timedelta(hours=15) and opens == now)
