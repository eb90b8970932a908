"""Which packets came and when, told so that an independent reader understands it."""

from collections.abc import Iterator
from struct import unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.rtc.arrivals import EVERY, MOST, TICKS, Arrivals, feedback

NOW = 1000.0
TICK = 1 / TICKS


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
    body = feedback(first, times, count)
    assert len(body) % 4 == 0
    assert read(body) == (first, times, count)


def test_a_wait_that_no_delta_can_say_is_cut_to_the_longest() -> None:
    assert read(feedback(1, [256, 256 + 40_000], 0))[1] == [256, 256 + 32_767]


def test_a_report_speaks_of_each_packet_once_and_not_too_often() -> None:
    arrivals = Arrivals(NOW)
    for number in (65_534, 65_535, 1):  # 0 is lost, or late
        arrivals.note(number, NOW)
    assert arrivals.report(NOW + EVERY / 2) is None
    body = arrivals.report(NOW + EVERY)
    assert body is not None
    first, ticks, count = read(body)
    assert (first, [each is not None for each in ticks], count) == (
        65_534,
        [True, True, False, True],
        0,
    )
    assert arrivals.report(NOW + 2 * EVERY) is None  # nothing has come since
    arrivals.note(0, NOW + EVERY)  # called lost already
    arrivals.note(2, NOW + EVERY)
    body = arrivals.report(NOW + 2 * EVERY)
    assert body is not None
    first, ticks, count = read(body)
    assert (first, len(ticks), count) == (2, 1, 1)


def test_times_are_those_at_which_packets_came() -> None:
    arrivals = Arrivals(NOW)
    for place, number in enumerate((7, 9, 8)):
        arrivals.note(number, NOW + 10 * place * TICK)
    body = arrivals.report(NOW + EVERY)
    assert body is not None
    ticks = [each for each in read(body)[1] if each is not None]
    assert [each - ticks[0] for each in ticks] == [0, 20, 10]


@pytest.mark.parametrize(("ahead", "told"), [(MOST - 1, MOST), (MOST, 1)])
def test_numbers_that_jump_too_far_are_a_new_count(ahead: int, told: int) -> None:
    arrivals = Arrivals(NOW)
    arrivals.note(5, NOW)
    arrivals.note(5 + ahead, NOW)
    body = arrivals.report(NOW + EVERY)
    assert body is not None
    assert len(read(body)[1]) == told
