"""The floor as a director sees it: doctors, promises and what was done about those in danger.

Nothing in it says who a patient is or why somebody came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from venterom.queue.floor import Entry, Floor, Kind
from venterom.queue.monitor import LADDER, Cause, Step, is_watched
from venterom.queue.order import in_order
from venterom.queue.states import Phase
from venterom.queue.view import MINUTE

LIKELY = LADDER[Step.DEFER].p  # a promise less likely than this asks for the first step


class Concern(IntEnum):
    """How much a promise wants somebody to look at it; the least number first."""

    ALERT = 0  # it is late, or nobody is on the way and it soon will be
    DANGER = 1  # it is hardly likely, or something was done about it
    NONE = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """A step of the ladder that was taken for a promise."""

    promise: str
    deadline: datetime
    step: Step
    at: datetime
    p_keep: float  # as it was then
    cause: Cause


@dataclass(frozen=True, slots=True)
class Seat:
    """A doctor at work."""

    practitioner: str
    phase: Phase
    since: datetime
    off_at: datetime
    owes_since: datetime | None  # a note is put off since then
    is_asked: bool  # to put a note off, and has not answered


@dataclass(frozen=True, slots=True)
class Waiting:
    """A promise that waits to be kept."""

    kind: Kind
    deadline: datetime
    minutes_left: int  # rounded down; negative when the time has passed
    p_keep: float | None  # None: a booked time, or a doctor has come already
    concern: Concern
    steps: tuple[Taken, ...]  # the first one first
    again_at: datetime | None  # did not answer, and is tried again then


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it."""

    doctors: tuple[Seat, ...]  # those who can be counted on, and then the lost
    waiting: tuple[Waiting, ...]  # those who want to be looked at, and then by deadline
    to_come: int  # who have booked a time that has not come
    steps: tuple[Taken, ...]  # of the day, the latest first
    kept: int
    broken: int

    @property
    def alerts(self) -> int:
        """How many promises are late, or about to be with nobody on the way."""
        return sum(each.concern is Concern.ALERT for each in self.waiting)

    @property
    def in_danger(self) -> int:
        """How many others are hardly likely, or had something done about them."""
        return sum(each.concern is Concern.DANGER for each in self.waiting)


def overview(
    floor: Floor,
    chances: Iterable[tuple[Entry, float]],
    steps: Sequence[Taken],
    now: datetime,
) -> Overview:
    """What a director is shown; `chances` are those of `promise.chances`."""
    likely = {entry.visit: p for entry, p in chances}
    waiting = [each for each in in_order(floor.entries) if not each.is_to_come(now)]
    rows = [_waiting(entry, likely.get(entry.visit), steps, now) for entry in waiting]
    return Overview(
        doctors=_doctors(floor),
        waiting=tuple(sorted(rows, key=lambda row: (row.concern, row.deadline))),
        to_come=sum(entry.is_to_come(now) for entry in floor.entries),
        steps=tuple(steps),
        kept=floor.kept,
        broken=floor.broken,
    )


def _doctors(floor: Floor) -> tuple[Seat, ...]:
    asked = {each.practitioner for each in floor.deferrals if each.waits_for_answer}
    debts = {each.practitioner: each.accepted_at for each in floor.deferrals if each.is_debt}
    seats = (
        Seat(
            shift.practitioner,
            shift.phase,
            shift.phase_since,
            shift.off_at,
            debts.get(shift.practitioner),
            shift.practitioner in asked,
        )
        for shift in floor.shifts
    )
    return tuple(sorted(seats, key=lambda seat: (seat.phase is Phase.LOST, seat.off_at)))


def _waiting(entry: Entry, p_keep: float | None, steps: Sequence[Taken], now: datetime) -> Waiting:
    own = tuple(each for each in reversed(steps) if each.promise == entry.promise)
    return Waiting(
        kind=entry.kind,
        deadline=entry.deadline,
        minutes_left=(entry.deadline - now) // MINUTE,
        p_keep=p_keep if is_watched(entry, now) else None,
        concern=_concern(entry, p_keep, own, now),
        steps=own,
        again_at=entry.release_at if entry.attempts and entry.release_at > now else None,
    )


def _concern(entry: Entry, p_keep: float | None, steps: Sequence[Taken], now: datetime) -> Concern:
    if not is_watched(entry, now):
        return Concern.NONE  # a doctor came in time, and was lost
    if now > entry.deadline or any(each.step is Step.ALERT for each in steps):
        return Concern.ALERT
    unlikely = p_keep is not None and p_keep < LIKELY
    return Concern.DANGER if unlikely or steps else Concern.NONE
