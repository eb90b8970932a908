"""When a worker looks for datagrams again. The wake-up is the cost, not the cryptography: at the
load of real calls, collecting for a millisecond takes half to two thirds less of a core."""

from enum import Enum

FULL = 32  # datagrams read in one turn; then what they brought is sent, and others have theirs
REST = 0.001  # seconds between two turns, while datagrams come
EMPTY_TURNS = 2  # without a datagram, until the kernel is left to wake us (decision 14)


class Turn(Enum):
    """When the next turn is."""

    AT_ONCE = "at once"
    AFTER_REST = "after a rest"
    WHEN_READABLE = "when readable"


class Pace:
    """What comes after each turn of one socket."""

    __slots__ = ("_empty",)

    def __init__(self) -> None:
        self._empty = 0

    def after(self, datagrams: int) -> Turn:
        """The next turn, after one in which so many datagrams were read."""
        self._empty = 0 if datagrams else self._empty + 1
        if datagrams >= FULL:
            return Turn.AT_ONCE  # a full turn means that more is waiting
        if self._empty < EMPTY_TURNS:
            return Turn.AFTER_REST
        self._empty = 0
        return Turn.WHEN_READABLE
