"""Uses are counted by month, and told when the month is over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.coverage.usage import Month, Uses, monthly, months_over, to_be_told


def test_uses_are_counted_by_calendar_month_earliest_first() -> None:
    days = [date(2027, 1, 1), date(2026, 12, 31), date(2026, 12, 1), date(2025, 12, 5)]
    assert list(monthly(days).items()) == [
        (Month(2025, 12), 1),
        (Month(2026, 12), 2),
        (Month(2027, 1), 1),
    ]


def test_a_policy_that_was_not_used_has_no_months() -> None:
    assert monthly([]) == {}


@given(st.lists(st.dates()))
def test_no_use_is_lost_or_counted_twice(days: list[date]) -> None:
    assert sum(monthly(days).values()) == len(days)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 11, 24), "2025-11", "2026-10"),
        (date(2026, 11, 30), "2025-11", "2026-10"),  # its last day is not over
        (date(2026, 12, 1), "2025-12", "2026-11"),
        (date(2027, 1, 1), "2026-01", "2026-12"),
    ],
)
def test_a_year_of_months_that_are_over(day: date, first: str, last: str) -> None:
    months = months_over(day)
    assert (str(months[0]), str(months[-1]), len(months)) == (first, last, 12)
    assert list(months) == sorted(months)


def test_what_is_told_of_a_policy_is_how_often_in_each_month_that_is_over() -> None:
    days = [
        date(2026, 11, 24),  # runs still
        date(2026, 10, 31),
        date(2026, 10, 1),
        date(2025, 11, 1),
        date(2025, 10, 31),  # more than a year ago
    ]
    assert to_be_told(days, date(2026, 11, 24)) == (
        Uses(Month(2026, 10), 2),
        Uses(Month(2025, 11), 1),
    )


@given(st.lists(st.integers(-400, 400)), st.integers(0, 29), st.integers(0, 29))
def test_two_days_of_one_month_are_told_the_same(
    offsets: list[int], one: int, another: int
) -> None:
    used = [date(2026, 11, 1) + timedelta(days=n) for n in offsets]
    november = date(2026, 11, 1)
    told = [to_be_told(used, november + timedelta(days=n)) for n in (one, another)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-10", Month(2026, 10)),
        ("2026-1", None),
        ("2026-13", None),
        ("2026-00", None),
        ("0026-10", None),
        ("2026-10 ", None),
        ("٢٠٢٦-10", None),
        ("", None),
    ],
)
def test_a_month_is_read_as_it_is_written(text: str, month: Month | None) -> None:
    assert Month.read(text) == month
    assert month is None or str(month) == text


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_months_follow_each_other(day: date) -> None:
    month = Month.of(day)
    assert month.before.after == month == month.after.before
    assert Month.of(month.first - timedelta(days=1)) == month.before
    assert month.is_over(month.after.first) and not month.is_over(
        month.after.first - timedelta(days=1)
    )
