"""RTCP blocks in the numbers of the other side, checked against an independent parser."""

from struct import pack

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)

from venterom.rtc import rtcp
from venterom.rtc.rtcp import Block
from venterom.rtc.rtp import Shift

INFO = RtcpReceiverInfo(
    ssrc=7, fraction_lost=1, packets_lost=2, highest_sequence=10, jitter=3, lsr=4, dlsr=5
)
REPORT = RtcpSrPacket(
    ssrc=1,
    sender_info=RtcpSenderInfo(
        ntp_timestamp=2**33, rtp_timestamp=100, packet_count=6, octet_count=7
    ),
    reports=[INFO],
)


def only(data: bytes) -> Block:
    (block,) = rtcp.split(data)
    return block


def test_a_compound_is_split_and_joined_again() -> None:
    data = bytes(REPORT) + bytes(RtcpRrPacket(ssrc=1)) + bytes([0xA1, 205, 0, 3]) + bytes(12)
    blocks = rtcp.split(data)
    assert [(block.kind, block.count, block.padded) for block in blocks] == [
        (200, 1, False),
        (201, 0, False),
        (205, 1, True),
    ]
    assert rtcp.join(blocks) == data


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\xc8\x00",  # no whole header
        b"\x40\xc8\x00\x00",  # another version
        b"\x80\xc8\x00\x05abcd",  # shorter than it says
    ],
)
def test_what_is_no_rtcp_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="RTCP"):
        rtcp.split(data)


def test_a_sender_report_passes_in_the_subscribers_numbers_without_its_reports() -> None:
    block = rtcp.sender_report(only(bytes(REPORT)), 9, Shift(timestamp=2**32 - 1))
    (parsed,) = RtcpPacket.parse(rtcp.join([block]))
    assert isinstance(parsed, RtcpSrPacket)
    assert (parsed.ssrc, parsed.sender_info.rtp_timestamp, parsed.reports) == (9, 99, [])
    assert parsed.sender_info.ntp_timestamp == 2**33
    assert parsed.sender_info.packet_count == 6


def test_report_blocks_are_taken_from_both_kinds_of_report() -> None:
    receiver = RtcpRrPacket(ssrc=1, reports=[INFO])
    for packet in (bytes(REPORT), bytes(receiver)):
        (report,) = rtcp.reports(only(packet))
        assert rtcp.report_ssrc(report) == 7


def test_a_report_block_goes_back_to_the_publishers_numbers() -> None:
    report = rtcp.translate_report(bytes(INFO), 3, Shift(sequence=4))
    (parsed,) = RtcpPacket.parse(rtcp.join([rtcp.receiver_report(1, [report])]))
    assert isinstance(parsed, RtcpRrPacket)
    (info,) = parsed.reports
    assert (info.ssrc, info.highest_sequence, info.jitter) == (3, 6, 3)


@pytest.mark.parametrize("lost", [[5], [5, 6, 21], [1, 100, 40_000]])
def test_the_numbers_of_a_nack_are_read_and_written(lost: list[int]) -> None:
    theirs = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2, lost=lost)
    assert sorted(rtcp.nack_numbers(only(bytes(theirs)))) == sorted(lost)
    ours = rtcp.join([rtcp.nack(1, 2, lost)])
    (parsed,) = RtcpPacket.parse(ours)
    assert isinstance(parsed, RtcpRtpfbPacket)
    assert parsed.lost == lost


def test_a_nack_over_the_wrap_names_the_first_numbers_again() -> None:
    block = Block(205, 1, pack("!LLHH", 1, 2, 65535, 0b11))
    assert rtcp.nack_numbers(block) == [65535, 0, 1]


def test_a_picture_is_asked_for() -> None:
    (parsed,) = RtcpPacket.parse(rtcp.join([rtcp.pli(1, 2)]))
    assert isinstance(parsed, RtcpPsfbPacket)
    assert (parsed.fmt, parsed.ssrc, parsed.media_ssrc) == (1, 1, 2)


def test_transport_wide_feedback_keeps_its_bytes_but_for_stream_and_first_number() -> None:
    block = Block(205, 15, pack("!LLHH", 1, 2, 3, 9) + b"chunks..", padded=True)
    passed = rtcp.transport_feedback(block, 5, 4)
    assert passed == Block(205, 15, pack("!LLHH", 1, 5, 65535, 9) + b"chunks..", padded=True)
    assert rtcp.media(passed) == 5


def test_a_remb_names_the_publishers_streams_only() -> None:
    fci = pack_remb_fci(500_000, [61, 62, 99])
    block = only(bytes(RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=fci)))
    assert rtcp.is_remb(block)
    passed = rtcp.translate_remb(block, {61: 11, 62: 12})
    assert unpack_remb_fci(passed.body[8:])[1] == [11, 12]
    assert unpack_remb_fci(passed.body[8:])[0] == unpack_remb_fci(fci)[0]


@pytest.mark.parametrize(
    "read",
    [
        rtcp.sender,
        rtcp.media,
        lambda block: rtcp.sender_report(block, 1, Shift()),
        lambda block: rtcp.transport_feedback(block, 1, 0),
        lambda block: rtcp.translate_remb(block, {}),
        lambda block: rtcp.reports(Block(201, 1, block.body)),
    ],
)
def test_a_block_that_is_cut_short_is_an_error(read: object) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match="cut short"):
        read(Block(200, 1, b"abc"))
