"""Uses are counted by month."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from venterom.queue.coverage.usage import Month, monthly


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
