"""The plan of shifts: what may stand in it, which slots come out of it, and what hangs on it.

Everything is planned by wall time in Norway. Where the door is closed at night, nothing crosses
midnight: an end before its beginning is a mistake. Where it never closes, it is the next morning.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from venterom.queue.errors import (
    BreakOutsideShift,
    NoSuchTime,
    ShiftEndsTooEarly,
    ShiftEndsTooLate,
    ShiftOutsideHours,
    ShiftOver,
    ShiftsOverlap,
    ShiftTooFarAhead,
)
from venterom.queue.hours import DAY, Hours, at, wall
from venterom.queue.slots import Duty, capacity, doctors_at

LONGEST = timedelta(hours=12)  # no working time rule goes beyond that; on call, too
AHEAD = timedelta(days=366)  # nobody knows a later plan, and a slip in the year is found
WEEK = 7  # days


class Work(StrEnum):
    """What somebody is planned for."""

    SHIFT = "shift"  # takes patients, and opens slots
    ON_CALL = "on_call"  # comes when a promise is in danger; opens no slots
    BREAK = "break"  # lies in a shift, and no slot lies in it


@dataclass(frozen=True, slots=True)
class Planned:
    """A line of the plan."""

    id: str
    practitioner: str
    work: Work
    on_at: datetime
    off_at: datetime


def on_call(lines: Iterable[Planned], here: Collection[str], now: datetime) -> tuple[str, ...]:
    """Who is planned to be on call now and is not here already, in order."""
    now_on_call = {
        line.practitioner
        for line in lines
        if line.work is Work.ON_CALL and line.on_at <= now < line.off_at
    }
    return tuple(sorted(now_on_call - set(here)))


def span(hours: Hours, day: date, begins: time, ends: time) -> tuple[datetime, datetime]:
    """From when until when, as it was typed. Raises ShiftEndsTooEarly, NoSuchTime."""
    if ends <= begins and not hours.always:
        raise ShiftEndsTooEarly
    return _instant(day, begins), _instant(day if ends > begins else day + DAY, ends)


def _instant(day: date, clock: time) -> datetime:
    moment = at(day, clock)
    if wall(moment).time() != clock:
        raise NoSuchTime
    return moment


def check(plan: Planned, others: Iterable[Planned], hours: Hours, now: datetime) -> None:
    """Whether this line may stand among the others, of which it may be a new version.

    Raises ShiftEndsTooEarly, ShiftEndsTooLate, ShiftOver, ShiftTooFarAhead, ShiftOutsideHours,
    ShiftsOverlap, BreakOutsideShift.
    """
    _check_times(plan, hours, now)
    rest = [each for each in others if each.id != plan.id]
    same_kind = (each for each in rest if _is_break(each) == _is_break(plan))
    if any(_overlap(plan, each) for each in same_kind):
        raise ShiftsOverlap
    lines = [*rest, plan]
    if any(not _lies_in_a_shift(each, lines) for each in lines if _is_break(each)):
        raise BreakOutsideShift


def _check_times(plan: Planned, hours: Hours, now: datetime) -> None:
    if plan.off_at <= plan.on_at:
        raise ShiftEndsTooEarly
    if plan.off_at - plan.on_at > LONGEST:
        raise ShiftEndsTooLate
    if plan.off_at <= now:
        raise ShiftOver
    if plan.on_at > now + AHEAD:
        raise ShiftTooFarAhead
    if not _is_within(hours, plan):
        raise ShiftOutsideHours


def _is_within(hours: Hours, plan: Planned) -> bool:
    on, off = wall(plan.on_at), wall(plan.off_at)
    same_day = on.date() == off.date()
    return hours.always or (same_day and hours.opens <= on.time() and off.time() <= hours.closes)


def _is_break(plan: Planned) -> bool:
    return plan.work is Work.BREAK


def _overlap(one: Planned, other: Planned) -> bool:
    same = one.practitioner == other.practitioner
    return same and one.on_at < other.off_at and other.on_at < one.off_at


def _lies_in_a_shift(pause: Planned, lines: Iterable[Planned]) -> bool:
    return any(_holds(each, pause) for each in lines)


def _holds(shift: Planned, pause: Planned) -> bool:
    same = shift.work is Work.SHIFT and shift.practitioner == pause.practitioner
    return same and shift.on_at <= pause.on_at and pause.off_at <= shift.off_at


def without(plan: Planned, lines: Iterable[Planned]) -> tuple[Planned, ...]:
    """The plan without this line, and without the breaks that lay in it."""
    rest = (each for each in lines if each.id != plan.id)
    return tuple(each for each in rest if not (_is_break(each) and _holds(plan, each)))


def still_planned(lines: Iterable[Planned], gone: Mapping[str, datetime]) -> tuple[Planned, ...]:
    """The plan without the rest of shifts from which the doctors have gone home, and when."""
    return tuple(each for each in lines if not _is_left(each, gone.get(each.practitioner)))


def _is_left(line: Planned, went_at: datetime | None) -> bool:
    under_way = went_at is not None and line.on_at <= went_at < line.off_at
    return line.work is Work.SHIFT and under_way


def duties(lines: Iterable[Planned], at_work: Iterable[Duty] = ()) -> tuple[Duty, ...]:
    """Who can take slots, and when: shifts, planned or under way, cut in two by their breaks.

    So the last slot before a break is over in time, note and all, as it is before going home.
    """
    lines = tuple(lines)
    shifts = (Duty(p.practitioner, p.on_at, p.off_at) for p in lines if p.work is Work.SHIFT)
    breaks = sorted((p for p in lines if _is_break(p)), key=lambda pause: pause.on_at)
    return tuple(part for shift in (*at_work, *shifts) for part in _parts(shift, breaks))


def _parts(shift: Duty, breaks: Iterable[Planned]) -> Iterator[Duty]:
    rest = shift
    for pause in breaks:
        if _cuts(pause, rest):
            if rest.on_at < pause.on_at:
                yield replace(rest, off_at=pause.on_at)
            rest = replace(rest, on_at=min(pause.off_at, rest.off_at))
    if rest.on_at < rest.off_at:
        yield rest


def _cuts(pause: Planned, shift: Duty) -> bool:
    same = pause.practitioner == shift.practitioner
    return same and pause.on_at < shift.off_at and shift.on_at < pause.off_at


def too_many(taken: Mapping[datetime, int], duties: Iterable[Duty]) -> Mapping[datetime, int]:
    """Booked times, and how many at each of them are more than these doctors can be booked for."""
    duties = tuple(duties)
    over = {slot: n - capacity(doctors_at(slot, duties)) for slot, n in sorted(taken.items())}
    return {slot: n for slot, n in over.items() if n > 0}


def depending(
    taken: Mapping[datetime, int], before: Iterable[Duty], after: Iterable[Duty]
) -> tuple[datetime, ...]:
    """The booked times that a change of the plan would leave with too few doctors."""
    already, then = too_many(taken, before), too_many(taken, after)
    return tuple(slot for slot, n in then.items() if n > already.get(slot, 0))


def week_of(day: date) -> tuple[date, ...]:
    """Monday to Sunday around a day."""
    monday = day - day.weekday() * DAY
    return tuple(monday + n * DAY for n in range(WEEK))


def on_day(lines: Iterable[Planned], day: date) -> tuple[Planned, ...]:
    """The lines that begin on a day in Norway, in order."""
    those = (each for each in lines if wall(each.on_at).date() == day)
    return tuple(sorted(those, key=lambda each: (each.on_at, each.off_at, each.id)))
