"""The ladder: what is done about a promise in danger, step by step, and why it came to that.

The model looks ahead; the clock is there in case the model is wrong. Each step is taken once for a
promise, and written down when it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from venterom.queue.floor import Entry
from venterom.queue.states import State

EVERY = timedelta(seconds=15)  # between two looks at all who wait
SURE = 0.9  # what is as likely as this needs no doctor from outside, however late it is


class Step(StrEnum):
    """What is done, the mildest first."""

    DEFER = "defer"  # doctors who write are asked to take the patient first, and write later
    PAGE = "page"  # the doctor on call is called in
    TELL = "tell"  # the patient is told, before the time has passed, and may choose
    ALERT = "alert"  # the director is told
    APOLOGISE = "apologise"  # the time has passed


class Cause(StrEnum):
    """Why a promise was late or had to be rescued: the first that is true."""

    DOCTOR_LOST = "doctor_lost"  # a doctor had taken it, and was lost
    NO_ANSWER = "no_answer"  # a doctor was there and the patient was not
    SHORT_STAFF = "short_staff"  # fewer doctors are here than when it was promised
    CLOSED = "closed"  # it was closing time
    LONG_CALLS = "long_calls"  # as many doctors, but those before took longer than foreseen


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a step is due. By the model: the promise is less likely than `p`. By the clock: no more
    than `left` is left, unless it is as likely as `unless`."""

    p: float
    left: timedelta
    unless: float = 2.0  # more likely than certain: the clock alone decides

    def is_passed(self, p: float, left: timedelta) -> bool:
        """Whether a promise with this probability and this time left is beyond it."""
        return p < self.p or (left <= self.left and p < self.unless)


LADDER: Mapping[Step, Threshold] = {
    Step.DEFER: Threshold(0.85, timedelta(minutes=8), unless=SURE),
    # A doctor on call is here in five to eleven minutes, if the first who is rung answers.
    Step.PAGE: Threshold(0.85, timedelta(minutes=5), unless=SURE),
    Step.TELL: Threshold(0.50, timedelta(0)),
    Step.ALERT: Threshold(0.0, timedelta(minutes=2)),
    Step.APOLOGISE: Threshold(0.0, timedelta(0)),
}


def due(p: float, left: timedelta) -> frozenset[Step]:
    """The steps that a promise asks for now; `p`: that it is kept, `left`: until its deadline."""
    return frozenset(step for step, limit in LADDER.items() if limit.is_passed(p, left))


def is_watched(entry: Entry, now: datetime) -> bool:
    """Whether there is a promise to keep: somebody waits for it, and no doctor has come yet."""
    waits = entry.state is State.WAITING and entry.doctor_joined_at is None
    return waits and (entry.slot is None or entry.slot <= now)


def cause(entry: Entry, doctors_then: int, doctors_now: int) -> Cause:
    """Why it came to this. `doctors_then` were at work when it was promised."""
    if entry.state is State.UNSERVED:
        return Cause.CLOSED
    if entry.returns:
        return Cause.DOCTOR_LOST
    if entry.attempts:
        return Cause.NO_ANSWER
    if doctors_now < doctors_then:
        return Cause.SHORT_STAFF
    return Cause.LONG_CALLS
