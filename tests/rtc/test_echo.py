"""An echo: what a browser sends comes back to it in its own call's form, and is counted."""

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtpPacket,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.rtc.test_forwarder_reports import sender_report
from tests.wire import End, Wire, rtp_packet, tracks
from venterom.rtc import rtp
from venterom.rtc.echo import Arrived, Echo, Tally, read
from venterom.rtc.errors import BadReport
from venterom.rtc.forwarder import PICTURE_EVERY

OWN = 1000  # where the browser's SSRCs begin
FILMED, SEEN, REPAIRED, HEARD = OWN + 11, OWN + 61, OWN + 62, OWN + 51


class Alone:
    """A browser alone with its echo."""

    def __init__(self, lost: tuple[int, ...] = ()) -> None:
        self.wire = Wire()
        self.end = End(tracks(OWN), lost)
        self.echo = Echo(self.end, self.wire.forwarder, lambda: self.wire.now)

    def film(self, *numbers: int) -> None:
        """Video packets with these numbers, a tenth of a second apart."""
        for number in numbers:
            self.echo.on_rtp(rtp_packet(FILMED, number, payload=b"p" * 988))
            self.wire.now += 0.1

    def reports(self) -> list[object]:
        """What has come on the other channel."""
        return [packet for data in self.end.rtcp for packet in RtcpPacket.parse(data)]


def test_ones_own_packets_come_back_as_those_of_another() -> None:
    alone = Alone()
    alone.film(7, 8)
    alone.echo.on_rtp(rtp_packet(OWN + 1, 70, payload_type=111, payload=b"sound"))
    back = [RtpPacket.parse(each) for each in alone.end.rtp]
    assert [(each.ssrc, each.sequence_number) for each in back] == [
        (SEEN, 7),
        (SEEN, 8),
        (HEARD, 70),
    ]
    assert back[-1].payload == b"sound"


def test_each_packet_comes_back_once() -> None:
    alone = Alone()
    alone.film(*range(100))
    assert len(alone.end.rtp) == 100


def test_a_sender_report_comes_back_about_the_stream_that_came_back() -> None:
    alone = Alone()
    alone.film(1)
    alone.echo.on_rtcp(bytes(sender_report(FILMED)))
    (report,) = [each for each in alone.reports() if hasattr(each, "sender_info")]
    assert getattr(report, "ssrc") == SEEN  # noqa: B009  # of a packet that is not typed


def test_what_one_says_of_the_echo_is_told_to_oneself_as_its_sender() -> None:
    alone = Alone()
    alone.film(1)
    info = RtcpReceiverInfo(
        ssrc=SEEN, fraction_lost=1, packets_lost=2, highest_sequence=1, jitter=3, lsr=4, dlsr=5
    )
    alone.echo.on_rtcp(bytes(RtcpRrPacket(ssrc=1, reports=[info])))
    (report,) = [each for each in alone.reports() if isinstance(each, RtcpRrPacket)]
    assert [(each.ssrc, each.lsr) for each in report.reports] == [(FILMED, 4)]


def test_a_wish_comes_back_once() -> None:
    alone = Alone()
    alone.film(1)
    alone.wire.tick(PICTURE_EVERY)
    alone.end.rtcp.clear()
    alone.echo.on_rtcp(bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=SEEN)))
    alone.wire.tick(PICTURE_EVERY)
    assert [type(each) for each in alone.reports()] == [RtcpPsfbPacket]


def test_what_was_lost_on_the_way_back_is_repaired() -> None:
    alone = Alone(lost=(1,))
    alone.film(1, 2, 3)
    alone.echo.on_rtcp(bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=SEEN, lost=[2])))
    assert [rtp.ssrc(each) for each in alone.end.rtp] == [SEEN, SEEN, REPAIRED]


def test_what_arrives_is_counted_and_what_does_not() -> None:
    alone = Alone()
    alone.film(65530, 65531, 65533, 65532, 65535, 2)
    assert alone.echo.arrived == Arrived(packets=6, lost=3, kbit=96)


def test_repairs_are_no_packets_of_their_own() -> None:
    alone = Alone()
    alone.film(1, 2)
    alone.echo.on_rtp(rtp_packet(OWN + 12, 900, payload_type=97, payload=b"\0\1again"))
    assert alone.echo.arrived.packets == 2


def test_of_nothing_nothing_arrived() -> None:
    assert Alone().echo.arrived == Arrived(0, 0, 0)


def test_a_packet_that_is_cut_short_is_counted_nowhere() -> None:
    alone = Alone()
    with pytest.raises(ValueError, match="cut short"):
        alone.echo.on_rtp(rtp_packet(FILMED, 1, transport=1)[:13])
    assert alone.echo.arrived.packets == 0


@given(st.sets(st.integers(0, 200)), st.integers(0, 2**16 - 1))
def test_whatever_is_missing_between_the_first_and_the_last_is_lost(
    missing: set[int], first: int
) -> None:
    tally = Tally()
    for number in sorted({0, 201} | set(range(202)) - missing):
        tally.note((first + number) % 65536)
    assert (tally.came, tally.lost) == (202 - len(missing - {0}), len(missing - {0}))


def test_a_packet_that_comes_twice_makes_up_for_none() -> None:
    tally = Tally()
    for number in (1, 1, 1):
        tally.note(number)
    assert tally.lost == 0


def test_what_arrived_survives_the_socket() -> None:
    assert read(Arrived(5, 1, 300).dump()) == Arrived(5, 1, 300)
    assert read("") is None


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[]",
        "null",
        '{"packets": 1}',
        '{"packets": 1, "lost": -1, "kbit": 1}',
        '{"packets": 1, "lost": NaN, "kbit": 1}',
        '{"packets": 1, "lost": true, "kbit": 1}',
        '{"packets": 1, "lost": 1, "kbit": 1, "more": 1}',
    ],
)
def test_anything_else_is_no_count(text: str) -> None:
    with pytest.raises(BadReport):
        read(text)
