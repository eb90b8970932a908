"""The 15-minute grid of a day by wall time, and how many may be booked at each time of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from venterom.queue.hours import DAY, Hours, at, is_open, wall

STEP = timedelta(minutes=15)  # set aside for each patient
LAST_SLOT = timedelta(minutes=20)  # no slot in the last part of a shift: 15 minutes and the note
# A slot starts later than any 20-minute promise that was already given could be disturbed by it:
# the promise itself and the 5 minutes behind it in which booked slots count as ahead of it.
LEAD = timedelta(minutes=25)
DAYS = 2  # today and tomorrow


@dataclass(frozen=True, slots=True)
class Duty:
    """One doctor who works, or is going to, from `on_at` until `off_at`."""

    practitioner: str
    on_at: datetime
    off_at: datetime

    def takes(self, starts_at: datetime) -> bool:
        """Whether a slot that starts then lies well inside the working time."""
        return self.on_at <= starts_at <= self.off_at - LAST_SLOT


def grid(hours: Hours, day: date) -> tuple[datetime, ...]:
    """Every slot of a day in Norway, first to last; each is over when the door closes.

    The time zone moves by whole hours, so stepping in real time meets each quarter of the wall
    clock, twice in the hour that comes twice and never in the hour that is skipped.
    """
    first, end = at(day, time.min), at(day + DAY, time.min)
    steps = (first + n * STEP for n in range((end - first) // STEP))
    return tuple(t for t in steps if is_open(hours, t) and _over_in_time(hours, t))


def _over_in_time(hours: Hours, starts_at: datetime) -> bool:
    ends_at = starts_at + STEP
    return is_open(hours, ends_at) or wall(ends_at).time() == hours.closes


def capacity(doctors: int) -> int:
    """How many may be booked at one grid time: half of the doctors, rounded up.

    The other half is there for those who drop in, and takes what overruns.
    """
    return (doctors + 1) // 2


def doctors_at(starts_at: datetime, duties: Iterable[Duty]) -> int:
    """How many doctors could start a slot at this time; one with two duties counts once."""
    return len({duty.practitioner for duty in duties if duty.takes(starts_at)})


def free(
    hours: Hours, now: datetime, duties: Iterable[Duty], taken: Mapping[datetime, int]
) -> tuple[datetime, ...]:
    """The slots of today and tomorrow that still have a seat, earliest first."""
    duties = tuple(duties)
    return tuple(
        slot
        for slot in horizon(hours, now)
        if taken.get(slot, 0) < capacity(doctors_at(slot, duties))
    )


def horizon(hours: Hours, now: datetime) -> tuple[datetime, ...]:
    """Every slot of today and tomorrow that is not too near, free or not."""
    today = wall(now).date()
    days = (grid(hours, today + n * DAY) for n in range(DAYS))
    return tuple(slot for day in days for slot in day if slot >= now + LEAD)
