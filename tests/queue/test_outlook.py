"""What is to be expected: which hours there are, who asks in them, who works, and what is said."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.queue.make import NOON, after, booked, entry, planned, shift
from venterom.queue import staffing
from venterom.queue.floor import Deferral, Floor, Shift
from venterom.queue.hours import Hours, wall
from venterom.queue.outlook import (
    Grounds,
    doctors_in,
    hours_ahead,
    look_ahead,
    seen_ahead,
    usual,
)
from venterom.queue.planning import Planned, Work
from venterom.queue.promise import EPOCH, MILLISECOND
from venterom.queue.slots import Duty
from venterom.queue.snapshot import Debt
from venterom.queue.states import Phase

HOURS = Hours.STANDARD
A_DAY = timedelta(days=1)
EMPTY = Floor()


def minutes(ms: int) -> float:
    """After noon."""
    return (EPOCH + ms * MILLISECOND - NOON) / timedelta(minutes=1)


def grounds(
    *lines: Planned,
    floor: Floor = EMPTY,
    asked: Mapping[datetime, int] | None = None,
) -> Grounds:
    return Grounds(floor, lines, asked or {})


def days_before(count: int, an_hour: int) -> Mapping[datetime, int]:
    """So many asked in every hour of so many days before today."""
    midnight = after(-12 * 60)
    return {midnight - n * timedelta(hours=1): an_hour for n in range(1, 24 * count + 1)}


@pytest.mark.parametrize(
    ("now", "hours", "first", "count"),
    [
        # on the hour, within it, before the door opens, and after it has closed
        (NOON, HOURS, 12, 10),
        (after(59), HOURS, 12, 10),
        (after(-6 * 60), HOURS, 7, 15),
        (after(10 * 60), HOURS, None, 0),
        (after(9 * 60 + 59), HOURS, 21, 1),
        # where the door never closes, and so past midnight
        (after(9 * 60), Hours.ALL_DAY, 21, 12),
    ],
)
def test_the_hours_are_those_until_the_door_closes_today(
    now: datetime, hours: Hours, first: int | None, count: int
) -> None:
    ahead = hours_ahead(hours, now)
    assert len(ahead) == count
    if ahead:
        assert (wall(ahead[0]).hour, wall(ahead[0]).minute) == (first, 0)


def test_the_night_on_which_an_hour_comes_twice_has_one_hour_more() -> None:
    night = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # 01:00, before the clock is set back
    shown = [wall(each).hour for each in hours_ahead(Hours.ALL_DAY, night)]
    assert shown[:4] == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("days", "mean"),
    [(0, None), (1, 6), (28, 6), (40, 6)],  # days before the 28th do not count
)
def test_what_is_usual_is_the_mean_of_whole_days(days: int, mean: float | None) -> None:
    found = usual(days_before(days, 6), NOON)
    assert (found and found[12]) == (None if mean is None else pytest.approx(mean))


def test_today_is_not_over_and_an_hour_in_which_nobody_came_counts() -> None:
    asked = {NOON: 50, NOON - A_DAY: 4, NOON - 4 * A_DAY: 8}
    found = usual(asked, NOON)
    assert found is not None
    assert (found[12], found[13]) == (3, 0)  # twelve in four days


def test_an_hour_is_that_of_the_clock_on_the_wall() -> None:
    summer = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)  # also 12:00 in Oslo
    found = usual({summer: 3}, datetime(2026, 10, 26, 11, 0, tzinfo=UTC))
    assert found is not None and found[12] == 1.5


@pytest.mark.parametrize(
    ("duties", "count"),
    [
        ([], 0),
        ([(0, 60)], 1),
        ([(-60, 120), (30, 120)], 1.5),
        ([(60, 120), (-60, 0)], 0),
        ([(15, 30)], 0.25),
    ],
)
def test_doctors_are_counted_by_the_quarter(
    duties: list[tuple[float, float]], count: float
) -> None:
    found = [Duty(f"d{n}", after(on), after(off)) for n, (on, off) in enumerate(duties)]
    assert doctors_in(NOON, found) == count
    twice = [replace(each, practitioner="the same") for each in found * 2]
    assert doctors_in(NOON, twice) <= 1


@pytest.mark.parametrize(
    ("floor", "lines", "expected"),
    [
        # at work: what the doctor does counts, and not the line of the plan as well
        (
            (shift("d1", 60, phase=Phase.WRAP, phase_since=after(-2)),),
            (planned("d1", -120, 60),),
            [(Phase.WRAP, -2, 50)],
        ),
        # lost, or not there though the shift began long ago: not counted on
        ((shift("d1", 60, phase=Phase.LOST),), (planned("d1", -120, 60),), []),
        ((), (planned("d1", -16, 60),), []),
        # it began just now; and it begins later
        ((), (planned("d1", -10, 60),), [(Phase.IDLE, -10, 50)]),
        ((), (planned("d1", 30, 60),), [(Phase.IDLE, 30, 50)]),
        # until the break, and again after it
        (
            (shift("d1", 240),),
            (planned("d1", -120, 240), planned("d1", 60, 90, Work.BREAK)),
            [(Phase.IDLE, -120, 50), (Phase.IDLE, 90, 230)],
        ),
        # a second shift today, and somebody who is only on call
        (
            (shift("d1", 60),),
            (planned("d1", 120, 240), planned("d2", 0, 240, Work.ON_CALL)),
            [(Phase.IDLE, -120, 50), (Phase.IDLE, 120, 230)],
        ),
    ],
)
def test_those_are_counted_on_who_are_there_or_will_come(
    floor: tuple[Shift, ...],
    lines: tuple[Planned, ...],
    expected: list[tuple[Phase, float, float]],
) -> None:
    breaks = tuple(line for line in lines if line.work is Work.BREAK)
    seen = seen_ahead(grounds(*lines, floor=Floor(floor, breaks=breaks)), HOURS, NOON)
    assert [
        (each.phase, minutes(each.since), minutes(each.last_start)) for each in seen.doctors
    ] == expected


def test_those_who_wait_and_are_booked_are_seen() -> None:
    floor = Floor((shift("d1"),), (entry("v1", 7), booked("v2", 45)))
    seen = seen_ahead(grounds(floor=floor), HOURS, NOON)
    assert [minutes(each.deadline) for each in seen.promises] == [7]
    assert [minutes(each) for each in seen.slots] == [45]


def test_a_note_that_was_put_off_is_seen() -> None:
    owed = Deferral("v", "d1", "p", after(-9), after(-8), None, after(-7), None)
    seen = seen_ahead(grounds(floor=Floor((shift("d1"),), deferrals=(owed,))), HOURS, NOON)
    [doctor] = seen.doctors
    assert doctor.debt == Debt((after(-7) - EPOCH) // MILLISECOND, 2 * 60_000)


def test_what_is_promised_hangs_on_what_was_learned() -> None:
    """How likely a promise has to be: the same day, looked at with two floors."""
    asked = days_before(5, 6)
    strict, easy = (
        look_ahead(
            grounds(floor=Floor((shift("d1", 600),), certainty=each), asked=asked), HOURS, NOON
        )
        for each in (0.95, 0.8)
    )
    assert strict.hours[0].promised is not None and easy.hours[0].promised is not None
    assert strict.hours[0].promised.part < easy.hours[0].promised.part


def test_before_there_is_any_history_only_the_plan_is_shown() -> None:
    made = look_ahead(grounds(planned("d1", 60, 180)), HOURS, NOON)
    assert not made.is_foreseen and made.advice == ()
    assert [each.doctors for each in made.hours[:4]] == [0, 1, 1, 0]
    assert {(each.patients, each.promised) for each in made.hours} == {(None, None)}


def test_where_nobody_works_doctors_are_asked_for_and_their_last_half_hour_is_said() -> None:
    at_work = Floor(tuple(shift(f"d{n}", 300) for n in range(9)))
    made = look_ahead(grounds(floor=at_work, asked=days_before(5, 2)), HOURS, after(7))
    assert [each.patients for each in made.hours] == [pytest.approx(2)] * 10
    assert made.hours[0].promised is not None and (made.hours[0].promised.value or 0) > 0.99
    assert [each.doctors for each in made.hours] == [9.0] * 5 + [0.0] * 5
    first = made.advice[0]
    assert after(240) <= first.begins <= after(300)
    assert made.advice[-1].ends == after(600)  # closing time, and not later
    assert first.doctors > 0 and first.if_busy >= first.doctors and first.is_enough
    assert made.days == staffing.DAYS


def test_with_doctors_enough_nothing_is_advised() -> None:
    at_work = Floor(tuple(shift(f"d{n}", 600) for n in range(9)))
    made = look_ahead(grounds(floor=at_work, asked=days_before(5, 1)), HOURS, NOON)
    assert made.advice == () and made.is_foreseen


def test_in_the_last_half_hour_nobody_is_promised_anything() -> None:
    made = look_ahead(grounds(asked=days_before(5, 3)), HOURS, after(9 * 60 + 35))
    assert [each.promised for each in made.hours] == [None]
    assert made.advice == ()


def test_after_closing_there_is_nothing_to_look_at() -> None:
    made = look_ahead(grounds(asked=days_before(5, 3)), HOURS, after(11 * 60))
    assert made.hours == () and made.advice == ()


def test_where_no_number_helps_it_is_said() -> None:
    made = look_ahead(grounds(asked=days_before(2, 200)), HOURS, after(8 * 60 + 30))
    assert made.advice and not made.advice[0].is_enough
