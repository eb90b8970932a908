"""Covered, not covered, or could not be checked, and why.

A number that does not exist and one of somebody else get the same answer, so that nobody can find
out by trying whose policy a number is.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from venterom.queue.coverage.policies import Policy


class Answer(StrEnum):
    """The three outcomes. With the last the patient goes on, and it is settled later."""

    COVERED = "covered"
    NOT_COVERED = "not_covered"
    UNCHECKED = "unchecked"


class Reason(StrEnum):
    """Why, as a code that a page has words for."""

    VALID = "valid"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"  # no such policy, or not this person's
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    NO_CHILDREN = "no_children"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer to «is this person covered on this day». `insurer` is empty where unknown."""

    answer: Answer
    reason: Reason
    insurer: str = ""
    valid_until: date | None = None


MALFORMED = Eligibility(Answer.NOT_COVERED, Reason.MALFORMED)
UNKNOWN = Eligibility(Answer.NOT_COVERED, Reason.UNKNOWN)
UNREACHABLE = Eligibility(Answer.UNCHECKED, Reason.UNREACHABLE)


def judge(
    policy: Policy | None, holder_birth_date: date, for_child: bool, day: date
) -> Eligibility:
    """Whether the holder, or the holder's child, is covered on this day."""
    if policy is None or policy.holder_birth_date != holder_birth_date:
        return UNKNOWN
    reason = _reason(policy, for_child, day)
    answer = Answer.COVERED if reason is Reason.VALID else Answer.NOT_COVERED
    return Eligibility(answer, reason, policy.insurer, policy.valid_until)


def _reason(policy: Policy, for_child: bool, day: date) -> Reason:
    if day < policy.valid_from:
        return Reason.NOT_YET
    if day > policy.valid_until:
        return Reason.EXPIRED
    if for_child and not policy.covers_children:
        return Reason.NO_CHILDREN
    return Reason.VALID
