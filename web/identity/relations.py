"""Who has something to do with a visit. The one rule behind the one door."""

from dataclasses import dataclass
from datetime import datetime

from venterom.journal.access import CARE_LASTS
from venterom.web.identity.roles import Act, PersonKind, Role, may


@dataclass(frozen=True, slots=True)
class Stakes:
    """What ties people to a visit."""

    patient: str | None
    opened_by: str  # the patient, or the parent who asked for a doctor
    claimed_by: str | None  # the doctor whose patient it is in the waiting room
    cared_for: bool  # whether who asks has taken the patient, now or earlier in this visit
    closed_at: datetime | None


def may_enter(
    who: str, kind: PersonKind, roles: frozenset[Role], stakes: Stakes, now: datetime
) -> bool:
    """Whether this person may come to this visit at all. What may be read is the record's affair.

    Patients come to their own visits, and parents to those that they opened. A doctor comes to
    those that he took, until the care relation has ended (pjf § 13). Nobody else, ever.
    """
    if kind is PersonKind.PATIENT:
        return who in (stakes.patient, stakes.opened_by)
    if not any(may(role, Act.TREAT) for role in roles):
        return False
    if stakes.closed_at is not None and now - stakes.closed_at > CARE_LASTS:
        return False
    return stakes.cared_for or stakes.claimed_by == who
