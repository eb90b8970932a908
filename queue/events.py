"""What has happened in the waiting room. The caller stores these with the change itself.

`fresh` is false where a use case was asked again for what it had already done.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """A patient accepted a promise and waits."""

    visit: str
    patient: str
    kind: str
    deadline: datetime
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Booked:
    """A patient has a seat in a slot."""

    visit: str
    patient: str
    slot: datetime
    deadline: datetime
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Moved:
    """A patient has taken a seat in another slot; the old one, or the place in line, is free."""

    visit: str
    patient: str
    was: datetime | None  # None: waited in line
    slot: datetime
    deadline: datetime
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Triaged:
    """A doctor has changed who is served first."""

    visit: str
    practitioner: str
    triage: int
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Claimed:
    """A doctor was given this patient."""

    visit: str
    practitioner: str
    lease_token: int
    deadline: datetime


@dataclass(frozen=True, slots=True)
class DoctorJoined:
    """The doctor has taken the seat in the room: the moment that counts for the promise."""

    visit: str
    practitioner: str
    at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """Sound and picture flow both ways."""

    visit: str
    practitioner: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over; the note is not signed."""

    visit: str
    practitioner: str
    at: datetime
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Finished:
    """The note is signed and the visit is over."""

    visit: str
    practitioner: str
    at: datetime
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The patient was not there. `again_at` is None when we have given up."""

    visit: str
    practitioner: str
    attempts: int
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Left:
    """The patient cancelled."""

    visit: str
    at: datetime
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Returned:
    """The doctor was lost; the patient waits again, with the first deadline."""

    visit: str
    practitioner: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class PromiseBroken:
    """A promised time passed and no doctor had come."""

    visit: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Unserved:
    """The door was closed and nobody was left who could take this patient."""

    visit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """A director has added, changed or removed a line of the plan; it is shown as it is now."""

    act: str
    plan: str
    by: str
    practitioner: str
    work: str
    on_at: datetime
    off_at: datetime
    depending: int = 0  # booked times that are more than the doctors can take since then
    visit: str = ""


@dataclass(frozen=True, slots=True)
class LeversChosen:
    """A director has chosen what the service does so that more can be promised."""

    by: str
    defers: bool
    plans: bool
    leans: bool
    visit: str = ""
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class WentOnShift:
    """A doctor began to work."""

    practitioner: str
    off_at: datetime
    visit: str = ""
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class WentOffShift:
    """A doctor stopped working."""

    practitioner: str
    visit: str = ""
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class DoctorLost:
    """There is no sign of life from a doctor on shift."""

    practitioner: str
    visit: str = ""


@dataclass(frozen=True, slots=True)
class DoctorReturned:
    """A lost doctor was heard from again."""

    practitioner: str
    visit: str = ""


@dataclass(frozen=True, slots=True)
class DeferralAsked:
    """A doctor is asked to put this visit's note off and take the next patient first."""

    visit: str
    practitioner: str


@dataclass(frozen=True, slots=True)
class DeferralRefused:
    """The doctor finishes this visit's note first."""

    visit: str
    practitioner: str


@dataclass(frozen=True, slots=True)
class OnCallPaged:
    """A doctor on call is asked to come, because a promise is in danger."""

    visit: str
    practitioner: str


@dataclass(frozen=True, slots=True)
class OnCallAnswered:
    """A doctor on call who was asked to come has said yes or no."""

    visit: str
    practitioner: str
    comes: bool


@dataclass(frozen=True, slots=True)
class PatientWarned:
    """The promised time will hardly be kept; by `likely` somebody comes, if that can be said."""

    visit: str
    deadline: datetime
    likely: datetime | None


@dataclass(frozen=True, slots=True)
class DirectorAlerted:
    """A promise is about to be broken, and nobody is on the way."""

    visit: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class CertaintyLearned:
    """From `until` on a promise has to be `after` likely, and no longer `before`; with `leans`, one
    that is given while it may lean on a doctor on call."""

    until: datetime
    before: float
    after: float
    leans: bool
    visit: str = ""


@dataclass(frozen=True, slots=True)
class ServiceLearned:
    """From `until` on patients are expected to take as long as this version says: in minutes, on
    the mean."""

    version: int
    until: datetime
    consultation: float
    wrap_up: float
    visit: str = ""
