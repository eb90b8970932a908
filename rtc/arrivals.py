"""What a publisher is told of the line to us when more than one person receives him.

Only this hop is reported, and browsers find out by it how much it takes. What the others' lines can
carry is found out by us (rtc/downlink.py).
"""

from venterom.rtc import rtp, wide

EVERY = 0.1  # seconds between two reports; browsers send theirs every 50 to 250 ms
MOST = 1000  # packets of one report: what is further ahead begins a new count


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
            self._came.setdefault(place, int(now * wide.TICKS))

    def report(self, now: float) -> bytes | None:
        """The feedback, without the two SSRCs in front of it; None when it is not time."""
        if now < self._due or not self._came or self._next is None:
            return None
        self._due = now + EVERY
        first, last = self._next, max(self._came)
        ticks = [self._came.get(each) for each in range(first, last + 1)]
        body = wide.write(first, ticks, self._count)
        self._came, self._next = {}, last + 1
        self._count = (self._count + 1) % 256
        return body
