"""Which packets came and when, told so that an independent reader understands it."""

import pytest

from tests.rtc.test_wide import read
from venterom.rtc.arrivals import EVERY, MOST, Arrivals
from venterom.rtc.wide import TICKS

NOW = 1000.0
TICK = 1 / TICKS


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
