"""Transport-wide feedback says to an independent reader what was written, and is read as it was."""

from collections.abc import Iterator
from struct import pack, unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.rtc import wide


def read(body: bytes) -> tuple[int, list[int | None], int]:
    """First number, ticks at which each packet came, count of reports: by the draft, section 3.1.

    Knows every kind of chunk, though only one is written.
    """
    first, status, reference = unpack_from("!HHL", body)
    symbols: list[int] = []
    at = 8
    while len(symbols) < status:
        (chunk,) = unpack_from("!H", body, at)
        symbols += _symbols(chunk)
        at += 2
    ticks = [*_ticks(body, at, symbols[:status], (reference >> 8) * 256)]
    return first, ticks, reference & 0xFF


def _symbols(chunk: int) -> list[int]:
    if not chunk >> 15:
        return [chunk >> 13 & 3] * (chunk & 0x1FFF)
    if chunk >> 14 & 1:
        return [chunk >> shift & 3 for shift in range(12, -1, -2)]
    return [chunk >> shift & 1 for shift in range(13, -1, -1)]


def _ticks(body: bytes, at: int, symbols: list[int], now: int) -> Iterator[int | None]:
    for symbol in symbols:
        if symbol == 0:
            yield None
            continue
        now += body[at] if symbol == 1 else unpack_from("!h", body, at)[0]
        at += symbol
        yield now


TIMES = st.lists(st.one_of(st.none(), st.integers(5000, 30_000)), min_size=1, max_size=60).filter(
    lambda times: any(each is not None for each in times)
)


@given(first=st.integers(0, 65_535), times=TIMES, count=st.integers(0, 255))
def test_what_is_written_is_read_as_it_was(first: int, times: list[int | None], count: int) -> None:
    body = wide.write(first, times, count)
    assert len(body) % 4 == 0
    assert read(body) == (first, times, count)
    assert wide.read(body) == (first, times)


def test_a_wait_that_no_delta_can_say_is_cut_to_the_longest() -> None:
    assert wide.read(wide.write(1, [256, 256 + 40_000], 0))[1] == [256, 256 + 32_767]


@pytest.mark.parametrize(
    ("chunks", "deltas", "came"),
    [
        ([0b001 << 13 | 3], [4, 0, 255], [260, 260, 515]),  # a run of what came soon
        ([0b000 << 13 | 2, 0b001 << 13 | 1], [1], [None, None, 257]),  # and of what did not
        ([0b10_10100000000000], [2, 3], [258, None, 261]),  # a vector of single bits
    ],
)
def test_the_kinds_of_chunk_that_others_write_are_read(
    chunks: list[int], deltas: list[int], came: list[int | None]
) -> None:
    head = pack("!HHL", 7, len(came), 1 << 8)
    body = head + b"".join(pack("!H", chunk) for chunk in chunks) + bytes(deltas)
    assert wide.read(body) == (7, came)
    assert read(body)[:2] == (7, came)


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        _, ticks = wide.read(body)
    except ValueError:
        return
    assert len(ticks) <= wide.MOST


@given(first=st.integers(0, 65_535), times=TIMES, cut=st.integers(0, 40))
def test_what_is_cut_short_is_refused(first: int, times: list[int | None], cut: int) -> None:
    body = wide.write(first, times, 0).rstrip(b"\0")
    if cut and cut < len(body) and sum(each is not None for each in times) > cut:
        with pytest.raises(ValueError):
            wide.read(body[:-cut])


def test_a_feedback_about_too_many_packets_is_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        wide.read(pack("!HHLH", 1, wide.MOST + 1, 0, 0x1FFF))
