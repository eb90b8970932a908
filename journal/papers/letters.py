"""Certificates, referrals, and «needs physical examination»: what each must say.

A certificate is careful, exact and objective, and says if it rests on limited information; what is
meant for an insurer was taken up with the patient first (helsepersonelloven § 15). A referral rests
on the doctor's own assessment (mission.md H11). What needs a physical examination goes to a GP,
legevakt or hospital, and the doctor alone decides that (V2).
"""

from dataclasses import dataclass
from enum import StrEnum

from venterom.journal.papers.problem import MAX_LINE, MAX_TEXT, Problem, Problems, lines


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for somebody whom the patient chooses."""

    to: str
    purpose: str
    text: str
    limited: bool | None  # whether it rests on limited information; None: not said
    limits: str = ""  # which information is missing
    for_insurer: bool = False
    taken_up: bool = False  # what is sensitive was taken up with the patient


class Urgency(StrEnum):
    """How soon, as FHIR says it (request-priority)."""

    ROUTINE = "routine"
    URGENT = "urgent"
    ASAP = "asap"


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral to a specialist or to further examinations (HIS 80517)."""

    to: str
    question: str  # what is asked for
    history: str
    assessment: str  # the doctor's own
    urgency: Urgency | None


class Where(StrEnum):
    """Who examines the patient."""

    GP = "gp"
    LEGEVAKT = "legevakt"
    HOSPITAL = "hospital"


class Soon(StrEnum):
    """How soon."""

    NOW = "now"
    TODAY = "today"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Examination:
    """The call ends with this: somebody has to examine the patient."""

    where: Where | None
    soon: Soon | None
    why: str


def certificate_problems(written: Certificate) -> Problems:
    """What keeps it from being issued, by field."""
    found = lines(MAX_LINE, to=written.to, purpose=written.purpose)
    found |= lines(MAX_TEXT, text=written.text)
    if written.limited is None:
        found["limited"] = Problem.NOT_CHOSEN
    if written.limited:
        found |= lines(MAX_TEXT, limits=written.limits)
    if written.for_insurer and not written.taken_up:
        found["taken_up"] = Problem.TAKE_UP
    return found


def referral_problems(written: Referral) -> Problems:
    """The same, of a referral."""
    found = lines(MAX_LINE, to=written.to)
    found |= lines(
        MAX_TEXT,
        question=written.question,
        history=written.history,
        assessment=written.assessment,
    )
    return found | ({"urgency": Problem.NOT_CHOSEN} if written.urgency is None else {})


def examination_problems(written: Examination) -> Problems:
    """The same, of what must be examined. A GP has no room at once, and nobody waits days for an
    emergency ward."""
    found = lines(MAX_TEXT, why=written.why)
    if written.where is None:
        found["where"] = Problem.NOT_CHOSEN
    if written.soon is None:
        found["soon"] = Problem.NOT_CHOSEN
    if written.where is Where.GP and written.soon is Soon.NOW:
        found["where"] = Problem.GP_IS_TOO_SLOW
    if written.where is Where.HOSPITAL and written.soon is Soon.DAYS:
        found["soon"] = Problem.HOSPITAL_IS_TODAY
    return found
