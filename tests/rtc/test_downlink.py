"""A limit falls when packets are lost or wait, rises when all is calm, and ends when it is over."""

import pytest

from venterom.rtc import wide
from venterom.rtc.downlink import (
    BACK,
    FEWEST,
    FORTH,
    LEAST,
    LONG_QUEUE,
    REMEMBERED,
    WINDOW,
    Downlink,
    Window,
    limit_after,
)

NOW, MOST = 1000.0, 6_000_000.0
CLOCK = 5.0  # seconds that the browser's clock is before ours


@pytest.mark.parametrize(
    ("limit", "window", "after"),
    [
        # all is well: no limit, and one that there is rises
        (None, Window(0.5, came=50, bits=500_000), None),
        (400_000, Window(0.5, came=50, bits=100_000), 400_000 * (1 + FORTH * 0.5)),
        # a little is lost, or waits: as it is
        (400_000, Window(0.5, came=95, lost=5, bits=100_000), 400_000),
        (400_000, Window(0.5, came=50, bits=100_000, queue=LONG_QUEUE * 0.6), 400_000),
        (None, Window(0.5, came=95, lost=5, bits=100_000), None),
        # much is lost, or waits long: less than what came through
        (None, Window(0.5, came=80, lost=20, bits=400_000), BACK * 800_000),
        (None, Window(0.5, came=80, bits=400_000, queue=LONG_QUEUE * 1.1), BACK * 800_000),
        (300_000, Window(0.5, came=80, lost=20, bits=400_000), 300_000),  # never more than before
        (300_000, Window(0.5, came=10, lost=90, bits=10_000), LEAST),  # sound still comes
    ],
)
def test_the_limit_after_a_window(limit: float | None, window: Window, after: float | None) -> None:
    assert limit_after(limit, window) == after


class Line:
    """A line to a browser, which says what has come every tenth of a second."""

    def __init__(self) -> None:
        self.downlink = Downlink(NOW)
        self.now, self.number = NOW, 65_500

    def carries(
        self, seconds: float, *, lost: int = 0, waits: float = 0.0, size: int = 1000
    ) -> None:
        """Fifty packets a second, of which one in `lost` is, and all wait so long."""
        for _ in range(round(seconds * 10)):
            first, ticks = self.number, []
            for _ in range(5):
                self.downlink.sent(self.number, size, self.now)
                is_lost = lost and self.number % lost == 0
                came = int((self.now + CLOCK + 0.02 + waits) * wide.TICKS)
                ticks.append(None if is_lost else came)
                self.number = (self.number + 1) % 65_536
                self.now += 0.02
            if any(tick is not None for tick in ticks):
                self.downlink.told(wide.write(first, ticks, 0), self.now, MOST)


def test_a_line_that_takes_all_has_no_limit() -> None:
    line = Line()
    line.carries(5)
    assert line.downlink.limit is None


def test_loss_brings_a_limit_below_what_came_and_calm_lifts_it_again() -> None:
    line = Line()
    line.carries(2)
    line.carries(1, lost=4)
    fallen = line.downlink.limit
    assert fallen is not None and LEAST <= fallen < 400_000 * 0.75
    line.carries(3)
    assert line.downlink.limit is not None and line.downlink.limit > fallen
    line.carries(60)
    assert line.downlink.limit is None


def test_a_queue_that_fills_brings_a_limit_before_anything_is_lost() -> None:
    line = Line()
    line.carries(2)
    line.carries(1, waits=LONG_QUEUE * 1.5)
    assert line.downlink.limit == pytest.approx(BACK * 400_000, rel=0.2)


def test_a_way_that_was_always_long_is_no_queue() -> None:
    line = Line()
    line.carries(5, waits=3.0)
    assert line.downlink.limit is None


def test_a_clock_that_is_set_is_no_queue() -> None:
    line = Line()
    line.carries(2)
    line.carries(3, waits=3600.0)
    assert line.downlink.limit is None


def test_too_few_packets_say_nothing() -> None:
    line = Line()
    for number in range(FEWEST - 1):
        line.downlink.sent(number, 100, NOW)
    ticks = [int(NOW * wide.TICKS), *[None] * (FEWEST - 2)]
    line.downlink.told(wide.write(0, ticks, 0), NOW + WINDOW, MOST)
    assert line.downlink.limit is None


def test_packets_that_nobody_speaks_of_are_forgotten() -> None:
    line = Line()
    for number in range(3 * REMEMBERED):
        line.downlink.sent(number % 65_536, 100, NOW)
    assert len(line.downlink._sent) == REMEMBERED


def test_packets_that_were_not_sent_do_not_count() -> None:
    line = Line()
    for _ in range(20):
        line.now += WINDOW
        line.downlink.told(wide.write(7, [1, None, None, None], 0), line.now, MOST)
    assert line.downlink.limit is None
