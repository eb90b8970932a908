"""A signed note that is deleted by two: one has decided it, another does it (hpl §§ 43, 44).

What it said is gone for good; that it was, whose it was, who signed it, and who deleted it by
which decision, stays, and the chain with it.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.cases import Case, Kind, State, may_answer
from venterom.journal.entry import to_ms
from venterom.journal.states import Delivery


class Ground(StrEnum):
    """By which rule it is deleted."""

    ASKED = "asked"  # § 43: wrong or misleading and a burden, or plainly not needed
    WRONG_PATIENT = "wrong_patient"  # § 44: it stood in somebody else's record


@dataclass(frozen=True, slots=True)
class Deletion:
    """That a visit's note was deleted; `decision` is the case that was granted."""

    decision: str
    visit: str
    patient: str
    ground: Ground
    decided_by: str
    confirmed_by: str
    at: datetime


def may_confirm(case: Case, role: str, person: str) -> bool:
    """Whoever could have decided it, and did not."""
    return (
        case.kind is Kind.DELETION
        and case.state is State.GRANTED
        and may_answer(role, person, case.author)
        and person != case.answered_by
    )


def waits(delivery: Delivery | None) -> bool:
    """Whether the note is being handed to the EPJ just now, so that it must be tried later."""
    return delivery is Delivery.ON_ITS_WAY


def stays_listed(delivery: Delivery | None) -> bool:
    """Whether the EPJ has it, so that its receipt is kept; what it has not, it never gets."""
    return delivery is Delivery.IN_THE_JOURNAL


def digest(deletion: Deletion) -> str:
    """The hash that the log's line holds: nothing of the deletion can be changed afterwards."""
    said = {**asdict(deletion), "ground": deletion.ground.value, "at": to_ms(deletion.at)}
    return sha256_hex(canonical(said))
