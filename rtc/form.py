"""How the packets of one stream look: their headers are of one form, but for a few numbers.

Reading every packet's extensions costs more than its cryptography does. So the form of the last
packet is remembered, and the next one, if it has the same, is rewritten as one large number.
"""

from collections.abc import Mapping

from venterom.rtc import rtp

_PADDED = 0x20  # of the first byte: the payload may end in padding, or not
_MARKED = 0x80  # of the second byte: the last packet of a picture


class Form:
    """Makes heads for one stream's packets as one subscriber is sent them: his SSRC, his payload
    type, and his ids of extensions; `ids` has each with the length of the extension. It says where
    the newest head has the number in the extension with his id `wanted` (0: none), if it has it.

    What is not agreed on, or is not as it should be, becomes padding: there are receivers that
    give the whole call up when an extension cannot be read (W6).
    """

    __slots__ = (
        *("_ids", "_kept", "_length", "_payload_type", "_shared", "_ssrc", "_value", "_wanted"),
        *("_written", "place"),
    )

    def __init__(
        self, ssrc: int, payload_type: int, ids: Mapping[int, tuple[int, int]], wanted: int = 0
    ) -> None:
        self._ssrc = ssrc
        self._payload_type = payload_type
        self._ids = ids
        self._wanted = wanted
        self.place: int | None = None
        # Of a header as one number: how long it is, the bits that are the same in all packets of
        # this form, and their value; the bits that the subscriber gets as they came, and those that
        # he gets for the others. No packet is of the form that this begins with; nor is one that
        # is shorter than the form, since its first byte, with the version of RTP, is in the way.
        self._length = self._shared = self._kept = self._written = 0
        self._value = 1

    def head(self, packet: bytes) -> bytearray:
        """What the subscriber gets in place of the packet's first bytes, up to the payload. Raises
        ValueError when the packet is cut short."""
        head = int.from_bytes(packet[: self._length], "big")
        if head & self._shared != self._value:
            self._learn(packet)
            head = int.from_bytes(packet[: self._length], "big")
        return bytearray((head & self._kept | self._written).to_bytes(self._length, "big"))

    def _learn(self, packet: bytes) -> None:
        length = rtp.header_length(packet)
        start = rtp.HEADER + 4 * (packet[0] & 0x0F)  # of the extensions, if there are any
        shared = bytearray(start) + b"\xff" * (length - start)
        kept = bytearray(b"\xff" * start) + bytes(length - start)
        shared[0], kept[1], kept[8:12] = 0xFF - _PADDED, _MARKED, bytes(4)
        copy = self._written_anew(packet)
        for position, _, size in rtp.extensions(packet):
            shared[position + 1 : position + 1 + size] = bytes(size)
        for position, _, size in rtp.extensions(copy):
            kept[position + 1 : position + 1 + size] = b"\xff" * size
        found = rtp.extension_number(copy, self._wanted)
        self.place = found[1] if found else None
        self._length, self._shared, self._kept = length, _number(shared), _number(kept)
        self._value = _number(packet[:length]) & self._shared
        self._written = _number(copy[:length]) & ~self._kept

    def _written_anew(self, packet: bytes) -> bytearray:
        copy = rtp.readdress(packet, ssrc=self._ssrc, payload_type=self._payload_type)
        rtp.translate_extensions(copy, self._ids)
        return copy


def _number(data: bytes | bytearray) -> int:
    return int.from_bytes(data, "big")
