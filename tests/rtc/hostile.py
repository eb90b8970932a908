"""Whatever reads what others send, each with something well-formed to begin from: for the fuzzers,
those that change it blindly (test_fuzz.py) and those that look where it leads (guided.py)."""

import contextlib
from collections.abc import Callable, Sequence
from itertools import count
from struct import pack
from typing import NamedTuple

from aiortc.rtp import (
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)

from tests.rtc import meeting, test_forwarder_three
from tests.rtc.offers import CHROMIUM, FIREFOX
from tests.rtc.test_handshake import JUNK, Browser, Line
from tests.rtc.test_strangers import check
from tests.wire import rtp_packet
from venterom.rtc import checks, offer, protocol, wide
from venterom.rtc.errors import BadMessage, BadOffer

Take = Callable[[bytes], None]

NAMES, PASSWORD = "ours:theirs", "a password of ours 123"
INFO = RtcpReceiverInfo(2061, 1, 2, 3, 4, 5, 6)
REPORTS = [
    bytes(RtcpSrPacket(1011, RtcpSenderInfo(1, 2, 3, 4), [INFO])),
    bytes(RtcpRrPacket(1, [INFO] * 3)),
    bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2061, lost=[1, 2, 3, 900])),
    pack("!BBHLLHHLHH", 0x8F, 205, 5, 1, 2061, 7, 2, 9 << 8, 0x2002, 4),  # transport-wide
    bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=2061)),
    bytes(RtcpPsfbPacket(15, 1, 0, b"REMB" + pack("!BBHL", 1, 3, 9, 2061))),
    bytes(RtcpByePacket(sources=[1011, 1012])),
    pack("!BBHL", 0x81, 202, 2, 1011) + b"\1\2ab\0\0\0\0",
]
LINE_FEEDBACK = pack("!BBHLL", 0x8F, 205, 6, 1, 2061) + wide.write(1, [4000, None, 4100, 9000], 0)
PACKETS = [
    rtp_packet(1011, 7, payload=bytes(20), transport=9),
    rtp_packet(1012, 8, payload_type=97, payload=bytes(20), transport=9),
    rtp_packet(1001, 9, payload_type=111, payload=bytes(20)),
]
MESSAGES = [
    protocol.dump(protocol.Join("ticket", protocol.VERSION, protocol.Encryption.END_TO_END)),
    protocol.dump(protocol.Offer(1, "v=0\r\n")),
    protocol.dump(
        protocol.Room("talking", {"patient": "here"}, {"patient": "end_to_end"}, {"name": "A"})
    ),
    protocol.dump(protocol.Ping(3)),
]


class Target(NamedTuple):
    """A reader, made anew for each run; it raises nothing, whatever it is given."""

    seeds: Sequence[bytes]
    make: Callable[[], Take]


def read_check() -> Take:
    """Connectivity checks (STUN)."""

    def take(data: bytes) -> None:
        checks.user(data)
        checks.read(data, NAMES, PASSWORD)

    return take


def _greetings() -> list[bytes]:
    browser = Browser()
    greeting = browser.take([])
    line = Line(browser)
    return [*JUNK, *greeting, *line.browser.take(line.answered(greeting))]


def read_handshake() -> Take:
    """DTLS: a handshake that has begun, and now and then one that is finished, which nothing but
    a farewell ends."""
    line = Line(Browser())
    numbers = count()

    def take(data: bytes) -> None:
        nonlocal line
        number = next(numbers)
        if number % 50 == 0:
            line = Line(Browser())
            if number % 500 == 0:
                line.run()
        was_done = line.server.done
        line.answered([data])
        assert not (was_done and line.server.over)

    return take


def read_media(name: str) -> Callable[[], Take]:
    """Decrypted packets of a patient, for `on_rtp` or `on_rtcp` of a forwarder with a doctor."""

    def make() -> Take:
        wire, _, _ = meeting.room()
        to_forwarder: Callable[[str, bytes], None] = getattr(wire.forwarder, name)
        numbers = count()

        def take(data: bytes) -> None:
            wire.now += 0.01
            number = next(numbers)
            if number % 100 == 0:
                wire.forwarder.on_rtp("doctor", rtp_packet(2011, number))
            if len(data) >= 12:  # what is shorter is not decrypted
                with contextlib.suppress(ValueError):
                    to_forwarder("patient", data)

        return take

    return make


def read_lines() -> Take:
    """Reports of a doctor who is sent two others, so that we judge the line to him."""
    wire, _ = test_forwarder_three.room()
    numbers = count()

    def take(data: bytes) -> None:
        wire.now += 0.01
        number = next(numbers)
        test_forwarder_three.film(wire, "patient", number, transport=number)
        with contextlib.suppress(ValueError):
            wire.forwarder.on_rtcp("doctor", data)

    return take


def read_offer() -> Take:
    """SDP."""

    def take(data: bytes) -> None:
        with contextlib.suppress(BadOffer):
            offer.read(data.decode(errors="replace"))

    return take


def read_message() -> Take:
    """What pages say to their room."""

    def take(data: bytes) -> None:
        with contextlib.suppress(BadMessage):
            protocol.parse(data.decode(errors="replace"))

    return take


TARGETS = {
    "checks": Target([check(NAMES, PASSWORD), check("ours:x", None)], read_check),
    "handshakes": Target(_greetings(), read_handshake),
    "media": Target(PACKETS, read_media("on_rtp")),
    "reports": Target([*REPORTS, b"".join(REPORTS)], read_media("on_rtcp")),
    "lines": Target([LINE_FEEDBACK, *REPORTS], read_lines),
    "offers": Target([CHROMIUM.encode(), FIREFOX.encode()], read_offer),
    "messages": Target([each.encode() for each in MESSAGES], read_message),
}
