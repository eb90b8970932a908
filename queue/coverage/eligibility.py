"""Covered, not covered, or could not be checked, and why.

A number that does not exist and one of somebody else get the same answer, so that nobody can find
out by trying whose policy a number is.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from venterom.queue.coverage.policies import HOME, Policy, age


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
    CHILD_TOO_OLD = "child_too_old"
    TOO_YOUNG = "too_young"  # the holder, as is the next one
    TOO_OLD = "too_old"
    ELSEWHERE = "elsewhere"  # not in the country where the patient is
    USED_UP = "used_up"  # for this calendar year
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


# The policy is the parent's own all the same.
NOT_FOR_THE_CHILD = frozenset({Reason.NO_CHILDREN, Reason.CHILD_TOO_OLD})


def judge(
    policy: Policy | None,
    holder_birth_date: date,
    for_child: bool,
    day: date,
    *,
    child_birth_date: date | None = None,
    used: int = 0,
    country: str = HOME,
) -> Eligibility:
    """Whether the holder, or the holder's child, is covered on this day in this country.

    `used` is how often the policy was used in the calendar year of `day`. A child whose birth date
    is not given is young enough.
    """
    if policy is None or policy.holder_birth_date != holder_birth_date:
        return UNKNOWN
    child = child_birth_date or day
    reason = (
        _dates(policy, day)
        or (_child(policy, child, day) if for_child else None)
        or _holder(policy, day)
        or _place_and_uses(policy, country, used)
        or Reason.VALID
    )
    answer = Answer.COVERED if reason is Reason.VALID else Answer.NOT_COVERED
    return Eligibility(answer, reason, policy.insurer, policy.valid_until)


def _dates(policy: Policy, day: date) -> Reason | None:
    if day < policy.valid_from:
        return Reason.NOT_YET
    return Reason.EXPIRED if day > policy.valid_until else None


def _child(policy: Policy, born: date, day: date) -> Reason | None:
    if not (policy.covers_children and policy.cover.children):
        return Reason.NO_CHILDREN
    limit = policy.cover.children_until
    return Reason.CHILD_TOO_OLD if limit is not None and age(born, day) > limit else None


def _holder(policy: Policy, day: date) -> Reason | None:
    years, oldest = age(policy.holder_birth_date, day), policy.cover.oldest
    if years < policy.cover.youngest:
        return Reason.TOO_YOUNG
    return Reason.TOO_OLD if oldest is not None and years > oldest else None


def _place_and_uses(policy: Policy, country: str, used: int) -> Reason | None:
    countries, limit = policy.cover.countries, policy.cover.uses_per_year
    if countries and country not in countries:
        return Reason.ELSEWHERE
    return Reason.USED_UP if limit is not None and used >= limit else None
