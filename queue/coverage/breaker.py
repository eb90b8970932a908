"""When an insurer's register that does not answer is left alone, and when it is tried again.

Nothing else moves a state. `now` is in seconds of any clock that only goes forward: this is about
the line, not about the day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FAILURES = 3  # in a row, before the register is left alone: nine seconds at most are waited in vain
REST = 30.0  # seconds until one question is tried; every failed try doubles it
LONGEST_REST = 600.0


class State(StrEnum):
    """Of the line to one register."""

    CLOSED = "closed"  # questions go through
    OPEN = "open"  # it is left alone
    TRYING = "trying"  # one question is out; all others are kept back until it has come back


class Event(StrEnum):
    """What happens to the line."""

    ANSWERED = "answered"
    GIVEN_UP = "given_up"  # no answer that can be used, once too often in a row
    RESTED = "rested"  # somebody asks, and the rest is over


# What is not here changes nothing: an answer that comes late, to a line that is closed again.
MOVES: Mapping[State, Mapping[Event, State]] = {
    State.CLOSED: {Event.GIVEN_UP: State.OPEN},
    State.OPEN: {Event.RESTED: State.TRYING, Event.ANSWERED: State.CLOSED},
    State.TRYING: {
        Event.RESTED: State.TRYING,  # the question that was out has never come back
        Event.ANSWERED: State.CLOSED,
        Event.GIVEN_UP: State.OPEN,
    },
}


@dataclass(frozen=True, slots=True)
class Breaker:
    """The line to one register: its state, failures in a row, and until when it is left alone."""

    state: State = State.CLOSED
    failures: int = 0
    rests_until: float = 0.0


def asks(breaker: Breaker, now: float) -> Breaker | None:
    """The line while a question is out on it; None: do not ask now."""
    if breaker.state is State.CLOSED:
        return breaker
    if now < breaker.rests_until:
        return None
    state = _moved(breaker.state, Event.RESTED)
    return Breaker(state, breaker.failures, now + rest(breaker.failures))


def after(breaker: Breaker, *, answered: bool, now: float) -> Breaker:
    """The line when a question has come back."""
    if answered:
        return Breaker(_moved(breaker.state, Event.ANSWERED))
    if breaker.state is State.OPEN:  # one that was asked before it was given up
        return breaker
    failures = breaker.failures + 1
    if failures < FAILURES:
        return Breaker(breaker.state, failures)
    return Breaker(_moved(breaker.state, Event.GIVEN_UP), failures, now + rest(failures))


def rest(failures: int) -> float:
    """Seconds that a register is left alone after so many failures in a row."""
    doubled = min(max(failures - FAILURES, 0), 10)  # more is longer than the longest rest anyway
    return min(REST * 2.0**doubled, LONGEST_REST)


def _moved(state: State, event: Event) -> State:
    return MOVES[state].get(event, state)
