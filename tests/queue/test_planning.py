"""What may stand in the plan of shifts, which slots come out of it, and what hangs on it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.make import NOON, after, planned
from venterom.queue import planning
from venterom.queue.errors import (
    BreakOutsideShift,
    NoSuchTime,
    QueueError,
    ShiftEndsTooEarly,
    ShiftEndsTooLate,
    ShiftOutsideHours,
    ShiftOver,
    ShiftsOverlap,
    ShiftTooFarAhead,
)
from venterom.queue.hours import DAY, Hours, at, wall
from venterom.queue.planning import AHEAD, Planned, Work
from venterom.queue.slots import STEP, Duty, doctors_at, grid

SHIFT, ON_CALL, BREAK = Work.SHIFT, Work.ON_CALL, Work.BREAK
TUESDAY = date(2026, 11, 24)
LONG_NIGHT, SHORT_NIGHT = date(2026, 10, 24), date(2027, 3, 27)  # the evenings before


def refusal(plan: Planned, *others: Planned, hours: Hours = Hours.STANDARD) -> type | None:
    """What the rule has against a line, if anything."""
    try:
        planning.check(plan, others, hours, NOON)
    except QueueError as error:
        return type(error)
    return None


# ---- what was typed


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        (time(8), time(16), 8.0),
        (time(8), time(8, 15), 0.25),
        (time(22), time(6), 8.0),  # across midnight: the end is the next morning
        (time(16), time(0), 8.0),  # until midnight
        (time(8), time(8), 24.0),  # a day and a night, which `check` finds too long
    ],
)
def test_where_the_door_never_closes_an_earlier_end_is_the_next_day(
    begins: time, ends: time, hours: float
) -> None:
    on_at, off_at = planning.span(Hours.ALL_DAY, TUESDAY, begins, ends)
    assert on_at == at(TUESDAY, begins)
    assert off_at - on_at == timedelta(hours=hours)


@pytest.mark.parametrize("ends", [time(7, 59), time(8), time(0), time(6)])
def test_where_it_closes_at_night_an_end_before_the_beginning_is_a_mistake(ends: time) -> None:
    with pytest.raises(ShiftEndsTooEarly):
        planning.span(Hours.STANDARD, TUESDAY, time(8), ends)


@pytest.mark.parametrize(
    ("day", "begins", "ends", "hours"),
    [
        (LONG_NIGHT, time(22), time(6), 9.0),  # the hour from two to three comes twice
        (SHORT_NIGHT, time(22), time(6), 7.0),
        (LONG_NIGHT + DAY, time(0), time(2, 30), 2.5),  # half past two: the first of them
        (LONG_NIGHT + DAY, time(7), time(15), 8.0),  # the day after is like any other
        (SHORT_NIGHT + DAY, time(7), time(15), 8.0),
    ],
)
def test_a_shift_through_a_night_when_the_clocks_change_is_as_long_as_it_is(
    day: date, begins: time, ends: time, hours: float
) -> None:
    on_at, off_at = planning.span(Hours.ALL_DAY, day, begins, ends)
    assert off_at - on_at == timedelta(hours=hours)


@pytest.mark.parametrize(("begins", "ends"), [(time(22), time(2, 30)), (time(2, 30), time(8))])
def test_a_time_that_no_clock_shows_that_night_is_not_taken_for_another(
    begins: time, ends: time
) -> None:
    day = SHORT_NIGHT if begins > ends else SHORT_NIGHT + DAY
    with pytest.raises(NoSuchTime):
        planning.span(Hours.ALL_DAY, day, begins, ends)


# ---- what may stand in the plan


@pytest.mark.parametrize(
    ("line", "hours", "expected"),
    [
        (planned(on=60, off=540), Hours.STANDARD, None),
        (planned(on=-60, off=60), Hours.STANDARD, None),  # under way
        (planned(on=60, off=60), Hours.STANDARD, ShiftEndsTooEarly),
        (planned(on=60, off=59), Hours.STANDARD, ShiftEndsTooEarly),
        (planned(on=-120, off=0), Hours.STANDARD, ShiftOver),  # ends now
        (planned(on=-120, off=1), Hours.STANDARD, None),
        (planned(on=-300, off=420), Hours.STANDARD, None),  # 07:00 to 19:00, twelve hours
        (planned(on=-300, off=421), Hours.STANDARD, ShiftEndsTooLate),
        (planned(on=-301, off=60), Hours.STANDARD, ShiftOutsideHours),  # 06:59
        (planned(on=60, off=600), Hours.STANDARD, None),  # until 22:00
        (planned(on=60, off=601), Hours.STANDARD, ShiftOutsideHours),
        (planned(on=540, off=1200), Hours.STANDARD, ShiftOutsideHours),  # across midnight
        (planned(on=540, off=1200), Hours.ALL_DAY, None),
        (planned(on=540, off=1200, work=ON_CALL), Hours.STANDARD, ShiftOutsideHours),
        (planned(on=540, off=1261), Hours.ALL_DAY, ShiftEndsTooLate),
    ],
)
def test_a_shift_lies_in_the_opening_hours_and_is_no_longer_than_a_day_of_work(
    line: Planned, hours: Hours, expected: type | None
) -> None:
    assert refusal(line, hours=hours) is expected


def test_a_slip_in_the_year_is_found() -> None:
    far = (AHEAD + DAY) / timedelta(minutes=1)
    assert refusal(planned(on=far, off=far + 60)) is ShiftTooFarAhead
    near = (AHEAD - DAY) / timedelta(minutes=1)
    assert refusal(planned(on=near, off=near + 60)) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (planned(on=0, off=60), None),  # ends as the other begins
        (planned(on=120, off=180), None),
        (planned(on=0, off=61), ShiftsOverlap),
        (planned(on=119, off=180), ShiftsOverlap),
        (planned(on=70, off=80), ShiftsOverlap),  # inside
        (planned(on=0, off=240), ShiftsOverlap),  # around
        (planned(on=60, off=120), ShiftsOverlap),  # the same again
        (planned(on=60, off=120, id="known"), None),  # itself, as it is
        (planned(on=90, off=150, id="known"), None),  # itself, moved
        (planned(on=60, off=120, work=ON_CALL), ShiftsOverlap),  # nobody is two things at once
        (planned("d2", on=60, off=120), None),  # another doctor
    ],
)
def test_a_doctor_is_planned_for_one_thing_at_a_time(line: Planned, expected: type | None) -> None:
    assert refusal(line, planned(on=60, off=120, id="known")) is expected


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        (planned(on=90, off=120, work=BREAK), None),
        (planned(on=60, off=75, work=BREAK), None),  # with the first minute
        (planned(on=225, off=240, work=BREAK), None),  # with the last
        (planned(on=59, off=75, work=BREAK), BreakOutsideShift),
        (planned(on=225, off=241, work=BREAK), BreakOutsideShift),
        (planned("d2", on=90, off=120, work=BREAK), BreakOutsideShift),  # another's shift
        (planned(on=300, off=330, work=BREAK), BreakOutsideShift),  # on call is no shift
        (planned(on=140, off=160, work=BREAK), ShiftsOverlap),  # two breaks at once
        (planned(on=120, off=150, work=BREAK), None),  # the one after the other
    ],
)
def test_a_break_lies_in_a_shift_of_the_same_doctor(pause: Planned, expected: type | None) -> None:
    shift, duty = planned(on=60, off=240), planned(on=240, off=600, work=ON_CALL)
    assert refusal(pause, shift, duty, planned(on=150, off=165, work=BREAK)) is expected


@pytest.mark.parametrize(
    "changed",
    [
        planned(on=0, off=100, id="shift"),  # ends in the break
        planned(on=0, off=240, work=ON_CALL, id="shift"),
        planned("d2", on=0, off=240, id="shift"),  # the break stays with the first doctor
    ],
)
def test_a_shift_is_not_changed_from_around_its_break(changed: Planned) -> None:
    pause = planned(on=90, off=120, work=BREAK)
    assert refusal(changed, planned(on=0, off=240, id="shift"), pause) is BreakOutsideShift


def test_a_shift_that_goes_takes_its_breaks_along_and_nothing_else() -> None:
    shift, pause = planned(on=0, off=240), planned(on=90, off=120, work=BREAK)
    others = (
        planned(on=300, off=600),
        planned(on=400, off=430, work=BREAK),
        planned("d2", on=0, off=240),
        planned("d2", on=90, off=120, work=BREAK),
        planned("d3", on=0, off=240, work=ON_CALL),
    )
    assert planning.without(shift, [shift, pause, *others]) == others
    assert planning.without(pause, [shift, pause, *others]) == (shift, *others)


# ---- slots come out of it


def spans(lines: Iterable[Planned], at_work: Iterable[Duty] = ()) -> list[tuple[float, float]]:
    """When slots are taken, in minutes after noon."""
    minute = timedelta(minutes=1)
    return sorted(
        ((duty.on_at - NOON) / minute, (duty.off_at - NOON) / minute)
        for duty in planning.duties(lines, at_work)
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        ([planned(on=0, off=240)], [(0, 240)]),
        ([planned(on=0, off=240, work=ON_CALL)], []),  # on call opens no slots
        ([planned(on=0, off=240), planned(on=90, off=120, work=BREAK)], [(0, 90), (120, 240)]),
        ([planned(on=0, off=240), planned(on=0, off=30, work=BREAK)], [(30, 240)]),
        ([planned(on=0, off=240), planned(on=210, off=240, work=BREAK)], [(0, 210)]),
        ([planned(on=0, off=240), planned(on=0, off=240, work=BREAK)], []),
        (
            [planned(on=0, off=240), *(planned(on=n, off=n + 15, work=BREAK) for n in (200, 60))],
            [(0, 60), (75, 200), (215, 240)],
        ),
        (
            [planned("d2", on=0, off=240), planned("d1", on=0, off=60)]
            + [planned("d1", on=15, off=30, work=BREAK)],
            [(0, 15), (0, 240), (30, 60)],  # a break is one doctor's
        ),
    ],
)
def test_slots_are_opened_by_shifts_and_not_in_breaks(
    lines: list[Planned], expected: list[tuple[float, float]]
) -> None:
    assert spans(lines) == expected


def test_a_break_counts_for_a_doctor_who_is_at_work_too() -> None:
    pause = planned(on=90, off=120, work=BREAK)
    assert spans([pause], [Duty("d1", after(-60), after(200))]) == [(-60, 90), (120, 200)]
    assert spans([pause], [Duty("d1", after(100), after(200))]) == [(120, 200)]  # began in it
    assert spans([pause], [Duty("d1", after(100), after(110))]) == []
    assert spans([pause], [Duty("d2", after(-60), after(200))]) == [(-60, 200)]


def test_the_last_slot_before_a_break_is_over_in_time_and_the_first_begins_with_its_end() -> None:
    lines = [planned(on=0, off=240), planned(on=90, off=120, work=BREAK)]
    there = planning.duties(lines)
    open_at = [n for n in range(0, 240, 15) if doctors_at(after(n), there)]
    assert open_at == [0, 15, 30, 45, 60, 120, 135, 150, 165, 180, 195, 210]  # 70 is the last start


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (LONG_NIGHT, 35),  # nine hours, but for the last twenty minutes
        (SHORT_NIGHT, 27),
        (TUESDAY, 31),
    ],
)
def test_a_night_shift_opens_a_slot_for_each_quarter_that_there_is(day: date, count: int) -> None:
    on_at, off_at = planning.span(Hours.ALL_DAY, day, time(22), time(6))
    there = planning.duties([Planned("p", "d1", SHIFT, on_at, off_at)])
    both = (*grid(Hours.ALL_DAY, day), *grid(Hours.ALL_DAY, day + DAY))
    opened = [slot for slot in both if doctors_at(slot, there)]
    assert len(opened) == len(set(opened)) == count
    assert {b - a for a, b in zip(opened, opened[1:], strict=False)} == {STEP}
    assert (wall(opened[0]).time(), wall(opened[-1]).time()) == (time(22), time(5, 30))


@given(
    st.lists(st.tuples(st.integers(0, 47), st.integers(1, 8)), max_size=6),
    st.integers(0, 40),
    st.integers(1, 48),
)
def test_no_minute_of_a_break_is_worked_and_every_other_is(
    pauses: list[tuple[int, int]], on: int, length: int
) -> None:
    shift = planned(on=on * 5, off=(on + length) * 5)
    breaks = [planned(on=a * 5, off=(a + n) * 5, work=BREAK) for a, n in pauses]
    parts = spans([shift, *breaks])
    for minute in range(0, 480):
        paused = any(a * 5 <= minute < (a + n) * 5 for a, n in pauses)
        works = on * 5 <= minute < (on + length) * 5 and not paused
        assert works is any(begin <= minute < end for begin, end in parts), minute


@pytest.mark.parametrize(
    ("went", "kept"),
    [
        (None, True),
        (-1, True),  # before it began: on another shift
        (0, False),
        (100, False),
        (239, False),
        (240, True),  # as it ended
    ],
)
def test_whoever_has_gone_home_is_not_planned_for_the_rest_of_that_shift(
    went: float | None, kept: bool
) -> None:
    shift, later = planned(on=0, off=240), planned(on=300, off=500)
    duty, other = planned(on=600, off=700, work=ON_CALL), planned("d2", on=0, off=240)
    gone = {} if went is None else {"d1": after(went)}
    left = planning.still_planned([shift, later, duty, other], gone)
    assert left == ((shift, later, duty, other) if kept else (later, duty, other))


# ---- what is booked hangs on it

THREE = [planned(f"d{n}") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("taken", "left", "expected"),
    [
        ({60: 2}, 3, ()),  # nothing changes
        ({60: 2}, 2, (60,)),  # two doctors: one may be booked
        ({60: 1}, 2, ()),
        ({60: 1}, 1, ()),
        ({60: 1, 75: 2}, 1, (75,)),
        ({60: 1}, 0, (60,)),
        ({300: 1}, 0, ()),  # was nobody's before, and is not this change's doing
        ({60: 3}, 2, (60,)),  # was one too many, and now two
        ({60: 3}, 3, ()),
    ],
)
def test_a_change_names_the_booked_times_that_it_leaves_with_too_few_doctors(
    taken: dict[int, int], left: int, expected: tuple[int, ...]
) -> None:
    seats = {after(minute): n for minute, n in taken.items()}
    before, then = planning.duties(THREE), planning.duties(THREE[:left])
    assert planning.depending(seats, before, then) == tuple(after(n) for n in expected)


def test_a_break_takes_its_times_away_and_a_doctor_at_work_holds_them() -> None:
    shift, pause = planned(on=0, off=240), planned(on=60, off=90, work=BREAK)
    seats = {after(45): 1, after(60): 1, after(90): 1}
    before = planning.duties([shift])
    there = planning.depending(seats, before, planning.duties([shift, pause]))
    assert there == (after(45), after(60))  # the note of the first would reach into the break
    working = [Duty("d2", after(0), after(240))]
    assert planning.depending(seats, before, planning.duties([], working)) == ()


def test_too_many_says_how_many_at_which_time() -> None:
    there = planning.duties(THREE)
    seats = {after(75): 3, after(60): 2, after(300): 1}
    assert planning.too_many(seats, there) == {after(75): 1, after(300): 1}
    assert list(planning.too_many(seats, there)) == [after(75), after(300)]


# ---- by week and day


@pytest.mark.parametrize("day", [date(2026, 11, 23), TUESDAY, date(2026, 11, 29)])
def test_a_week_is_from_monday_to_sunday(day: date) -> None:
    assert planning.week_of(day) == tuple(date(2026, 11, 23 + n) for n in range(7))


def test_a_line_belongs_to_the_day_in_norway_on_which_it_begins() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=NOON.tzinfo)  # half past midnight on the 25th
    night = Planned("b", "d1", SHIFT, late, late + timedelta(hours=8))
    morning, noon = planned("d2", on=-240, off=0), planned("d1", on=0, off=60)
    assert planning.on_day([noon, night, morning], TUESDAY) == (morning, noon)
    assert planning.on_day([noon, night, morning], TUESDAY + DAY) == (night,)
