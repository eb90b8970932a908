"""The steps between signing in and having a place: which is next, and which may be gone back to."""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """One page each, in this order."""

    POLICY = "policy"
    WHO = "who"
    REASON = "reason"
    CONSENT = "consent"
    OFFER = "offer"


ORDER = tuple(Step)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is already known of a visit that has no place yet."""

    policy_checked: bool = False
    patient_known: bool = False
    reason_given: bool = False
    consented: bool = False


def next_step(done: Progress) -> Step:
    """The first page that still asks for something."""
    known = (done.policy_checked, done.patient_known, done.reason_given, done.consented)
    return ORDER[known.index(False)] if False in known else Step.OFFER


def may_show(step: Step, done: Progress) -> bool:
    """Whether a page can be shown now: the next one, or any before it."""
    return ORDER.index(step) <= ORDER.index(next_step(done))
