"""RTP header arithmetic (RFC 3550 5.1, RFC 8285, RFC 4588): numbers that wrap, splices, rewriting.

Offsets into the packet instead of a parsed object: a room forwards hundreds of packets a second.
Functions that read a packet raise ValueError when it is cut short.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

HEADER: Final = 12  # bytes, without CSRC and extension
SEQUENCES: Final = 1 << 16
TIMES: Final = 1 << 32
FIRST_REPORT: Final = 192  # of the second bytes that are those of RTCP (RFC 5761 4)
LAST_REPORT: Final = 223

_SHORT: Final = Struct("!H")
_LONG: Final = Struct("!L")
_ONE_BYTE: Final = 0xBEDE  # profile of the one-byte extension header (RFC 8285 4.2)


def is_rtcp(packet: bytes | bytearray) -> bool:
    """Whether a packet on a multiplexed port is RTCP."""
    return len(packet) >= 2 and FIRST_REPORT <= packet[1] <= LAST_REPORT


def ahead(number: int, of: int, modulus: int = SEQUENCES) -> int:
    """How far a wrapping number is in front of another one; negative when it is behind."""
    distance = (number - of) % modulus
    return distance - modulus if distance >= modulus // 2 else distance


def is_newer(number: int, than: int) -> bool:
    """Whether a sequence number is in front of another one."""
    return 0 < (number - than) % SEQUENCES < SEQUENCES // 2


def sequence(packet: bytes | bytearray) -> int:
    """The sequence number."""
    return short(packet, 2)


def timestamp(packet: bytes | bytearray) -> int:
    """The RTP timestamp."""
    number: int
    (number,) = _LONG.unpack_from(packet, 4)
    return number


def ssrc(packet: bytes | bytearray) -> int:
    """The synchronisation source."""
    number: int
    (number,) = _LONG.unpack_from(packet, 8)
    return number


def reporter(packet: bytes | bytearray) -> int:
    """The synchronisation source that an RTCP packet comes from."""
    number: int
    (number,) = _LONG.unpack_from(packet, 4)
    return number


def short(packet: bytes | bytearray, position: int) -> int:
    """The 16-bit number that lies there."""
    return packet[position] << 8 | packet[position + 1]


def header_length(packet: bytes | bytearray) -> int:
    """Where the payload begins: after CSRC list and extension."""
    length = HEADER + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if len(packet) < length + 4:
            raise ValueError("the extension header is cut short")
        length += 4 + 4 * short(packet, length + 2)
    if len(packet) < length:
        raise ValueError("the packet ends inside its header")
    return length


def extensions(packet: bytes | bytearray) -> list[tuple[int, int, int]]:
    """Each one-byte header extension: where its head lies, its id, the length of its data."""
    if not packet[0] & 0x10:
        return []
    return _extensions(packet, HEADER + 4 * (packet[0] & 0x0F), header_length(packet))


def _extensions(packet: bytes | bytearray, start: int, end: int) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    if packet[start] << 8 | packet[start + 1] != _ONE_BYTE:
        return found
    position = start + 4
    while position < end:
        number, length = packet[position] >> 4, (packet[position] & 0x0F) + 1
        if number == 0:  # padding is one byte
            position += 1
        elif number == 15 or position + 1 + length > end:
            break  # 15 says "stop here" (RFC 8285 4.2)
        else:
            found.append((position, number, length))
            position += 1 + length
    return found


def translate_extensions(packet: bytearray, ids: Mapping[int, tuple[int, int]]) -> None:
    """Give each extension the subscriber's id; `ids` has it with the length of the extension.

    What is not agreed on, or is not as it should be, becomes padding: there are receivers that
    give the whole call up when an extension cannot be read (W6).
    """
    if not packet[0] & 0x10:
        return
    start, end = HEADER + 4 * (packet[0] & 0x0F), header_length(packet)
    agreed = [
        (position, ids[number][0], packet[position + 1 : position + 1 + length])
        for position, number, length in _extensions(packet, start, end)
        if number in ids and ids[number][1] == length
    ]
    _SHORT.pack_into(packet, start, _ONE_BYTE)
    packet[start + 4 : end] = bytes(end - start - 4)
    for position, new, data in agreed:
        packet[position] = new << 4 | (len(data) - 1)
        packet[position + 1 : position + 1 + len(data)] = data


def extension_number(packet: bytes | bytearray, number: int) -> tuple[int, int] | None:
    """The 16-bit value of the extension with this id, and where it lies; None if there is none."""
    for position, found, length in extensions(packet):
        if found == number and length == 2:
            return int(_SHORT.unpack_from(packet, position + 1)[0]), position + 1
    return None


@dataclass(frozen=True, slots=True)
class Shift:
    """What is added to a publisher's numbers so that a subscriber sees one unbroken stream."""

    sequence: int = 0
    timestamp: int = 0

    def sequence_out(self, number: int) -> int:
        """The subscriber's number for a publisher's."""
        return (number + self.sequence) % SEQUENCES

    def sequence_back(self, number: int) -> int:
        """The publisher's number for a subscriber's."""
        return (number - self.sequence) % SEQUENCES

    def apply(self, packet: bytearray) -> None:
        """Shift the numbers of a packet."""
        if self.sequence:
            _SHORT.pack_into(packet, 2, self.sequence_out(sequence(packet)))
        if self.timestamp:
            _LONG.pack_into(packet, 4, (timestamp(packet) + self.timestamp) % TIMES)


UNSHIFTED = Shift()


class Mark(NamedTuple):
    """The newest packet that a subscriber was sent on one stream, and when (seconds)."""

    sequence: int
    timestamp: int
    at: float


def splice(mark: Mark | None, packet: bytes, now: float, clock_rate: int) -> Shift:
    """The shift that lets a stream which begins with this packet go on where the mark stands.

    The timestamp goes on by the time that has passed, so that sound and picture stay together.
    """
    if mark is None:
        return UNSHIFTED
    passed = max(1, round((now - mark.at) * clock_rate))
    return Shift(
        sequence=(mark.sequence + 1 - sequence(packet)) % SEQUENCES,
        timestamp=(mark.timestamp + passed - timestamp(packet)) % TIMES,
    )


def readdress(packet: bytes, *, ssrc: int, payload_type: int) -> bytearray:
    """A copy of the packet with this SSRC and payload type."""
    copy = bytearray(packet)
    copy[1] = (copy[1] & 0x80) | payload_type
    _LONG.pack_into(copy, 8, ssrc)
    return copy


def renumber(packet: bytearray, number: int) -> None:
    """Set the sequence number."""
    _SHORT.pack_into(packet, 2, number)


def set_short(packet: bytearray, position: int, number: int) -> None:
    """Write a 16-bit number."""
    _SHORT.pack_into(packet, position, number)


def add_to_extension(packet: bytearray, number: int, by: int) -> None:
    """Add to the 16-bit value of the extension with this id, if it is there."""
    found = extension_number(packet, number)
    if found:
        _SHORT.pack_into(packet, found[1], (found[0] + by) % SEQUENCES)


def wrap_rtx(packet: bytearray, *, ssrc: int, payload_type: int, number: int) -> bytearray:
    """A retransmission of a packet (RFC 4588 4): its number goes in front of the payload."""
    start = header_length(packet)
    repair = packet[:start] + packet[2:4] + packet[start:]
    repair[1] = (repair[1] & 0x80) | payload_type
    renumber(repair, number)
    _LONG.pack_into(repair, 8, ssrc)
    return repair


def shifted_original(packet: bytes, start: int, shift: Shift) -> bytes:
    """The number in front of a retransmission's payload, which begins at `start`, shifted. Probes
    of padding have none."""
    padding = packet[-1] if packet[0] & 0x20 else 0
    if len(packet) - start - padding < 2:
        return b""
    return _SHORT.pack(shift.sequence_out(_SHORT.unpack_from(packet, start)[0]))
