"""What a patient's block keeps from whom, and what breaks it (pbrl § 5-3; 9603 NORS).

A block on all keeps earlier notes from every doctor who was not there. A block on one doctor keeps
from her all that is signed, her own notes too, and what others write while they wait. The meeting
that the patient has come to is never blocked: she tells the doctor of it there and then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ALL = ""  # whom a block is against that is against everybody

# From the requirements of a Norwegian journal for general practice (norway.md 4.5).
SHORTEST_REASON = 15  # characters that a doctor writes who reads what is blocked
LONGEST_REASON = 500  # characters: a few lines
GLASS_LASTS = timedelta(hours=4)


class Blocked(StrEnum):
    """How a patient has blocked this doctor."""

    NOT = "not"
    WITH_ALL = "with_all"
    BY_NAME = "by_name"


class BlockState(StrEnum):
    """A block is set once and lifted once; to block again is a new one."""

    SET = "set"
    LIFTED = "lifted"


AFTER = {BlockState.SET: frozenset({BlockState.LIFTED}), BlockState.LIFTED: frozenset[BlockState]()}


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in a doctor's way; `against` is a doctor, or "" for all."""

    id: str
    against: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Glass:
    """A doctor has read, or may still read, what was blocked."""

    id: str
    patient: str
    doctor: str
    visit: str
    at: datetime
    until: datetime


def blocked(doctor: str, against: frozenset[str]) -> Blocked:
    """How the blocks that stand concern this doctor."""
    if doctor in against:
        return Blocked.BY_NAME
    return Blocked.WITH_ALL if ALL in against else Blocked.NOT


def keeps(how: Blocked, *, past: bool, was_there: bool) -> bool:
    """Whether the block keeps this from the doctor. `past`: it is of a meeting that is over, or
    signed; `was_there`: it is of a meeting that the doctor had with the patient."""
    if how is Blocked.BY_NAME:
        return past or not was_there
    return how is Blocked.WITH_ALL and past and not was_there


def reason_holds(reason: str) -> bool:
    """Whether a doctor has written why, and not only leaned on a key."""
    words = " ".join(reason.split())
    return SHORTEST_REASON <= len(words) and len(reason) <= LONGEST_REASON and len(set(words)) > 3


def is_broken(at: datetime, now: datetime) -> bool:
    """Whether glass that was broken then is broken still."""
    return at <= now < at + GLASS_LASTS
