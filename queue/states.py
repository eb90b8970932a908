"""The two state machines of the waiting room: of a patient's entry, and of a doctor's shift.

Nothing else may move a state: an adapter asks `entry_after` or `phase_after`, and then writes
with a guard on the state that it moved from.
"""

from collections.abc import Mapping
from enum import StrEnum

from venterom.queue.errors import WrongState


class State(StrEnum):
    """Where a patient's entry is."""

    WAITING = "waiting"
    CLAIMED = "claimed"  # a doctor has taken it; the call is not up yet
    IN_CALL = "in_call"
    WRAP = "wrap"  # the call is over, the note is not signed
    DONE = "done"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"
    UNSERVED = "unserved"


class Phase(StrEnum):
    """What a doctor on shift is doing."""

    IDLE = "idle"
    RINGING = "ringing"
    CONSULT = "consult"
    WRAP = "wrap"
    OFF = "off"
    LOST = "lost"  # no sign of life for a while


class Act(StrEnum):
    """What can happen to an entry or to a shift."""

    CLAIM = "claim"
    CONNECT = "connect"
    HANG_UP = "hang_up"
    FINISH = "finish"
    NO_ANSWER = "no_answer"  # the patient is not there: try again later
    GIVE_UP = "give_up"  # … and was not there the last time either
    LEAVE = "leave"  # the patient cancels
    LOSE = "lose"  # the doctor's lease ran out, or his sign of life
    CLOSE = "close"  # closing time came first
    RETURN = "return"  # a lost doctor is heard from again
    GO_OFF = "go_off"


OPEN = frozenset({State.WAITING, State.CLAIMED, State.IN_CALL})  # has a place in the waiting room
HELD = frozenset({State.CLAIMED, State.IN_CALL})  # is with a doctor, by a lease
LIVE = OPEN | {State.WRAP}  # somebody still has something to do

ENTRY: Mapping[tuple[State, Act], State] = {
    (State.WAITING, Act.CLAIM): State.CLAIMED,
    (State.WAITING, Act.LEAVE): State.CANCELLED,
    (State.WAITING, Act.CLOSE): State.UNSERVED,
    (State.CLAIMED, Act.CONNECT): State.IN_CALL,
    (State.CLAIMED, Act.NO_ANSWER): State.WAITING,
    (State.CLAIMED, Act.GIVE_UP): State.NO_ANSWER,
    (State.CLAIMED, Act.LEAVE): State.CANCELLED,
    (State.CLAIMED, Act.LOSE): State.WAITING,
    (State.IN_CALL, Act.HANG_UP): State.WRAP,
    (State.IN_CALL, Act.LOSE): State.WAITING,
    (State.WRAP, Act.FINISH): State.DONE,
}

SHIFT: Mapping[tuple[Phase, Act], Phase] = {
    (Phase.IDLE, Act.CLAIM): Phase.RINGING,
    (Phase.IDLE, Act.LOSE): Phase.LOST,
    (Phase.IDLE, Act.GO_OFF): Phase.OFF,
    (Phase.RINGING, Act.CONNECT): Phase.CONSULT,
    (Phase.RINGING, Act.NO_ANSWER): Phase.IDLE,
    (Phase.RINGING, Act.LEAVE): Phase.IDLE,
    (Phase.RINGING, Act.LOSE): Phase.LOST,
    (Phase.CONSULT, Act.HANG_UP): Phase.WRAP,
    (Phase.CONSULT, Act.LOSE): Phase.LOST,
    (Phase.WRAP, Act.CLAIM): Phase.RINGING,  # the unsigned note stays his
    (Phase.WRAP, Act.FINISH): Phase.IDLE,
    (Phase.WRAP, Act.LOSE): Phase.LOST,
    (Phase.WRAP, Act.GO_OFF): Phase.OFF,
    (Phase.LOST, Act.CLAIM): Phase.RINGING,  # asking for a patient is a sign of life
    (Phase.LOST, Act.RETURN): Phase.IDLE,
    (Phase.LOST, Act.GO_OFF): Phase.OFF,
}


def entry_after(state: State, act: Act) -> State:
    """The state that `act` leads to. Raises WrongState, and nothing is changed."""
    try:
        return ENTRY[state, act]
    except KeyError:
        raise WrongState from None


def phase_after(phase: Phase, act: Act) -> Phase:
    """The phase that `act` leads to. Raises WrongState, and nothing is changed."""
    try:
        return SHIFT[phase, act]
    except KeyError:
        raise WrongState from None
