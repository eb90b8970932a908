"""Packets for one connection, sealed one behind the other, until they are sent together."""

from collections.abc import Iterator

from venterom.rtc.runs import runs

TRAILER = 32  # bytes that sealing adds at most: a tag of 16, an index of 4, and room
BYTES = 48 * 1024  # a key frame of forty packets; what is more goes in a second call


class Outbox:
    """A buffer that Srtp seals into, and the sizes of what lies there."""

    __slots__ = ("_sizes", "_view", "buffer", "end", "full_at")

    def __init__(self, size: int = BYTES) -> None:
        self.buffer = bytearray(size)
        self.end = 0
        self.full_at = size - TRAILER  # how far packets may reach that have yet to be sealed
        self._sizes: list[int] = []
        self._view = memoryview(self.buffer)

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
