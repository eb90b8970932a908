"""Packets for one connection, sealed one behind the other, until they are sent together."""

from collections.abc import Iterator

from venterom.rtc.runs import runs
from venterom.rtc.srtp import TRAILER

BYTES = 48 * 1024  # a key frame of forty packets; what is more goes in a second call


class Outbox:
    """A buffer that Srtp seals into, and the sizes of what lies there."""

    __slots__ = ("_sizes", "_view", "buffer", "end")

    def __init__(self) -> None:
        self.buffer = bytearray(BYTES)
        self.end = 0
        self._sizes: list[int] = []
        self._view = memoryview(self.buffer)

    def holds(self, length: int) -> bool:
        """Whether a packet of this length, once sealed, still fits."""
        return self.end + length + TRAILER <= BYTES

    def add(self, length: int) -> None:
        """A packet of this length now lies at `end`."""
        self._sizes.append(length)
        self.end += length

    def take(self) -> Iterator[tuple[memoryview, int]]:
        """Empty it: runs of packets, and the size of the packets in each. The bytes are good until
        the next packet is sealed."""
        at = 0
        sizes, self._sizes, self.end = self._sizes, [], 0
        for first, count in runs(sizes):
            length = sum(sizes[first : first + count])
            yield self._view[at : at + length], sizes[first]
            at += length
