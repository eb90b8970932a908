"""What is to be expected of the hours to come: how many ask, who works, and whether it is enough.

It is looked at with the usual number of patients and with a fifth more: nothing else differs so
much from day to day. What would be needed is said for both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from venterom.queue import planning, staffing
from venterom.queue.dispatch import Manner
from venterom.queue.floor import LAST_START, Floor
from venterom.queue.hours import DAY, Hours, closing, next_opening, start_of_day, wall
from venterom.queue.planning import Planned
from venterom.queue.promise import EPOCH, MILLISECOND, PROMISE, Doctor, situation, snapshot
from venterom.queue.report import Share
from venterom.queue.simulation.rest import Span
from venterom.queue.slots import Duty
from venterom.queue.snapshot import Snapshot
from venterom.queue.states import Phase

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
HISTORY = 28  # days: four of each day of the week
MOST_HOURS = 12  # where the door never closes, no more are looked at
STAYS = PROMISE + LAST_START  # a doctor who is added stays for those who came just before
LATE = timedelta(minutes=15)  # who is not at work so long after the shift began, is not counted on
BUSY = 1.2  # times the usual number of patients: a day like that is no surprise


@dataclass(frozen=True, slots=True)
class Grounds:
    """What it rests on: the waiting room, the plan, and how many asked in each hour before."""

    floor: Floor
    lines: tuple[Planned, ...]  # from now on, without shifts that were left
    asked: Mapping[datetime, int]


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour to come."""

    begins: datetime
    doctors: float  # planned, the mean over the hour
    patients: float | None  # who are expected to ask; None: nobody ever has
    promised: Share | None  # twenty minutes, of those who ask; None: it cannot be said


@dataclass(frozen=True, slots=True)
class Advice:
    """Doctors more, from when until when, and all who ask can be promised twenty minutes."""

    begins: datetime
    ends: datetime
    doctors: int
    if_busy: int

    @property
    def is_enough(self) -> bool:
        """Whether so many doctors help; else it was given up to count."""
        return self.doctors <= staffing.MOST


@dataclass(frozen=True, slots=True)
class Outlook:
    """The hours to come as they looked at one instant."""

    made_at: datetime
    hours: tuple[Hour, ...]
    advice: tuple[Advice, ...] = ()
    days: int = 0  # how many were played for it

    @property
    def is_foreseen(self) -> bool:
        """Whether there is a history to expect anything from."""
        return any(hour.patients is not None for hour in self.hours)


def look_ahead(grounds: Grounds, hours: Hours, now: datetime) -> Outlook:
    """What is to be expected. Some hundred days are played: a second, and not for a request."""
    expected = usual(grounds.asked, now)
    ahead = hours_ahead(hours, now)
    at_work = [Duty(s.practitioner, s.on_at, s.off_at) for s in grounds.floor.shifts if s.present]
    duties = planning.duties(grounds.lines, at_work)
    planned = {begins: doctors_in(begins, duties) for begins in ahead}
    if expected is None:
        return Outlook(now, tuple(Hour(each, planned[each], None, None) for each in ahead))
    seen, spans = seen_ahead(grounds, hours, now), _spans(ahead, hours, now, expected)
    manner = grounds.floor.levers.manner
    foreseen = staffing.promised(seen, spans, grounds.floor.certainty, manner)
    shares = dict(zip(ahead, foreseen, strict=False))
    return Outlook(
        now,
        tuple(
            Hour(each, planned[each], expected[wall(each).hour], shares.get(each)) for each in ahead
        ),
        tuple(_advice(seen, spans, manner)),
        staffing.days(spans),
    )


def hours_ahead(hours: Hours, now: datetime) -> tuple[datetime, ...]:
    """The hours of the clock until the door closes today, from this one or the first of the day."""
    first = next_opening(hours, now)
    if wall(first).date() != wall(now).date():
        return ()
    begins = first - (first - EPOCH) % HOUR
    closes = closing(hours, first) or begins + MOST_HOURS * HOUR
    return tuple(begins + n * HOUR for n in range(-(-(closes - begins) // HOUR)))


def usual(asked: Mapping[datetime, int], now: datetime) -> Mapping[int, float] | None:
    """How many ask in each hour of the day: the mean of up to 28 whole days; None before the first.

    `asked` are counts by the beginning of an hour. Today is not over, and not among the days.
    """
    today = start_of_day(now)
    before = {hour: count for hour, count in asked.items() if hour < today}
    if not before:
        return None
    today_date = wall(now).date()
    days = min((today_date - wall(min(before)).date()) // DAY, HISTORY)
    first = today_date - days * DAY
    mean = dict.fromkeys(range(24), 0.0)
    for hour, count in before.items():
        if wall(hour).date() >= first:
            mean[wall(hour).hour] += count / days
    return mean


def doctors_in(begins: datetime, duties: Iterable[Duty]) -> float:
    """How many doctors are planned in this hour: the mean over its quarters, each doctor once."""
    quarters = [begins + n * QUARTER for n in range(HOUR // QUARTER)]
    there = {
        (duty.practitioner, quarter)
        for duty in duties
        for quarter in quarters
        if duty.on_at <= quarter < duty.off_at
    }
    return len(there) / len(quarters)


def seen_ahead(grounds: Grounds, hours: Hours, now: datetime) -> Snapshot:
    """The waiting room with those who are going to work today."""
    here = situation(grounds.floor, hours, now)
    return snapshot(replace(here, doctors=(*here.doctors, *_to_come(grounds, now))))


def _to_come(grounds: Grounds, now: datetime) -> Iterator[Doctor]:
    """Those whose shift begins later, or who may still come."""
    until = {shift.practitioner: shift.off_at for shift in grounds.floor.shifts if shift.present}
    lines = [
        line for line in grounds.lines if line.on_at >= until.get(line.practitioner, now - LATE)
    ]
    for duty in planning.duties(lines):
        yield Doctor(Phase.IDLE, duty.on_at, duty.off_at - LAST_START)


def _spans(
    ahead: Sequence[datetime], hours: Hours, now: datetime, expected: Mapping[int, float]
) -> tuple[Span, ...]:
    """The hours, as far as twenty minutes can be promised in them."""
    if not ahead:
        return ()
    first, closes = next_opening(hours, now), closing(hours, ahead[0])
    last = closes - STAYS if closes else ahead[-1] + HOUR
    return tuple(
        Span(_ms(max(each, first)), _ms(min(each + HOUR, last)), expected[wall(each).hour])
        for each in ahead
        if max(each, first) < last
    )


def _advice(seen: Snapshot, spans: Sequence[Span], manner: Manner) -> Iterator[Advice]:
    busy = [span._replace(an_hour=span.an_hour * BUSY) for span in spans]
    usually, busily = (staffing.needed(seen, each, manner) for each in (spans, busy))
    more = [(few, max(few, many)) for few, many in zip(usually, busily, strict=True)]
    for first, last in staffing.stretches(more):
        goes_on = last + 1 < len(more) and any(more[last + 1])
        if any(more[first]):
            ends = _instant(spans[last].ends) + (timedelta(0) if goes_on else STAYS)
            yield Advice(_instant(spans[first].begins), ends, *more[first])


def _ms(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def _instant(ms: int) -> datetime:
    return EPOCH + ms * MILLISECOND
