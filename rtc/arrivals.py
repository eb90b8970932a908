"""What a publisher is told of its own line to us when more than one person receives it.

Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1): which
packets came, and when. Only this hop is reported; what the others' lines can carry goes to the
publisher as an estimate of its own (REMB).
"""

from collections.abc import Iterable, Iterator
from struct import Struct

from venterom.rtc import rtp

EVERY = 0.1  # seconds between two reports; browsers send theirs every 50 to 250 ms
MOST = 1000  # packets of one report: what is further ahead begins a new count
TICKS = 4000  # of arrival times in a second
REFERENCE = 256  # ticks: the first time is a multiple of 64 ms

_HEAD = Struct("!HHL")  # base number, how many, reference time and count of reports
_MISSING, _SMALL, _LARGE = 0, 1, 2  # symbols: not received, and how many bytes its delta has
_PER_CHUNK = 7  # symbols of two bits in a status vector
_VECTOR = 0b11 << 14


class Arrivals:
    """The transport-wide numbers that have come from one connection since its last report."""

    __slots__ = ("_came", "_count", "_due", "_next")

    def __init__(self, now: float) -> None:
        self._came: dict[int, int] = {}  # number, counted on beyond 16 bits -> ticks
        self._next: int | None = None  # the first that no report has spoken of
        self._count = 0
        self._due = now + EVERY

    def note(self, number: int, now: float) -> None:
        """A packet with this number has come. One that a report has called missing stays so."""
        if self._next is None:
            self._next = number
        place = self._next + rtp.ahead(number, self._next % rtp.SEQUENCES)
        if place - self._next >= MOST:
            self._came, self._next = {}, place
        if place >= self._next:
            self._came.setdefault(place, int(now * TICKS))

    def report(self, now: float) -> bytes | None:
        """The feedback, without the two SSRCs in front of it; None when it is not time."""
        if now < self._due or not self._came or self._next is None:
            return None
        self._due = now + EVERY
        first, last = self._next, max(self._came)
        body = feedback(
            first, [self._came.get(each) for each in range(first, last + 1)], self._count
        )
        self._came, self._next = {}, last + 1
        self._count = (self._count + 1) % 256
        return body


def feedback(first: int, ticks: Iterable[int | None], count: int) -> bytes:
    """The report of packets from number `first` on: when each came, or None. At least one did.

    Filled up to whole words.
    """
    times = [*ticks]
    reference = next(each for each in times if each is not None) // REFERENCE
    deltas = [*_deltas(times, reference * REFERENCE)]
    symbols = [
        _MISSING if each is None else _SMALL if 0 <= each < 256 else _LARGE for each in deltas
    ]
    head = _HEAD.pack(first % rtp.SEQUENCES, len(times), (reference % (1 << 24)) << 8 | count)
    body = head + b"".join(_chunks(symbols)) + b"".join(_written(deltas))
    return body + bytes(-len(body) % 4)


def _deltas(times: Iterable[int | None], at: int) -> Iterator[int | None]:
    """Ticks since the one before it that came; a wait of over eight seconds is cut to that."""
    for each in times:
        if each is None:
            yield None
        else:
            delta = max(-(1 << 15), min(each - at, (1 << 15) - 1))
            at += delta
            yield delta


def _chunks(symbols: list[int]) -> Iterator[bytes]:
    for at in range(0, len(symbols), _PER_CHUNK):
        chunk = _VECTOR
        for place, symbol in enumerate(symbols[at : at + _PER_CHUNK]):
            chunk |= symbol << 2 * (_PER_CHUNK - 1 - place)
        yield chunk.to_bytes(2, "big")


def _written(deltas: Iterable[int | None]) -> Iterator[bytes]:
    for delta in deltas:
        if delta is not None:
            yield (
                delta.to_bytes(1, "big")
                if 0 <= delta < 256
                else delta.to_bytes(2, "big", signed=True)
            )
