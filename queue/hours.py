"""Opening hours: wall time in Norway, turned into instants on both daylight-saving nights."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from `opens` until `closes` on the same day, every day. Equal times mean always."""

    opens: time
    closes: time

    STANDARD: ClassVar["Hours"]
    ALL_DAY: ClassVar["Hours"]

    def __post_init__(self) -> None:
        if self.closes < self.opens:
            raise ValueError("a day must close after it has opened")

    @property
    def always(self) -> bool:
        """Whether the door is never closed."""
        return self.opens == self.closes


Hours.STANDARD = Hours(time(7), time(22))
Hours.ALL_DAY = Hours(time.min, time.min)  # for the demonstration


def wall(now: datetime) -> datetime:
    """The instant as clocks in Norway show it."""
    return now.astimezone(OSLO)


def at(day: date, clock: time) -> datetime:
    """The instant when clocks in Norway show `clock` on `day`; the first, where there are two."""
    return datetime.combine(day, clock, tzinfo=OSLO).astimezone(UTC)


def start_of_day(now: datetime) -> datetime:
    """The midnight in Norway that the day of `now` began with."""
    return at(wall(now).date(), time.min)


def is_open(hours: Hours, now: datetime) -> bool:
    """Whether patients are received at this instant."""
    return hours.always or hours.opens <= wall(now).time() < hours.closes


def next_opening(hours: Hours, now: datetime) -> datetime:
    """The first instant, `now` or later, at which patients are received."""
    if is_open(hours, now):
        return now
    return next(instant for instant in _each_day(now, hours.opens) if instant >= now)


def closing(hours: Hours, now: datetime) -> datetime | None:
    """The next closing time after `now`, or None where the door never closes."""
    if hours.always:
        return None
    return next(instant for instant in _each_day(now, hours.closes) if instant > now)


def _each_day(now: datetime, clock: time) -> Iterator[datetime]:
    day = wall(now).date()
    while True:
        yield at(day, clock)
        day += DAY
