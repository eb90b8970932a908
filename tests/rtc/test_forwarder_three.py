"""Three in a room: who is shown where, and how each publisher learns what the others can take."""

from struct import pack, unpack_from

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    unpack_remb_fci,
)

from tests.rtc.meeting import says
from tests.rtc.test_wide import read
from tests.wire import End, Wire, rtp_packet, tracks
from venterom.rtc import rtcp, rtp, wide
from venterom.rtc.arrivals import EVERY
from venterom.rtc.downlink import LEAST
from venterom.rtc.forwarder import AMPLE, PICTURE_EVERY
from venterom.rtc.rtcp import Block
from venterom.rtc.wide import TICKS

NAMES = ("patient", "doctor", "guest")
BASE = {"patient": 1000, "doctor": 2000, "guest": 3000}  # where their SSRCs begin
FIRST, SECOND = 0, 100  # where those of a slot begin, from there
SHOWN = {  # in which slot each one sees each other one
    ("patient", "doctor"): FIRST,
    ("patient", "guest"): SECOND,
    ("doctor", "patient"): FIRST,
    ("doctor", "guest"): SECOND,
    ("guest", "patient"): FIRST,
    ("guest", "doctor"): SECOND,
}
SOUND, PICTURE, REPAIR = 1, 11, 12
HEARD, SEEN, REPAIRS = 51, 61, 62


def end(name: str, slots: int = 2) -> End:
    base = BASE[name]
    return End(tracks(base), more=[tracks(base + SECOND)] if slots > 1 else [])


def room(slots: int = 2) -> tuple[Wire, dict[str, End]]:
    """Three who are connected and admitted, and nothing sent yet."""
    wire, ends = Wire(), {name: end(name, slots) for name in NAMES}
    for name, one in ends.items():
        wire.forwarder.attach(name, one)
    wire.forwarder.admit(NAMES)
    for one in ends.values():
        one.rtcp.clear()
    return wire, ends


def film(wire: Wire, name: str, number: int, transport: int | None = None) -> None:
    packet = rtp_packet(BASE[name] + PICTURE, number, transport=transport)
    wire.forwarder.on_rtp(name, packet)


def seen(ends: dict[str, End], name: str) -> list[int]:
    return [rtp.ssrc(packet) for packet in ends[name].rtp]


def stream(who: str, of: str, kind: int = SEEN) -> int:
    """The stream in which `who` is sent what `of` publishes."""
    return BASE[who] + SHOWN[who, of] + kind


# ---- who is shown where


def test_everybody_is_shown_everybody_else_in_a_slot_of_their_own() -> None:
    wire, ends = room()
    for name in NAMES:
        film(wire, name, 1)
    for name in NAMES:
        assert seen(ends, name) == [stream(name, other) for other in NAMES if other != name]


def test_two_keep_their_slots_when_the_third_comes_and_goes() -> None:
    wire, ends = room()
    wire.forwarder.admit(NAMES[:2])
    film(wire, "patient", 1)
    wire.forwarder.admit(NAMES)
    film(wire, "patient", 2)
    wire.forwarder.dismiss("guest")
    film(wire, "patient", 3)
    assert ends["doctor"].sequences == [1, 2, 3]
    assert ends["guest"].sequences == [2]


def test_a_slot_is_kept_for_one_who_is_away() -> None:
    wire, ends = room()
    wire.forwarder.detach("doctor")
    film(wire, "guest", 1)
    assert seen(ends, "patient") == [stream("patient", "guest")]


def test_who_has_but_one_slot_is_shown_the_first_other_only() -> None:
    wire, ends = room(slots=1)
    for name in NAMES:
        film(wire, name, 1)
    assert seen(ends, "doctor") == [stream("doctor", "patient")]
    assert seen(ends, "guest") == [stream("guest", "patient")]


def test_a_guest_who_is_not_admitted_neither_sees_nor_is_seen() -> None:
    wire, ends = room()
    wire.forwarder.admit(NAMES[:2])
    film(wire, "guest", 1)
    film(wire, "doctor", 1)
    assert seen(ends, "guest") == []
    assert seen(ends, "patient") == [stream("patient", "doctor")]


def test_the_call_is_between_the_first_two() -> None:
    wire, _ = room()
    film(wire, "guest", 1)
    film(wire, "doctor", 1)
    assert not wire.forwarder.talking
    film(wire, "patient", 1)
    assert wire.forwarder.talking


# ---- what is asked of whom


@pytest.mark.parametrize("of", ["patient", "guest"])
def test_a_key_frame_is_asked_of_the_one_who_is_not_seen(of: str) -> None:
    wire, ends = room()
    wire.tick(PICTURE_EVERY)
    for one in ends.values():
        one.rtcp.clear()
    says(wire, "doctor", RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=stream("doctor", of)))
    assert [name for name, one in ends.items() if one.rtcp] == [of]


def test_what_is_missed_is_repaired_from_the_right_cache() -> None:
    wire, ends = room()
    film(wire, "patient", 7)
    film(wire, "guest", 7)
    ends["doctor"].rtp.clear()
    missed = stream("doctor", "guest")
    says(wire, "doctor", RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=missed, lost=[7]))
    assert seen(ends, "doctor") == [stream("doctor", "guest", REPAIRS)]


# ---- how much each may send


def arrivals(one: End) -> list[Block]:
    blocks = [block for data in one.rtcp for block in rtcp.split(data)]
    return [block for block in blocks if (block.kind, block.count) == (205, rtcp.TRANSPORT_CC)]


def estimates(one: End) -> list[tuple[int, list[int]]]:
    found = [each for data in one.rtcp for each in RtcpPacket.parse(data)]
    return [
        unpack_remb_fci(each.fci)
        for each in found
        if isinstance(each, RtcpPsfbPacket) and each.fmt == 15
    ]


def test_each_publisher_hears_how_its_packets_came_to_us() -> None:
    wire, ends = room()
    for number in (40, 42):
        film(wire, "patient", number, transport=number)
    wire.tick(EVERY)
    film(wire, "patient", 43, transport=43)
    (block,) = arrivals(ends["patient"])
    assert rtcp.media(block) == BASE["patient"] + PICTURE
    first, ticks, _ = read(block.body[8:])
    assert (first, [each is not None for each in ticks]) == (40, [True, False, True, True])
    assert not arrivals(ends["doctor"])


def test_what_receivers_count_is_not_passed_on_while_there_are_two() -> None:
    wire, ends = room()
    film(wire, "patient", 1, transport=1)
    body = b"\0\0\0\1" + stream("doctor", "patient").to_bytes(4, "big") + bytes(12)
    wire.forwarder.on_rtcp("doctor", rtcp.join([Block(205, rtcp.TRANSPORT_CC, body)]))
    assert not ends["patient"].rtcp


def test_packets_of_both_are_numbered_in_one_count() -> None:
    wire, ends = room()
    film(wire, "patient", 1, transport=500)
    film(wire, "guest", 1, transport=9)
    film(wire, "patient", 2, transport=501)
    found = [rtp.extension_number(packet, 4) for packet in ends["doctor"].rtp]
    numbers = [number[0] for number in found if number]
    assert numbers == [*range(numbers[0], numbers[0] + 3)]


def loses(wire: Wire, ends: dict[str, End], name: str, one_in: int) -> None:
    """Ten seconds in which both others are sent on, and this one says that so many did not come."""
    for tenth in range(100):
        for number in range(5):
            for other in NAMES:
                if other != name:
                    film(wire, other, 5 * tenth + number, transport=5 * tenth + number)
        wire.tick(0.1)
        sent = [rtp.extension_number(packet, 4) for packet in ends[name].rtp]
        numbers = [each[0] for each in sent if each]
        ticks = [
            None if one_in and number % one_in == 0 else int(wire.now * TICKS) for number in numbers
        ]
        ends[name].rtp.clear()
        if any(tick is not None for tick in ticks):
            stream_seen = next(stream(name, other) for other in NAMES if other != name)
            body = pack("!LL", 1, stream_seen) + wide.write(numbers[0], ticks, 0)
            wire.forwarder.on_rtcp(name, rtcp.join([Block(205, rtcp.TRANSPORT_CC, body)]))


def test_the_slowest_line_sets_what_its_publishers_may_send() -> None:
    wire, ends = room()
    loses(wire, ends, "doctor", 0)
    assert not estimates(ends["patient"]) and not estimates(ends["guest"])
    loses(wire, ends, "doctor", 3)
    sources = [BASE["patient"] + SOUND, BASE["patient"] + PICTURE]
    bits, about = estimates(ends["patient"])[-1]
    assert (bits, about) == (LEAST // 2, sources)
    assert estimates(ends["guest"])[-1][0] == bits  # the line is shared
    assert not estimates(ends["doctor"])


def test_a_limit_ends_with_the_third() -> None:
    wire, ends = room()
    loses(wire, ends, "guest", 3)
    assert estimates(ends["patient"])[-1][0] < AMPLE / 2
    wire.forwarder.dismiss("guest")
    bits, _ = estimates(ends["patient"])[-1]
    assert AMPLE * 0.99 < bits <= AMPLE
    ends["doctor"].rtp.clear()
    for transport in (70, 71):
        film(wire, "patient", transport, transport=transport)
    body = pack("!LL", 1, stream("doctor", "patient"))
    found = rtp.extension_number(ends["doctor"].rtp[-1], 4)
    assert found
    said = body + wide.write(found[0], [4000], 0)
    ends["patient"].rtcp.clear()
    wire.forwarder.on_rtcp("doctor", rtcp.join([Block(205, rtcp.TRANSPORT_CC, said)]))
    (passed,) = arrivals(ends["patient"])
    assert wide.read(passed.body[8:])[0] == 71  # in the publisher's own count again


def test_only_the_reports_of_who_loses_most_are_passed_on() -> None:
    wire, ends = room()
    film(wire, "patient", 1)
    for name, lost in (("doctor", 10), ("guest", 40), ("doctor", 20), ("guest", 5), ("doctor", 20)):
        info = RtcpReceiverInfo(stream(name, "patient"), lost, 0, 1, 0, 0, 0)
        says(wire, name, RtcpRrPacket(ssrc=1, reports=[info]))
    told = [
        unpack_from("!LB", block.body, 4)
        for data in ends["patient"].rtcp
        for block in rtcp.split(data)
    ]
    assert told == [(BASE["patient"] + PICTURE, lost) for lost in (10, 40, 20)]
