"""Who may read what, now, and for which reason (hpl § 25, pjl §§ 16 and 22 a, pbrl §§ 3-4, 5-1).

The patient reads what is signed about her; a parent what is signed about a child under 16, unless
the doctor kept it back; a doctor what he needs for a patient whom he meets. Nobody else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from venterom.journal.minors import parent_may_read
from venterom.journal.states import Stage

# How long after the visit its doctor may still read: long enough for the answer to a test and for
# an addition, and no longer (pjf § 13: access is limited in time).
CARE_LASTS = timedelta(days=14)


class Role(StrEnum):
    """In which capacity somebody acts."""

    PATIENT = "patient"  # a parent who acts for a child, too
    DOCTOR = "doctor"
    INSURER = "insurer"
    DIRECTOR = "director"
    SYSTEM = "system"


class Purpose(StrEnum):
    """Why something is read (HL7 v3 ActReason)."""

    TREATMENT = "TREAT"
    PATIENT_REQUEST = "PATRQT"
    OPERATIONS = "HOPERAT"  # the service itself, handing a note to the EPJ


class What(StrEnum):
    """What somebody wants to read."""

    SUMMARY = "summary"  # the reason, in the list of those who wait
    STORY = "story"  # what the patient told before the call
    DRAFT = "draft"
    NOTE = "note"  # signed


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who does something, as the sign-in says."""

    person: str
    role: str  # one of Role
    name: str


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A doctor who writes and signs."""

    person: str
    name: str
    hpr: str  # number in the register of health personnel
    sign_in: str = ""  # the identity provider's id of the sign-in: it shows the doctor's will

    @property
    def actor(self) -> Actor:
        """The same doctor, as one who acts."""
        return Actor(self.person, Role.DOCTOR, self.name)


SYSTEM = Actor("system", Role.SYSTEM, "Venterom")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rule must know about a visit and its reader."""

    patient: str
    opened_by: str
    patient_age: int
    withheld: bool  # the doctor kept the note from the parents (pbrl § 3-4 third paragraph)
    stage: Stage
    closed_at: datetime | None
    cares: bool  # this doctor met, or is about to meet, the patient in this visit


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, and the ground for it, which goes to the audit or the log."""

    allowed: bool
    ground: str


def may_read(reader: Actor, what: What, facts: Facts, now: datetime) -> Verdict:
    """The one rule of reading."""
    if reader.role == Role.DOCTOR:
        return _doctor(what, facts, now)
    if reader.role != Role.PATIENT:
        return Verdict(False, "no_relation")
    if what is What.DRAFT:
        return Verdict(False, "not_signed")
    if reader.person == facts.patient:
        return Verdict(True, "own")
    return _parent(reader, what, facts)


def _doctor(what: What, facts: Facts, now: datetime) -> Verdict:
    if facts.closed_at is not None and now - facts.closed_at > CARE_LASTS:
        return Verdict(False, "care_ended")
    if facts.cares:
        return Verdict(True, "care")
    if what is What.SUMMARY and facts.stage is Stage.OPEN:
        return Verdict(True, "on_duty")  # whoever is on duty must see who needs help first
    return Verdict(False, "no_relation")


def _parent(reader: Actor, what: What, facts: Facts) -> Verdict:
    if reader.person != facts.opened_by:
        return Verdict(False, "no_relation")
    if what is not What.NOTE:
        return Verdict(True, "wrote_it")  # the story is the parent's own
    if parent_may_read(facts.patient_age, facts.withheld):
        return Verdict(True, "parent")
    return Verdict(False, "withheld" if facts.withheld else "reads_alone")
