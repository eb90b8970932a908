"""What whoever owns the forwarder has of a call: every packet that it decrypted (tap/), and what a
decoder of their own makes of it."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import av
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import RtpPacket
from av.error import FFmpegError

TAP = Path(__file__).parent / "tap"
PICTURE, SOUND = 96, 111  # payload types of Chromium's VP8 and Opus; repairs have others
FEW = 400  # numbers of keys: no call of a test has a hundred epochs
SEATS = ("doctor", "patient")  # as the last two bits of a key's number say them


@dataclass
class Dump:
    """Packets in the order in which they came, by whose they are."""

    path: Path
    read: int = 0

    def packets(self) -> dict[str, list[RtpPacket]]:
        """Those that have come since the last time."""
        found: dict[str, list[RtpPacket]] = defaultdict(list)
        with self.path.open(encoding="ascii") as lines:
            lines.seek(self.read)
            for line in lines.readlines():
                seat, data = line.split()
                found[seat].append(RtpPacket.parse(bytes.fromhex(data)))
            self.read = lines.tell()
        return found


def pictures(packets: list[RtpPacket]) -> list[bytes]:
    """The frames of VP8, put together."""
    frames: dict[int, dict[int, bytes]] = defaultdict(dict)
    for packet in packets:
        if packet.payload_type == PICTURE and packet.payload:
            _, part = VpxPayloadDescriptor.parse(packet.payload)
            frames[packet.timestamp][packet.sequence_number] = part
    return [b"".join(parts[n] for n in sorted(parts)) for _, parts in sorted(frames.items())]


def sounds(packets: list[RtpPacket]) -> list[bytes]:
    """The frames of Opus."""
    return [each.payload for each in packets if each.payload_type == SOUND and each.payload]


def seen(frames: list[bytes]) -> int:
    """How many of them show what the invented camera shows, which is green. A decoder may take
    noise for a frame now and then, but it is not that."""
    decoder = av.CodecContext.create("vp8", "r")
    count = 0
    for frame in frames:
        try:
            count += sum(map(_is_green, decoder.decode(av.Packet(frame))))
        except FFmpegError:
            continue
    return count


def _is_green(frame: av.VideoFrame) -> bool:
    small = bytes(frame.reformat(width=32, height=18, format="rgb24").planes[0])
    red, green, blue = (sum(small[colour::3]) / (len(small) / 3) for colour in range(3))
    return green > 100 and red < 60 and blue < 60


def sealed_by(frame: bytes, clear: int) -> str:
    """Whose key's number stands behind the clear beginning (RFC 9605); empty when none does."""
    first, rest = frame[clear], frame[clear + 1 :]
    kid = first >> 4 if first < 0x80 else int.from_bytes(rest[: (first >> 4 & 7) + 1], "big")
    return SEATS[kid % 4] if 4 <= kid < FEW and kid % 4 < len(SEATS) else ""


def clear_part(frame: bytes) -> int:
    """How many bytes of a VP8 frame stay clear."""
    return 3 if frame[0] & 1 else 10
