"""When to try again to hand a note to the EPJ, and when to give up and tell a person."""

from datetime import datetime, timedelta
from enum import StrEnum

FIRST = timedelta(seconds=5)  # most failures are a restart on the other side
CAP = timedelta(minutes=15)  # after a long outage the first note goes within this time
LATE = timedelta(minutes=15)  # a signed note that is not in the journal by now: the doctor is told
VERY_LATE = timedelta(hours=4)  # … and the one on duty for the service


class Failure(StrEnum):
    """Why it did not work: nobody answered, or the answer was no."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"


# Nobody there: three days and nights at CAP, which is the longest outage we plan for.
# Refused: the same note will be refused again, so a person must look soon (after ten minutes).
TRIES = {Failure.UNREACHABLE: 300, Failure.REFUSED: 8}


class Alarm(StrEnum):
    """Who should know that a signed note is not in the journal yet."""

    NONE = "none"
    LATE = "late"
    VERY_LATE = "very_late"


def next_try(attempts: int, now: datetime, why: Failure = Failure.UNREACHABLE) -> datetime | None:
    """When to try again after `attempts` failures: 5 s, doubling, at most 15 min apart. None means
    that it was tried often enough: tell a person."""
    if attempts >= TRIES[why]:
        return None
    doublings = min(max(attempts - 1, 0), 10)  # CAP is reached long before
    return now + min(FIRST * (1 << doublings), CAP)


def alarm(signed_at: datetime, now: datetime) -> Alarm:
    """How late a note is that is not in the journal."""
    waited = now - signed_at
    if waited >= VERY_LATE:
        return Alarm.VERY_LATE
    return Alarm.LATE if waited >= LATE else Alarm.NONE
