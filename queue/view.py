"""What a patient, a doctor and a visitor are shown, from frozen values and `now`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from venterom.queue.floor import LAST_START, Entry, Floor, Kind, Shift, Warned
from venterom.queue.hours import Hours, is_open, next_opening
from venterom.queue.order import in_order, rank, try_again_after
from venterom.queue.promise import Decision, decide, situation
from venterom.queue.states import State
from venterom.queue.triage import Triage

MINUTE = timedelta(minutes=1)
PLENTY = timedelta(minutes=10)  # more than this is left: green
HURRY = timedelta(minutes=5)  # less than this is left: red


class Stage(StrEnum):
    """Where the patient is in the visit."""

    WAITING = "waiting"
    DOCTOR_COMING = "doctor_coming"
    IN_CALL = "in_call"
    WRITING = "writing"  # the call is over, the doctor writes
    DONE = "done"
    LEFT = "left"
    NO_ANSWER = "no_answer"
    UNSERVED = "unserved"


STAGE = {
    State.WAITING: Stage.WAITING,
    State.CLAIMED: Stage.DOCTOR_COMING,
    State.IN_CALL: Stage.IN_CALL,
    State.WRAP: Stage.WRITING,
    State.DONE: Stage.DONE,
    State.CANCELLED: Stage.LEFT,
    State.NO_ANSWER: Stage.NO_ANSWER,
    State.UNSERVED: Stage.UNSERVED,
}


class Colour(StrEnum):
    """How near the deadline is. Never shown without a word beside it."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BLACK = "black"  # the promised time has passed


@dataclass(frozen=True, slots=True)
class PatientView:
    """The patient's waiting room."""

    visit: str
    stage: Stage
    kind: Kind
    deadline: datetime
    slot: datetime | None
    ahead: int  # how many wait in front; 0 when a doctor is on the way
    doctors_on: int
    late: bool  # the promised time passed and no doctor had come
    returned: bool  # a doctor was lost; the place and the deadline are the same
    missed: int = 0  # times that a doctor was there and the patient was not
    again_at: datetime | None = None  # when a doctor tries again, if that is to come
    last_try: bool = False  # whoever misses the next one is let go
    warned: bool = False  # was told that the promise will hardly be kept
    likely: datetime | None = None  # by when somebody comes then, if that can be said


@dataclass(frozen=True, slots=True)
class Board:
    """The waiting room as those who wait are shown it, worked out once for all of them."""

    waiting: Mapping[str, tuple[int, Entry]]  # by visit: how many wait in front, and the place
    doctors_on: int
    warnings: Mapping[str, Warned]  # by promise

    def view(self, visit: str, now: datetime) -> PatientView | None:
        """As this patient sees it; None for one who does not wait."""
        if visit not in self.waiting:
            return None
        ahead, entry = self.waiting[visit]
        return _view(entry, ahead, self.doctors_on, now, self.warnings.get(entry.promise))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a doctor's worklist."""

    visit: str
    patient: str
    kind: Kind
    state: State
    slot: datetime | None
    deadline: datetime
    minutes_left: int  # whole minutes, rounded down; negative when the time has passed
    colour: Colour
    waited: int  # whole minutes since the place was taken
    returned: bool
    attempts: int
    again_at: datetime | None = None  # did not answer, and is not to be taken before
    urgent: bool = False  # goes before the others, whatever was promised


@dataclass(frozen=True, slots=True)
class Worklist:
    """A doctor's page: who waits, who is booked, and what is the doctor's own."""

    shift: Shift | None
    waiting: tuple[Row, ...]  # the next first; booked patients from their slot on
    booked: tuple[Row, ...]  # whose slot has not come yet
    mine: tuple[Row, ...]  # with this doctor: being called, in the call, or not signed
    in_call: int  # patients who are with other doctors
    doctors_on: int
    kept_today: int
    broken_today: int
    at_risk: int  # waiting, and red or black

    @property
    def next(self) -> Row | None:
        """Whom a doctor who takes the next patient would get now."""
        return next((row for row in self.waiting if row.again_at is None), None)

    @property
    def current(self) -> str | None:
        """The visit that the doctor is calling or talking to, if any."""
        return next((row.visit for row in self.mine if row.state is not State.WRAP), None)


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What a doctor who goes home leaves to the others. No promise is changed by it."""

    waiting: int  # patients who are promised a doctor later than this one takes any
    doctors: int  # who stay
    booked: tuple[datetime, ...]  # booked times that then have too few doctors

    @property
    def anybody(self) -> bool:
        """Whether there is something to be told before the doctor goes."""
        return bool(self.waiting or self.booked)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a visitor who has not signed in may expect."""

    open: bool
    promise: bool  # a doctor within 20 minutes would be promised now
    by: datetime | None  # the time that would be promised now, if any
    waiting: int
    doctors: int
    next_opening: datetime | None  # None while open


def doctors_on(shifts: Iterable[Shift]) -> int:
    """How many doctors can be counted on."""
    return sum(shift.present for shift in shifts)


def for_patient(
    entry: Entry, floor: Floor, now: datetime, warning: Warned | None = None
) -> PatientView:
    """The waiting room as this patient sees it."""
    return _view(entry, _ahead(entry, floor), doctors_on(floor.shifts), now, warning)


def board(
    entries: Iterable[Entry], shifts: Iterable[Shift], warnings: Mapping[str, Warned]
) -> Board:
    """What patients who wait are shown; `warnings` by promise."""
    waiting = {entry.visit: (n, entry) for n, entry in enumerate(in_order(entries))}
    return Board(waiting, doctors_on(shifts), warnings)


def _view(
    entry: Entry, ahead: int, doctors: int, now: datetime, warning: Warned | None
) -> PatientView:
    return PatientView(
        visit=entry.visit,
        stage=STAGE[entry.state],
        kind=entry.kind,
        deadline=entry.deadline,
        slot=entry.slot,
        ahead=ahead,
        doctors_on=doctors,
        late=(entry.doctor_joined_at or entry.ended_at or now) > entry.deadline,
        returned=entry.returns > 0,
        missed=entry.attempts,
        again_at=_again_at(entry, now),
        last_try=try_again_after(entry.attempts + 1) is None,
        warned=warning is not None,
        likely=_still_to_come(warning, now),
    )


def _still_to_come(warning: Warned | None, now: datetime) -> datetime | None:
    likely = warning.likely if warning else None
    return likely if likely and likely > now else None


def _again_at(entry: Entry, now: datetime) -> datetime | None:
    tried = entry.state is State.WAITING and entry.attempts > 0
    return entry.release_at if tried and entry.release_at > now else None


def _ahead(entry: Entry, floor: Floor) -> int:
    if entry.state is not State.WAITING:
        return 0
    return sum(rank(other) < rank(entry) for other in in_order(floor.entries))


def for_doctor(floor: Floor, now: datetime, practitioner: str) -> Worklist:
    """The worklist as this doctor sees it."""
    waiting = in_order(floor.entries)
    rows = tuple(_row(entry, now) for entry in waiting if not entry.is_to_come(now))
    held = [entry for entry in floor.entries if entry.state is not State.WAITING]
    mine = sorted((e for e in held if e.claimed_by == practitioner), key=rank)
    return Worklist(
        shift=next((s for s in floor.shifts if s.practitioner == practitioner), None),
        waiting=rows,
        booked=tuple(_row(entry, now) for entry in waiting if entry.is_to_come(now)),
        mine=tuple(_row(entry, now) for entry in mine),
        in_call=sum(e.state is not State.WRAP and e.claimed_by != practitioner for e in held),
        doctors_on=doctors_on(floor.shifts),
        kept_today=floor.kept,
        broken_today=floor.broken,
        at_risk=sum(row.colour in {Colour.RED, Colour.BLACK} for row in rows),
    )


def _row(entry: Entry, now: datetime) -> Row:
    return Row(
        visit=entry.visit,
        patient=entry.patient,
        kind=entry.kind,
        state=entry.state,
        slot=entry.slot,
        deadline=entry.deadline,
        minutes_left=(entry.deadline - now) // MINUTE,
        colour=colour(entry.deadline - now),
        waited=max(0, (now - entry.created_at) // MINUTE),
        returned=entry.returns > 0,
        attempts=entry.attempts,
        again_at=_again_at(entry, now),
        urgent=entry.triage > Triage.ORDINARY,
    )


def colour(left: timedelta) -> Colour:
    """Green above ten minutes, amber from ten to five, red below, black when it has passed."""
    if left < timedelta(0):
        return Colour.BLACK
    if left < HURRY:
        return Colour.RED
    return Colour.AMBER if left <= PLENTY else Colour.GREEN


def left_behind(
    floor: Floor,
    now: datetime,
    practitioner: str,
    off_at: datetime,
    booked: tuple[datetime, ...] = (),
) -> LeftBehind:
    """Whom a doctor leaves to the others by going at `off_at`; whoever goes now leaves them all."""
    waiting = [entry for entry in in_order(floor.entries) if not entry.is_to_come(now)]
    last_start = off_at - LAST_START
    return LeftBehind(
        waiting=sum(off_at <= now or entry.deadline > last_start for entry in waiting),
        doctors=sum(s.present and s.practitioner != practitioner for s in floor.shifts),
        booked=booked,
    )


def forecast(floor: Floor, hours: Hours, now: datetime) -> Forecast:
    """What would be offered to one who came now, without writing it down."""
    verdict = decide(situation(floor, hours, now))
    opened = is_open(hours, now)
    return Forecast(
        open=opened,
        promise=verdict.decision is Decision.PROMISE20,
        by=verdict.deadline,
        waiting=sum(not entry.is_to_come(now) for entry in in_order(floor.entries)),
        doctors=doctors_on(floor.shifts),
        next_opening=None if opened else next_opening(hours, now),
    )
