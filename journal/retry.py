"""When to try again to hand a note to the EPJ, and when to give up and tell a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from venterom.journal.states import Delivery

FIRST = timedelta(seconds=5)  # most failures are a restart on the other side
CAP = timedelta(minutes=15)  # after a long outage the first note goes within this time
LATE = timedelta(minutes=15)  # a signed note that is not in the journal by now: the doctor is told
VERY_LATE = timedelta(hours=4)  # … and the one on duty for the service


class Failure(StrEnum):
    """Why it did not work: nobody answered, the answer was no, or it was about somebody else."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    WRONG = "wrong"


# Nobody there: three days and nights at CAP, which is the longest outage we plan for.
# Refused: the same note will be refused again, so a person must look soon (after ten minutes).
# Wrong: another patient's or another note; nothing is done before a person has looked.
TRIES = {Failure.UNREACHABLE: 300, Failure.REFUSED: 8, Failure.WRONG: 1}


@dataclass(frozen=True, slots=True)
class Line:
    """Whether the other side is there: how often in a row it was not, and until when it is left
    alone. Everything waits meanwhile; then one note is sent to see."""

    failures: int = 0
    since: datetime | None = None  # None: it is there
    rests_until: datetime | None = None
    why: str = ""


class Alarm(StrEnum):
    """Who should know that a signed note is not in the journal yet."""

    NONE = "none"
    LATE = "late"
    VERY_LATE = "very_late"


class Concern(IntEnum):
    """How much a note that is not in the journal needs a person; the least comes first."""

    STOPPED = 0  # it is not tried any more
    VERY_LATE = 1
    LATE = 2
    UNDERWAY = 3


def concern(state: Delivery, signed_at: datetime, now: datetime) -> Concern:
    """What somebody who is responsible should look at first."""
    if state is Delivery.FAILED:
        return Concern.STOPPED
    by_alarm = {Alarm.VERY_LATE: Concern.VERY_LATE, Alarm.LATE: Concern.LATE}
    return by_alarm.get(alarm(signed_at, now), Concern.UNDERWAY)


def next_try(attempts: int, now: datetime, why: Failure = Failure.UNREACHABLE) -> datetime | None:
    """When to try again after `attempts` failures: 5 s, doubling, at most 15 min apart. None means
    that it was tried often enough: tell a person."""
    return None if attempts >= TRIES[why] else now + _pause(attempts)


def line_after(line: Line, now: datetime, why: str, asked: timedelta = timedelta()) -> Line:
    """The line after one more time that nobody was there; `asked` is the rest they asked for."""
    failures = line.failures + 1
    return Line(failures, line.since or now, now + max(_pause(failures), asked), why)


def rests(line: Line, now: datetime) -> bool:
    """Whether the other side is left alone now."""
    return line.rests_until is not None and now < line.rests_until


def away(sent: int, rests: Sequence[timedelta]) -> bool:
    """Whether the other side is left alone after `sent` notes of which nobody took some; `rests` is
    for how long it asked to be left alone, each time. One answer says that it is there."""
    return len(rests) == sent or any(rests)


def alarm(signed_at: datetime, now: datetime) -> Alarm:
    """How late a note is that is not in the journal."""
    waited = now - signed_at
    if waited >= VERY_LATE:
        return Alarm.VERY_LATE
    return Alarm.LATE if waited >= LATE else Alarm.NONE


def _pause(failures: int) -> timedelta:
    doublings = min(max(failures - 1, 0), 10)  # CAP is reached long before
    return min(FIRST * (1 << doublings), CAP)
