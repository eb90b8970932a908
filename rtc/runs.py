"""Sizes: how packets for one address are put together for the kernel, and how a flight of DTLS
records is put apart into datagrams."""

from collections.abc import Iterator, Sequence
from struct import Struct

MOST_SEGMENTS = 64  # packets in one call (UDP_MAX_SEGMENTS of Linux)
MOST_BYTES = 65_000  # in one call; an IP packet has 65,535 with its headers
RECORD = 13  # bytes of a DTLS 1.2 record's header (RFC 6347 4.1)

_SHORT = Struct("!H")


def runs(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Packets of these sizes, in their order, as runs that Linux takes in one call: first packet
    and number of packets. All of a run are of one size, but the last may be shorter."""
    first = 0
    while first < len(sizes):
        count = _run(sizes, first)
        yield first, count
        first += count


def _run(sizes: Sequence[int], first: int) -> int:
    size = sizes[first]
    most = min(MOST_SEGMENTS, MOST_BYTES // size)
    count = 1
    while count < most and first + count < len(sizes) and sizes[first + count] <= size:
        count += 1
        if sizes[first + count - 1] < size:
            break
    return count


def datagrams(flight: bytes, most: int) -> Iterator[bytes]:
    """A flight of DTLS records as datagrams of at most so many bytes. Records stay whole."""
    start = end = 0
    while end < len(flight):
        following = end + RECORD + int(_SHORT.unpack_from(flight, end + RECORD - 2)[0])
        if start < end and following - start > most:
            yield flight[start:end]
            start = end
        end = following
    if start < end:
        yield flight[start:end]
