"""Transport-wide feedback as bytes: which packets of a connection came, and when.

draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1. Times are ticks of 250 µs.
"""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct

from venterom.rtc.rtp import SEQUENCES

TICKS = 4000  # of arrival times in a second
MOST = 2000  # packets of one report that are read: ten times what a browser reports on

_REFERENCE = 256  # ticks: the first time is a multiple of 64 ms
_HEAD = Struct("!HHL")  # base number, how many, reference time and count of reports
_SHORT = Struct("!H")
_SIGNED = Struct("!h")
_MISSING, _SMALL, _LARGE = 0, 1, 2  # symbols: not received, and how many bytes its delta has
_PER_CHUNK = 7  # symbols of two bits in a status vector
_VECTOR = 0b11 << 14


def write(first: int, ticks: Sequence[int | None], count: int) -> bytes:
    """The report of packets from number `first` on: when each came, or None. At least one did.

    Filled up to whole words.
    """
    reference = next(each for each in ticks if each is not None) // _REFERENCE
    deltas = [*_deltas(ticks, reference * _REFERENCE)]
    symbols = [
        _MISSING if each is None else _SMALL if 0 <= each < 256 else _LARGE for each in deltas
    ]
    head = _HEAD.pack(first % SEQUENCES, len(ticks), (reference % (1 << 24)) << 8 | count)
    body = head + b"".join(_chunks(symbols)) + b"".join(_written(deltas))
    return body + bytes(-len(body) % 4)


def read(body: bytes) -> tuple[int, list[int | None]]:
    """The first number, and when each packet from there on came. Raises ValueError."""
    if len(body) < _HEAD.size:
        raise ValueError("the feedback is cut short")
    first, count, reference = _HEAD.unpack_from(body)
    if count > MOST:
        raise ValueError("a feedback about too many packets")
    symbols: list[int] = []
    at = _HEAD.size
    while len(symbols) < count:
        symbols += _symbols(_taken(body, at, _SHORT), count)
        at += _SHORT.size
    return first, [*_times(body, at, symbols[:count], (reference >> 8) * _REFERENCE)]


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
        yield _SHORT.pack(chunk)


def _written(deltas: Iterable[int | None]) -> Iterator[bytes]:
    for delta in deltas:
        if delta is not None:
            yield bytes([delta]) if 0 <= delta < 256 else _SIGNED.pack(delta)


def _symbols(chunk: int, most: int) -> list[int]:
    if not chunk >> 15:  # a run of one symbol
        return [chunk >> 13 & 0b11] * min(chunk & 0x1FFF, most)
    if chunk >> 14 & 1:
        return [chunk >> shift & 0b11 for shift in range(12, -1, -2)]
    return [chunk >> shift & 1 for shift in range(13, -1, -1)]


def _times(body: bytes, at: int, symbols: list[int], now: int) -> Iterator[int | None]:
    for symbol in symbols:
        if symbol == _SMALL:
            if at >= len(body):
                raise ValueError("the feedback is cut short")
            now += body[at]
        elif symbol == _LARGE:
            now += _taken(body, at, _SIGNED)
        at += symbol if symbol in (_SMALL, _LARGE) else 0
        yield now if symbol in (_SMALL, _LARGE) else None


def _taken(body: bytes, at: int, of: Struct) -> int:
    if at + of.size > len(body):
        raise ValueError("the feedback is cut short")
    return int(of.unpack_from(body, at)[0])
