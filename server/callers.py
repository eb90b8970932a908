"""How long a caller is waited for, and who is shown out when the house is full. Pure.

A caller is one connection to our port. All times are seconds of a clock that is never set.
"""

from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

SLOWEST_READER = 1_024  # bytes a second; who takes less of an answer has gone, or means harm
SLOWEST_WRITER = 32 * 1_024  # bytes a second on top of `Waits.body`: a picture over a poor network
FILES_OF_OUR_OWN = 256  # open files beside those of callers: databases, workers, what is served
FEWEST = 16  # callers, even where hardly any file may be opened


@dataclass(frozen=True, slots=True)
class Waits:
    """How many seconds we wait, and for how many callers there is room."""

    head: float = 8.0  # for a whole head of a request, from the call or from the last answer
    proxy: float = 90.0  # the same for a proxy, which keeps its calls for whoever comes next
    body: float = 10.0  # for what comes after the head, when it is small
    look: float = 2.0  # between two looks at a caller
    most: int = 20_000  # callers at once
    most_each: int = 200  # from one address; proxies speak for many and are not counted


def is_late(since: float, now: float, allowed: float) -> bool:
    """Whether a caller has been silent, or slow with a request, for too long."""
    return now - since >= allowed


def is_stalled(left_before: int, left: int, seconds: float) -> bool:
    """Whether a caller does not take the answer: so many bytes were, and are, still unsent."""
    return 0 < left_before and left_before - left < SLOWEST_READER * seconds


def body_within(wait: float, length: int) -> float:
    """Seconds for a body of so many bytes: a larger one may take longer, none for ever."""
    return wait + length / SLOWEST_WRITER


def room_for(files: int, most: int) -> int:
    """How many callers there is room for where so many files may be open."""
    return max(FEWEST, min(most, files - FILES_OF_OUR_OWN))


@dataclass(slots=True)
class House:
    """Who is here, from where, and who of them has asked for nothing yet, longest first."""

    most: int
    most_each: int
    _here: dict[Hashable, str] = field(default_factory=dict)
    _from: Counter[str] = field(default_factory=Counter)
    _idle: OrderedDict[Hashable, None] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._here)

    def comes(self, who: Hashable, address: str) -> tuple[bool, Hashable | None]:
        """Whether this caller is let in, and who is shown out for it. "" is not counted.

        Who has been idle longest makes room, so that thousands who say nothing never keep out
        one who does; nobody is shown out in the middle of an answer.
        """
        if address and self._from[address] >= self.most_each:
            return False, None
        gone = next(iter(self._idle), None) if len(self._here) >= self.most else None
        if len(self._here) >= self.most and gone is None:
            return False, None
        if gone is not None:
            self.goes(gone)
        self._here[who] = address
        self._from[address] += 1
        self._idle[who] = None
        return True, gone

    def is_served(self, who: Hashable) -> None:
        """A request of this caller has come whole and is being answered."""
        self._idle.pop(who, None)

    def is_idle(self, who: Hashable) -> None:
        """The answer is out, and nothing is asked."""
        if who in self._here:
            self._idle[who] = None

    def goes(self, who: Hashable) -> None:
        """The caller has gone. Said twice, it counts once."""
        if who not in self._here:
            return
        address = self._here.pop(who)
        self._idle.pop(who, None)
        self._from[address] -= 1
        if self._from[address] <= 0:
            del self._from[address]
