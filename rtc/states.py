"""The states of a room, as a table. Nothing else may move a room's state."""

from enum import StrEnum

from venterom.rtc.errors import IllegalMove


class State(StrEnum):
    """Where a room stands."""

    EMPTY = "empty"
    WAITING = "waiting"  # one seat is taken
    CONNECTING = "connecting"  # both are taken, packets do not flow both ways yet
    TALKING = "talking"
    BROKEN = "broken"  # somebody is coming back; the seat is kept
    CLOSED = "closed"


class Move(StrEnum):
    """What can happen to a room."""

    SEATED = "seated"  # the first seat is taken
    PAIRED = "paired"  # the second seat is taken
    FLOWING = "flowing"  # packets flow both ways
    LOST = "lost"  # one of two cannot be seen or heard
    RETURNED = "returned"  # both are there again, packets do not flow yet
    PARTED = "parted"  # one of two has left for good
    EMPTIED = "emptied"  # the last one has left
    CLOSED = "closed"


TABLE: dict[tuple[State, Move], State] = {
    (State.EMPTY, Move.SEATED): State.WAITING,
    (State.WAITING, Move.PAIRED): State.CONNECTING,
    (State.WAITING, Move.EMPTIED): State.EMPTY,
    (State.CONNECTING, Move.FLOWING): State.TALKING,
    (State.CONNECTING, Move.LOST): State.BROKEN,
    (State.CONNECTING, Move.PARTED): State.WAITING,
    (State.TALKING, Move.LOST): State.BROKEN,
    (State.TALKING, Move.PARTED): State.WAITING,
    (State.BROKEN, Move.FLOWING): State.TALKING,
    (State.BROKEN, Move.RETURNED): State.CONNECTING,
    (State.BROKEN, Move.PARTED): State.WAITING,
    (State.EMPTY, Move.CLOSED): State.CLOSED,
    (State.WAITING, Move.CLOSED): State.CLOSED,
    (State.CONNECTING, Move.CLOSED): State.CLOSED,
    (State.TALKING, Move.CLOSED): State.CLOSED,
    (State.BROKEN, Move.CLOSED): State.CLOSED,
}


def move(state: State, by: Move) -> State:
    """The next state. Raises IllegalMove, and then nothing has changed."""
    try:
        return TABLE[state, by]
    except KeyError:
        raise IllegalMove from None
