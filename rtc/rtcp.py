"""RTCP as blocks of bytes (RFC 3550 6, RFC 4585, REMB and transport-wide feedback drafts).

A block's body is everything after its four-byte header. Only what the forwarder changes is read;
the rest passes as bytes, since a feedback that is parsed and written anew is easily destroyed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from struct import Struct

from venterom.rtc.rtp import SEQUENCES, TIMES, Shift

SENDER_REPORT, RECEIVER_REPORT = 200, 201
TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK = 205, 206
NACK, TRANSPORT_CC = 1, 15  # formats of 205
PLI, FIR, REMB = 1, 4, 15  # formats of 206; 15 is "application", REMB by its name

REPORT = 24  # bytes of one report block
SENDER_INFO = 24  # bytes before the reports of a sender report: SSRC, NTP, RTP time, two counts

_HEADER = Struct("!BBH")
_SHORT = Struct("!H")
_SHORTS = Struct("!HH")
_SPLIT = Struct("!BH")  # 24 bits of a REMB: exponent and mantissa
_LONG = Struct("!L")
_PAIR = Struct("!LL")


@dataclass(frozen=True, slots=True)
class Block:
    """One RTCP packet of a compound."""

    kind: int
    count: int  # number of reports, or the format of a feedback
    body: bytes
    padded: bool = False  # browsers pad transport-wide feedback to whole words


def split(data: bytes) -> list[Block]:
    """The blocks of a compound packet. Raises ValueError."""
    blocks = []
    position = 0
    while position < len(data):
        if len(data) - position < 4 or data[position] >> 6 != 2:
            raise ValueError("not an RTCP packet")
        head, kind, words = _HEADER.unpack_from(data, position)
        end = position + 4 + 4 * words
        if end > len(data):
            raise ValueError("the RTCP packet is cut short")
        padded = bool(head & 0x20)
        blocks.append(Block(kind, head & 0x1F, data[position + 4 : end], padded))
        position = end
    return blocks


def join(blocks: Iterable[Block]) -> bytes:
    """A compound packet of these blocks."""
    return b"".join(_header(block) + block.body for block in blocks)


def sender(block: Block) -> int:
    """The SSRC of whoever sent it."""
    return int(_LONG.unpack_from(_long_enough(block, 4).body)[0])


def media(block: Block) -> int:
    """The stream that a feedback is about."""
    return int(_LONG.unpack_from(_long_enough(block, 8).body, 4)[0])


def reports(block: Block) -> list[bytes]:
    """The report blocks of a sender or receiver report."""
    start = SENDER_INFO if block.kind == SENDER_REPORT else 4
    _long_enough(block, start + REPORT * block.count)
    return [
        block.body[at : at + REPORT] for at in range(start, start + REPORT * block.count, REPORT)
    ]


def sender_report(block: Block, ssrc: int, shift: Shift) -> Block:
    """The publisher's report in the subscriber's numbers, without its report blocks."""
    body = bytearray(_long_enough(block, SENDER_INFO).body[:SENDER_INFO])
    _LONG.pack_into(body, 0, ssrc)
    _LONG.pack_into(body, 12, (_LONG.unpack_from(body, 12)[0] + shift.timestamp) % TIMES)
    return Block(SENDER_REPORT, 0, bytes(body))


def report_ssrc(report: bytes) -> int:
    """Which stream a report block is about."""
    return int(_LONG.unpack_from(report)[0])


def translate_report(report: bytes, ssrc: int, shift: Shift) -> bytes:
    """A subscriber's report block in the publisher's numbers."""
    copy = bytearray(report)
    _LONG.pack_into(copy, 0, ssrc)
    _LONG.pack_into(copy, 8, (_LONG.unpack_from(copy, 8)[0] - shift.sequence) % TIMES)
    return bytes(copy)


def fraction_lost(report: bytes) -> int:
    """How many of 256 packets were lost since the report before."""
    return report[4]


def receiver_report(ssrc: int, report_blocks: Sequence[bytes]) -> Block:
    """A receiver report of these report blocks."""
    return Block(RECEIVER_REPORT, len(report_blocks), _LONG.pack(ssrc) + b"".join(report_blocks))


def nack_numbers(block: Block) -> list[int]:
    """The sequence numbers that a NACK asks for (RFC 4585 6.2.1)."""
    numbers = []
    for at in range(8, len(block.body) - 3, 4):
        first, more = _SHORTS.unpack_from(block.body, at)
        numbers.append(int(first))
        numbers += [(first + bit + 1) % SEQUENCES for bit in range(16) if more >> bit & 1]
    return numbers


def nack(ssrc: int, about: int, numbers: Iterable[int]) -> Block:
    """A NACK for these sequence numbers, one pair each: it is rare, so it need not be small."""
    pairs = b"".join(_SHORT.pack(number) + b"\0\0" for number in numbers)
    return Block(TRANSPORT_FEEDBACK, NACK, _PAIR.pack(ssrc, about) + pairs)


def pli(ssrc: int, about: int) -> Block:
    """A request for a key frame (RFC 4585 6.3.1)."""
    return Block(PAYLOAD_FEEDBACK, PLI, _PAIR.pack(ssrc, about))


def transport_feedback(block: Block, about: int, shift: int) -> Block:
    """Transport-wide feedback in the publisher's numbers: media SSRC and first number replaced."""
    body = bytearray(_long_enough(block, 16).body)
    _LONG.pack_into(body, 4, about)
    _SHORT.pack_into(body, 8, (_SHORT.unpack_from(body, 8)[0] - shift) % SEQUENCES)
    return replace(block, body=bytes(body))


def arrivals(ssrc: int, about: int, feedback: bytes) -> Block:
    """Transport-wide feedback of our own making (rtc/arrivals.py)."""
    return Block(TRANSPORT_FEEDBACK, TRANSPORT_CC, _PAIR.pack(ssrc, about) + feedback)


def remb(ssrc: int, bits: int, ssrcs: Sequence[int]) -> Block:
    """An estimate of so many bits a second for these streams of a publisher."""
    exponent = max(0, bits.bit_length() - 18)
    mantissa = bits >> exponent
    head = (
        b"REMB"
        + bytes([len(ssrcs)])
        + _SPLIT.pack(exponent << 2 | mantissa >> 16, mantissa % (1 << 16))
    )
    body = _PAIR.pack(ssrc, 0) + head + b"".join(map(_LONG.pack, ssrcs))
    return Block(PAYLOAD_FEEDBACK, REMB, body)


def is_remb(block: Block) -> bool:
    """Whether an application feedback is a REMB: an estimate of the receiver's bandwidth."""
    return block.body[8:12] == b"REMB"


def translate_remb(block: Block, ssrcs: Mapping[int, int]) -> Block:
    """A REMB that names the publisher's streams; those that are not his are left out."""
    count = _long_enough(block, 16).body[12]
    _long_enough(block, 16 + 4 * count)
    named = [int(_LONG.unpack_from(block.body, 16 + 4 * at)[0]) for at in range(count)]
    own = [ssrcs[ssrc] for ssrc in named if ssrc in ssrcs]
    head = bytearray(block.body[:16])
    head[12] = len(own)
    return Block(block.kind, block.count, bytes(head) + b"".join(map(_LONG.pack, own)))


def _header(block: Block) -> bytes:
    head = 0x80 | block.padded << 5 | block.count
    return _HEADER.pack(head, block.kind, len(block.body) // 4)


def _long_enough(block: Block, length: int) -> Block:
    if len(block.body) < length:
        raise ValueError("the RTCP block is cut short")
    return block
