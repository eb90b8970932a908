"""Numbers that wrap, packets that are rewritten by offset, and streams that are spliced."""

import pytest
from aiortc.rtp import RtpPacket, unwrap_rtx

from tests.wire import rtp_packet
from venterom.rtc import rtp
from venterom.rtc.rtp import Mark, Shift


@pytest.mark.parametrize(
    ("number", "of", "distance"),
    [
        (5, 5, 0),
        (6, 5, 1),
        (5, 6, -1),
        (0, 65535, 1),  # over the wrap
        (65535, 0, -1),  # and back
        (32767, 0, 32767),  # the farthest that counts as ahead
        (32768, 0, -32768),  # half way round is behind
    ],
)
def test_numbers_wrap(number: int, of: int, distance: int) -> None:
    assert rtp.ahead(number, of) == distance


@pytest.mark.parametrize(
    ("second", "is_rtcp"),
    [(191, False), (192, True), (200, True), (223, True), (224, False), (96, False)],
)
def test_rtcp_has_the_types_192_to_223(second: int, is_rtcp: bool) -> None:
    assert rtp.is_rtcp(bytes([0x80, second])) is is_rtcp


def test_one_byte_is_no_rtcp() -> None:
    assert not rtp.is_rtcp(b"\x80")


@pytest.mark.parametrize(
    ("shift", "sequence", "out"),
    [
        (Shift(), 9, 9),
        (Shift(sequence=10), 65530, 4),  # wraps
        (Shift(sequence=65535), 0, 65535),
    ],
)
def test_a_shift_goes_out_and_comes_back(shift: Shift, sequence: int, out: int) -> None:
    assert shift.sequence_out(sequence) == out
    assert shift.sequence_back(out) == sequence


def test_a_packet_is_readdressed_and_nothing_else_of_it_changes() -> None:
    marked = bytearray(rtp_packet(1, 65535, timestamp=2**32 - 1, transport=7))
    marked[1] |= 0x80
    copy = rtp.readdress(bytes(marked), ssrc=9, payload_type=120)
    Shift(sequence=2, timestamp=3).apply(copy)
    parsed = RtpPacket.parse(bytes(copy))
    assert (parsed.ssrc, parsed.payload_type, parsed.marker) == (9, 120, 1)
    assert (parsed.sequence_number, parsed.timestamp) == (1, 2)  # both wrapped
    assert copy[12:] == marked[12:]


@pytest.mark.parametrize(
    ("packet", "length"),
    [
        (rtp_packet(1, 1), 12),
        (rtp_packet(1, 1, transport=5), 20),
        (bytes([0x82]) + bytes(19), 20),  # two CSRCs
    ],
)
def test_the_payload_begins_after_csrc_and_extension(packet: bytes, length: int) -> None:
    assert rtp.header_length(packet) == length


@pytest.mark.parametrize(
    "packet",
    [
        bytes([0x83]) + bytes(19),  # fewer CSRCs than it says
        bytes([0x90]) + bytes(12),  # no room for the extension's own header
        bytes([0x90]) + bytes(11) + b"\xbe\xde\x00\x09",  # an extension longer than the packet
    ],
)
def test_a_header_that_is_cut_short_is_an_error(packet: bytes) -> None:
    with pytest.raises(ValueError, match="extension|header"):
        rtp.header_length(packet)


def extended(value: bytes, profile: bytes = b"\xbe\xde") -> bytearray:
    words = (len(value) // 4).to_bytes(2, "big")
    return bytearray(b"\x90" + bytes(11) + profile + words + value + b"payload")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"\x11ab\x00", [(16, 1, 2)]),  # one, and padding
        (b"\x00\x00\x20z\x30y\x00\x00", [(18, 2, 1), (20, 3, 1)]),  # padding in front
        (b"\x11ab\xf0\x20cde", [(16, 1, 2)]),  # 15 means "stop"
        (b"\x1fabc", []),  # says sixteen bytes, has three
    ],
)
def test_extensions_are_found_by_their_place(
    value: bytes, found: list[tuple[int, int, int]]
) -> None:
    assert list(rtp.extensions(extended(value))) == found


def test_the_two_byte_form_and_a_packet_without_extensions_have_none_for_us() -> None:
    assert list(rtp.extensions(extended(b"\x01\x01a\x00", b"\x10\x00"))) == []
    assert list(rtp.extensions(rtp_packet(1, 1))) == []


@pytest.mark.parametrize(
    ("value", "translated"),
    [
        # known ones get the other number, the unknown one becomes padding
        (b"\x11ab\x20z\x30y\x00", b"\x51ab\x00\x00\x20y\x00"),
        # what has another length than agreed
        (b"\x10a\x30y", b"\x00\x00\x20y"),
        (b"\x12abc", b"\x00" * 4),
        # what says that it is longer than there is room, and what follows the sign to stop
        (b"\x30y\x1fa", b"\x20y\x00\x00"),
        (b"\x30y\xf0z", b"\x20y\x00\x00"),
        (b"", b""),
    ],
)
def test_extensions_get_the_other_sides_ids_and_what_is_not_as_agreed_becomes_padding(
    value: bytes, translated: bytes
) -> None:
    packet = extended(value)
    rtp.translate_extensions(packet, {1: (5, 2), 3: (2, 1)})
    assert packet[16:] == translated + b"payload"
    assert packet[12:14] == b"\xbe\xde"


def test_another_form_of_extensions_becomes_padding() -> None:
    packet = extended(b"\x01\x02ab", b"\x10\x00")
    rtp.translate_extensions(packet, {1: (5, 2)})
    assert packet[12:] == b"\xbe\xde\x00\x01" + bytes(4) + b"payload"


def test_a_packet_without_extensions_is_left_alone() -> None:
    packet = bytearray(rtp_packet(1, 1))
    rtp.translate_extensions(packet, {1: (5, 2)})
    assert packet == rtp_packet(1, 1)


def test_a_transport_wide_number_is_read_and_shifted() -> None:
    packet = bytearray(rtp_packet(1, 1, transport=65535))
    assert rtp.extension_number(packet, 4) == (65535, 17)
    rtp.add_to_extension(packet, 4, 2)
    assert rtp.extension_number(packet, 4) == (1, 17)
    rtp.add_to_extension(packet, 3, 2)  # not there: nothing happens
    assert rtp.extension_number(packet, 3) is None


@pytest.mark.parametrize(
    ("mark", "first", "now", "shift"),
    [
        # nothing was sent before: the publisher's own numbers
        (None, (500, 900), 10.0, Shift()),
        # one second later: the next number, 90,000 ticks on
        (Mark(10, 1000, 9.0), (500, 900), 10.0, Shift((11 - 500) % 65536, 91000 - 900)),
        # at once: time does not stand still
        (Mark(10, 1000, 10.0), (11, 1001), 10.0, Shift(0, 0)),
        # over the wrap
        (Mark(65535, 2**32 - 1, 10.0), (0, 0), 10.0, Shift(0, 0)),
    ],
)
def test_a_new_stream_goes_on_where_the_old_one_stopped(
    mark: Mark | None, first: tuple[int, int], now: float, shift: Shift
) -> None:
    packet = rtp_packet(1, first[0], timestamp=first[1])
    assert rtp.splice(mark, packet, now, 90_000) == shift


def test_a_retransmission_unwraps_to_the_packet_it_was_made_of() -> None:
    packet = bytearray(rtp_packet(1, 4242, timestamp=77, transport=5))
    wrapped = rtp.wrap_rtx(packet, ssrc=2, payload_type=97, number=8)
    repair = RtpPacket.parse(bytes(wrapped))
    assert (repair.ssrc, repair.payload_type, repair.sequence_number) == (2, 97, 8)
    again = unwrap_rtx(repair, payload_type=96, ssrc=1)
    assert (again.sequence_number, again.timestamp) == (4242, 77)
    assert again.payload == b"picture"


@pytest.mark.parametrize(
    ("payload", "flags", "shifted"),
    [
        (b"\x00\x05data", 0x80, b"\x00\x06"),  # the original number is in front
        (b"\x00\x00\x03", 0xA0, b""),  # a probe: three bytes of padding
        (b"", 0x80, b""),  # nothing at all
    ],
)
def test_the_number_inside_a_retransmission_is_shifted(
    payload: bytes, flags: int, shifted: bytes
) -> None:
    packet = bytearray(rtp_packet(1, 1, payload=payload))
    packet[0] = flags
    assert rtp.shifted_original(bytes(packet), 12, Shift(sequence=1)) == shifted
