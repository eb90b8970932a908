"""How much a line from us to one person takes, when he is shown more than one other.

With one other the publisher finds out from end to end. With two nobody else can: their packets
share the line, and each publisher is told only of his own way to us. So we number what we send, and
judge by what the browser says has come: packets lost, or kept waiting longer and longer, mean that
it is too much. A limit falls at once and rises slowly, and there is none as long as all goes well
(after draft-ietf-rmcat-gcc-02, section 6, with the queue itself in place of its trend).
"""

from dataclasses import dataclass

from venterom.rtc import wide
from venterom.rtc.rtp import SEQUENCES

WINDOW = 0.5  # seconds of feedback that are judged together
FEWEST = 10  # packets in them, or there is nothing to judge
REMEMBERED = 4096  # packets that have been sent and not been spoken of: seconds of the fastest line
MUCH_LOST, LITTLE_LOST = 0.10, 0.02  # of one, as in the draft
LONG_QUEUE = 0.2  # seconds more than the quickest packet took: a buffer on the way is filling
BACK = 0.85  # of what came through: what is asked for then
FORTH = 0.2  # a second: how fast a limit rises when nothing is lost and nothing waits
LEAST = 100_000  # bits a second: sound still comes
DRIFT = 0.001  # seconds a second: two clocks run apart, so the quickest packet is forgotten slowly
JUMP = 10.0  # seconds: no queue is so long; a clock was set


@dataclass(slots=True)
class Window:
    """What came of the packets that were sent in a while."""

    seconds: float = 0.0
    came: int = 0
    lost: int = 0
    bits: int = 0
    queue: float = 0.0  # seconds, of the packet that waited least

    @property
    def lost_share(self) -> float:
        """Of all packets that were spoken of."""
        return self.lost / max(1, self.came + self.lost)


def limit_after(limit: float | None, seen: Window) -> float | None:
    """The limit of a line in bits a second, after a window; None is none."""
    if seen.lost_share > MUCH_LOST or seen.queue > LONG_QUEUE:
        through = BACK * seen.bits / seen.seconds
        return max(LEAST, through if limit is None else min(limit, through))
    is_calm = seen.lost_share < LITTLE_LOST and seen.queue < LONG_QUEUE / 2
    return limit * (1 + FORTH * seen.seconds) if limit is not None and is_calm else limit


class Downlink:
    """One line. `limit` is in bits a second for all that is sent on it; None when it takes all."""

    __slots__ = ("_began", "_quickest", "_sent", "_waits", "_window", "limit")

    def __init__(self, now: float) -> None:
        self.limit: float | None = None
        self._sent: dict[int, tuple[float, int]] = {}  # number -> when, how many bytes
        self._quickest: float | None = None  # from sending to coming, by two clocks
        self._waits: list[float] = []
        self._window = Window()
        self._began = now

    def sent(self, number: int, size: int, now: float) -> None:
        """A packet has left, with this transport-wide number."""
        self._sent[number] = (now, size)
        self._sent.pop((number - REMEMBERED) % SEQUENCES, None)

    def told(self, feedback: bytes, now: float, most: float) -> None:
        """What the browser says has come. A limit above `most` is none. Raises ValueError."""
        first, ticks = wide.read(feedback)
        for place, tick in enumerate(ticks):
            known = self._sent.pop((first + place) % SEQUENCES, None)
            if known is not None:
                self._count(*known, tick)
        if now - self._began >= WINDOW:
            self._judge(now, most)

    def _count(self, at: float, size: int, tick: int | None) -> None:
        if tick is None:
            self._window.lost += 1
            return
        self._window.came += 1
        self._window.bits += 8 * size
        took = tick / wide.TICKS - at
        if self._quickest is None or abs(took - self._quickest) > JUMP:
            self._quickest = took
        self._quickest = min(self._quickest, took)
        self._waits.append(took)

    def _judge(self, now: float, most: float) -> None:
        seen = self._window
        seen.seconds = now - self._began
        if self._quickest is not None and self._waits:
            seen.queue = min(self._waits) - self._quickest
            self._quickest += DRIFT * seen.seconds
        if seen.came + seen.lost >= FEWEST:
            self.limit = limit_after(self.limit, seen)
        if self.limit is not None and self.limit > most:
            self.limit = None
        self._window, self._waits, self._began = Window(), [], now
