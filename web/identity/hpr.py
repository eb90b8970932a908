"""Who may practise as a doctor today, by the register of health personnel (HPR).

The register shows current rights only: who is not found has none (norway.md 1.5). docs/hpr.md is
the contract. A doctor is judged by an answer; an older one stands for a while when nobody answers.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

DOCTOR = "LE"  # code list 9060
AUTHORISED = "1"  # code list 7704; a licence is another value, limited in time, place or position
FULL_RIGHT = "1"  # to prescribe; every other value is limited to some medicines or places

# For how long an answer stands when the register cannot be reached: a weekend. A judgement: longer
# would let somebody practise whose authorisation was withdrawn, shorter would close the service
# when the register is down on a Saturday.
STANDS = timedelta(hours=72)
# Each doctor is asked about again after this time: once a night, whenever the service is up.
AGAIN = timedelta(hours=20)


class Unreadable(Exception):
    """This is no answer of the register's."""


class Status(StrEnum):
    """What the register says of a doctor."""

    FULL = "full"
    NO_PRESCRIBING = "no_prescribing"  # no right to prescribe, or one with limits
    LIMITED = "limited"  # a licence, or an authorisation with conditions
    SUSPENDED = "suspended"
    NOT_FOUND = "not_found"  # no such number, no doctor, or no longer


class Use(StrEnum):
    """What the answer is needed for."""

    TREAT = "treat"
    PRESCRIBE = "prescribe"


class Refusal(StrEnum):
    """Why somebody may not."""

    NOT_AUTHORISED = "not_authorised"
    MAY_NOT_PRESCRIBE = "may_not_prescribe"
    NOT_CHECKED = "not_checked"  # nobody answered, and no answer stands


# Limits are in words and cannot be judged by a program, so whoever has them does not work here.
ENOUGH: Mapping[Use, frozenset[Status]] = MappingProxyType(
    {
        Use.TREAT: frozenset({Status.FULL, Status.NO_PRESCRIBING}),
        Use.PRESCRIBE: frozenset({Status.FULL}),
    }
)


@dataclass(frozen=True, slots=True)
class Approval:
    """One right of a person in the register."""

    profession: str
    authorization: str
    prescribes: bool
    valid_from: date | None = None
    valid_until: date | None = None  # the last day on which it is valid
    conditions: bool = False
    suspended: bool = False

    def is_valid(self, day: date) -> bool:
        """Whether it is in force on this day; a date that is not given sets no limit."""
        began = self.valid_from is None or self.valid_from <= day
        return began and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the register said, and when."""

    status: Status
    at: datetime


def status_of(approvals: Iterable[Approval], day: date) -> Status:
    """The best right as a doctor on this day; one that is suspended puts all in doubt."""
    own = [each for each in approvals if each.profession == DOCTOR and each.is_valid(day)]
    if any(each.suspended for each in own):
        return Status.SUSPENDED
    found = {_status(each) for each in own}
    order = (Status.FULL, Status.NO_PRESCRIBING, Status.LIMITED)
    return next((each for each in order if each in found), Status.NOT_FOUND)


def refusal(use: Use, answer: Answer | None, now: datetime) -> Refusal | None:
    """Why a doctor may not do this now; None: the doctor may. `answer` is the newest there is."""
    if answer is None or now - answer.at > STANDS:
        return Refusal.NOT_CHECKED
    if answer.status in ENOUGH[use]:
        return None
    prescribing = use is Use.PRESCRIBE and answer.status in ENOUGH[Use.TREAT]
    return Refusal.MAY_NOT_PRESCRIBE if prescribing else Refusal.NOT_AUTHORISED


def is_due(answer: Answer | None, now: datetime) -> bool:
    """Whether the register is to be asked again."""
    return answer is None or now - answer.at >= AGAIN


def read(body: bytes, number: str) -> tuple[Approval, ...]:
    """The rights in an answer about this HPR number. Raises Unreadable for anything else: what is
    not understood is no answer, and above all not a «no»."""
    try:
        said = json.loads(body)
        if str(said["hpr_number"]) != number:
            raise Unreadable("another number")
        return tuple(_approval(each) for each in _list(said["approvals"]))
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise Unreadable(type(fault).__name__) from None


def _status(approval: Approval) -> Status:
    if approval.authorization != AUTHORISED or approval.conditions:
        return Status.LIMITED
    return Status.FULL if approval.prescribes else Status.NO_PRESCRIBING


def _approval(said: dict[str, object]) -> Approval:
    rights = [_text(_object(each)["value"]) for each in _list(said["requisition_rights"])]
    return Approval(
        profession=_text(said["profession"]),
        authorization=_text(_object(said["authorization"])["value"]),
        prescribes=FULL_RIGHT in rights,
        valid_from=_day(said.get("valid_from")),
        valid_until=_day(said.get("valid_until")),
        conditions=_flag(said.get("conditions", False)),
        suspended=_flag(said.get("suspended", False)),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _list(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise TypeError
    return [_object(each) for each in value]


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(_text(value))
