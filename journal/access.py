"""Who may read what, now, and for which reason (hpl § 25, pjl §§ 16 and 22 a, pbrl §§ 3-4, 5-1).

The patient reads what is signed about her; a parent what is signed about a child under 16, unless
the doctor kept it back or the child came alone; whoever holds a proxy, for as long as it lasts; a
doctor what he needs for a patient whom he meets, unless the patient has blocked it. Nobody else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from venterom.journal.blocking import Blocked, keeps
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
    EMERGENCY = "ETREAT"  # what the patient has blocked, because somebody is in danger
    PATIENT_REQUEST = "PATRQT"
    OPERATIONS = "HOPERAT"  # the service itself, handing a note to the EPJ


class Basis(StrEnum):
    """Why somebody reads for a patient who is somebody else; what the door found out."""

    NONE = "none"
    PARENT = "parent"  # the register says so
    PROXY = "proxy"


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
    alone: bool = False  # the child came without its parents knowing (pbrl § 4-3)
    basis: Basis = Basis.NONE
    treats: bool = False  # this doctor has the patient in another visit now
    blocked: Blocked = Blocked.NOT
    deleted: bool = False  # the signed note (hpl §§ 43, 44)
    glass: bool = False  # this doctor has said why it must be read all the same


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, and the ground for it, which goes to the audit or the log."""

    allowed: bool
    ground: str


def may_read(reader: Actor, what: What, facts: Facts, now: datetime) -> Verdict:
    """The one rule of reading."""
    if what is What.NOTE and facts.deleted:
        return Verdict(False, "deleted")
    if reader.role == Role.DOCTOR:
        return _doctor(what, facts, now)
    if reader.role != Role.PATIENT:
        return Verdict(False, "no_relation")
    if what is What.DRAFT:
        return Verdict(False, "not_signed")
    if reader.person == facts.patient:
        return Verdict(True, "own")
    if facts.basis is Basis.PROXY:
        return Verdict(True, "proxy") if what is What.NOTE else Verdict(False, "no_relation")
    return _parent(reader, what, facts)


def purpose_of(purpose: Purpose, ground: str) -> Purpose:
    """Why it is read: what the patient has blocked is read for one purpose only."""
    return Purpose.EMERGENCY if ground == "glass" else purpose


def _doctor(what: What, facts: Facts, now: datetime) -> Verdict:
    verdict = _care(what, facts, now)
    past = what is What.NOTE or (what is What.STORY and facts.stage is Stage.CLOSED)
    if not verdict.allowed or what is What.DRAFT:
        return verdict
    if not keeps(facts.blocked, past=past, was_there=facts.cares):
        return verdict
    return Verdict(True, "glass") if facts.glass else Verdict(False, "blocked")


def _care(what: What, facts: Facts, now: datetime) -> Verdict:
    if what is What.NOTE and facts.treats:
        return Verdict(True, "treats")
    if facts.closed_at is not None and now - facts.closed_at > CARE_LASTS:
        return Verdict(False, "care_ended")
    if facts.cares:
        return Verdict(True, "care")
    if what is What.SUMMARY and facts.stage is Stage.OPEN:
        return Verdict(True, "on_duty")  # whoever is on duty must see who needs help first
    return Verdict(False, "no_relation")


def _parent(reader: Actor, what: What, facts: Facts) -> Verdict:
    came = reader.person == facts.opened_by
    if not came and facts.basis is not Basis.PARENT:
        return Verdict(False, "no_relation")
    if what is not What.NOTE:
        # The story is that parent's own.
        return Verdict(True, "wrote_it") if came else Verdict(False, "no_relation")
    if facts.alone:
        return Verdict(False, "alone")
    if parent_may_read(facts.patient_age, facts.withheld):
        return Verdict(True, "parent")
    return Verdict(False, "withheld" if facts.withheld else "reads_alone")
