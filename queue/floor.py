"""The waiting room at one instant, as frozen values: entries, shifts, and all of it together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from venterom.queue.levers import Levers
from venterom.queue.planning import Planned
from venterom.queue.service import FIRST, Service
from venterom.queue.states import LIVE, Phase, State

GRACE = timedelta(minutes=3)  # a booked patient may be started this much after the slot's time
FLOOR = 0.95  # least probability of a 20-minute promise, until enough outcomes are known
LAST_START = timedelta(minutes=10)  # nobody is started this near the end of a shift, or closing


class Kind(StrEnum):
    """How a patient came to wait."""

    DROPIN = "dropin"  # promised a doctor within twenty minutes
    LATER = "later"  # promised a doctor by a later time
    BOOKED = "booked"  # chose a slot


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit's place in the waiting room."""

    visit: str
    patient: str
    promise: str  # the line of the ledger that holds what was promised
    kind: Kind
    state: State
    triage: int  # a higher class is served first
    created_at: datetime
    release_at: datetime  # no doctor gets it before: slot time, or the next attempt
    deadline: datetime  # what was promised first; only the patient moves it, to another slot
    slot: datetime | None
    attempts: int  # times that a doctor was there and the patient was not
    returns: int  # times that it came back because the doctor was lost
    claimed_by: str | None
    lease_token: int  # grows with each claim: an older holder is refused
    lease_until: datetime | None
    doctor_joined_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None  # the doctor hung up, or it came to nothing
    signed_at: datetime | None = None  # … and signed the note

    def is_to_come(self, now: datetime) -> bool:
        """Whether this is a booked time, and not there yet."""
        return self.slot is not None and self.slot > now

    def can_be_moved(self, now: datetime) -> bool:
        """Whether the patient may take another time instead: of the one booked, or of waiting."""
        return self.state is State.WAITING and (self.slot is None or self.is_to_come(now))


@dataclass(frozen=True, slots=True)
class Shift:
    """One doctor's working time, and what the doctor is doing since when."""

    id: str
    practitioner: str
    on_at: datetime
    off_at: datetime
    phase: Phase
    phase_since: datetime
    visit: str | None
    heartbeat_at: datetime

    @property
    def last_start(self) -> datetime:
        """No patient is planned to be started later than this."""
        return self.off_at - LAST_START

    @property
    def present(self) -> bool:
        """Whether the doctor can be counted on."""
        return self.phase not in {Phase.OFF, Phase.LOST}


@dataclass(frozen=True, slots=True)
class Warned:
    """When a patient was told that it will be late, and by when somebody comes, if known."""

    at: datetime
    likely: datetime | None


@dataclass(frozen=True, slots=True)
class Deferral:
    """A doctor was asked to put a note off, so that a promise is kept: at most one at a time."""

    visit: str  # whose note
    practitioner: str
    promise: str  # the line of the ledger that was in danger
    begun_at: datetime  # when the note was begun
    asked_at: datetime
    refused_at: datetime | None
    accepted_at: datetime | None  # from here on it is a debt
    paid_at: datetime | None  # the note is signed

    @property
    def written(self) -> timedelta:
        """How long had been written on the note when it was put off."""
        return (self.accepted_at or self.asked_at) - self.begun_at

    @property
    def is_debt(self) -> bool:
        """Whether the note waits because the doctor took somebody else first."""
        return self.accepted_at is not None and self.paid_at is None

    @property
    def waits_for_answer(self) -> bool:
        """Whether the doctor has not said yes or no, and can still."""
        return self.refused_at is None and self.accepted_at is None and self.paid_at is None


@dataclass(frozen=True, slots=True)
class Floor:
    """Everybody in the waiting room and at work, and how today's promises went."""

    shifts: tuple[Shift, ...] = ()
    entries: tuple[Entry, ...] = ()  # those in LIVE states
    kept: int = 0
    broken: int = 0
    deferrals: tuple[Deferral, ...] = ()  # those that are asked for, and debts
    certainty: float = FLOOR  # the least probability of a promise, as it has been learned
    breaks: tuple[Planned, ...] = ()  # of those at work, from now on
    service: Service = FIRST  # how long patients take, as it has been learned
    levers: Levers = Levers()
    on_call: tuple[str, ...] = ()  # who can be rung: planned to be on call, and not at work

    @property
    def leans(self) -> bool:
        """Whether promises that are given now may lean on somebody on call."""
        return self.levers.leans and bool(self.on_call)

    def __post_init__(self) -> None:
        if any(entry.state not in LIVE for entry in self.entries):
            raise ValueError("only live entries are on the floor")
