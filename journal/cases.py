"""A patient asks for a note to be put right or deleted, and is answered (hpl §§ 42, 43; pjf § 15).

Both the wish and the answer stay in the record, whatever the answer is. A refusal says why, and
where to complain. A deletion is carried out by somebody else than who decided it (deletion.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from venterom.journal.access import Role

# How long an answer may take: a month (GDPR art. 12 third paragraph), the shortest one.
ANSWERED_WITHIN = timedelta(days=28)
LATE_SOON = timedelta(days=7)  # before that, when a list begins to warn
LONGEST = 4_000  # characters of the wish, and of the answer: a page
SHORTEST_ANSWER = 15  # characters of the reason for an answer


class Kind(StrEnum):
    """What is asked for."""

    CORRECTION = "correction"  # § 42: written anew, or a dated addition
    DELETION = "deletion"  # § 43


class Outcome(StrEnum):
    """What was answered."""

    GRANTED = "granted"
    REFUSED = "refused"


class State(StrEnum):
    """Where a case is."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    CARRIED_OUT = "carried_out"  # the note is deleted, or has been put right by a new version


AFTER = {
    State.OPEN: frozenset({State.GRANTED, State.REFUSED}),
    State.GRANTED: frozenset({State.CARRIED_OUT}),
    State.CARRIED_OUT: frozenset[State](),
    State.REFUSED: frozenset[State](),  # a new wish is a new case
}


class Urgency(StrEnum):
    """How an open case stands to its deadline."""

    FINE = "fine"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a case without reading it."""

    id: str
    patient: str
    visit: str
    kind: Kind
    asked_by: str
    asked_at: datetime
    due_at: datetime
    author: str  # who signed the note
    author_name: str
    state: State
    answered_by: str
    answered_at: datetime | None
    carried_out_at: datetime | None = None  # None: it has not been


@dataclass(frozen=True, slots=True)
class Words:
    """What was asked for, and why the answer was what it was; "" before there is one."""

    wish: str
    answer: str


def state(outcome: Outcome | None, *, carried_out: bool = False) -> State:
    """The state that follows from what was answered; None: nothing yet."""
    if carried_out and outcome is Outcome.GRANTED:
        return State.CARRIED_OUT
    return State.OPEN if outcome is None else State(outcome.value)


def due(asked_at: datetime) -> datetime:
    """By when it must be answered."""
    return asked_at + ANSWERED_WITHIN


def urgency(due_at: datetime, now: datetime) -> Urgency:
    """How near the deadline is."""
    if now >= due_at:
        return Urgency.LATE
    return Urgency.SOON if due_at - now <= LATE_SOON else Urgency.FINE


def wish_holds(text: str) -> bool:
    """Whether it says something, and fits."""
    return 0 < len(text.strip()) <= LONGEST


def answer_holds(text: str) -> bool:
    """Whether an answer, a yes as well as a no, says why."""
    return SHORTEST_ANSWER <= len(text.strip()) and len(text) <= LONGEST


def may_answer(role: str, person: str, author: str) -> bool:
    """The doctor who signed the note (pjf § 15), or the director, who sees that it is done."""
    return role == Role.DIRECTOR or (role == Role.DOCTOR and person == author)


def may_withdraw(case: Case, role: str, person: str, *, left: bool) -> bool:
    """Whether this decision lets somebody withdraw the note's papers. The doctor who signed them,
    when the note is to be deleted, however long ago that was. Once she has left, nobody treats the
    patient who could: then a director, by any decision that was a yes."""
    if role == Role.DIRECTOR:
        return left and case.state in (State.GRANTED, State.CARRIED_OUT)
    to_be_deleted = (case.kind, case.state) == (Kind.DELETION, State.GRANTED)
    return role == Role.DOCTOR and person == case.author and to_be_deleted
