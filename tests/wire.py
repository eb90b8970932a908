"""Two people and a forwarder, joined by a wire in memory: no socket, no clock, chosen losses."""

from collections.abc import Callable, Container, Mapping
from struct import pack

from venterom.rtc import rtp
from venterom.rtc.forwarder import Forwarder
from venterom.rtc.offer import ABS_SEND_TIME, AUDIO_LEVEL, TRANSPORT_CC
from venterom.rtc.reports import Counters
from venterom.rtc.streams import Slots, Track


def rtp_packet(
    ssrc: int,
    sequence: int,
    *,
    payload_type: int = 96,
    timestamp: int = 0,
    payload: bytes = b"picture",
    transport: int | None = None,
    extension_id: int = 4,
) -> bytes:
    """An RTP packet, with a transport-wide number if one is given."""
    head = pack("!BBHLL", 0x80, payload_type, sequence % 65536, timestamp % 2**32, ssrc)
    if transport is None:
        return head + payload
    extension = pack("!BHx", extension_id << 4 | 1, transport % 65536)
    return bytes([0x90]) + head[1:] + pack("!HH", 0xBEDE, 1) + extension + payload


def tracks(base: int, *, payload_type: int = 96, transport_id: int = 4) -> dict[str, Track]:
    """The tracks of a browser whose SSRCs all begin at `base`."""
    return {
        "audio": Track(
            kind="audio",
            payload_type=111,
            repair_type=None,
            extensions={AUDIO_LEVEL: 1, TRANSPORT_CC: transport_id},
            ssrcs_in=(base + 1,),
            ssrc_out=base + 51,
            repair_out=base + 52,
        ),
        "video": Track(
            kind="video",
            payload_type=payload_type,
            repair_type=payload_type + 1,
            extensions={ABS_SEND_TIME: 2, TRANSPORT_CC: transport_id},
            ssrcs_in=(base + 11, base + 12),
            ssrc_out=base + 61,
            repair_out=base + 62,
        ),
    }


class End:
    """One person's end of the wire: what arrives there, but for the packets in `lost`."""

    def __init__(
        self,
        tracks: Mapping[str, Track],
        lost: Container[int] = (),
        more: Slots = (),
    ) -> None:
        self.tracks = tracks
        self.more = more  # slots that only show others
        self.lost = lost  # by their place in the order of sending
        self.sent = 0
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []

    @property
    def slots(self) -> Slots:
        """As the transport's: of these tracks alone, unless there are more."""
        return [self.tracks, *self.more]

    def send_rtp(self, packet: bytes | bytearray, head: bytes | bytearray = b"") -> None:
        """As the transport does."""
        if self.sent not in self.lost:
            self.rtp.append(bytes(head) + bytes(packet[len(head) :]))
        self.sent += 1

    def send_rtcp(self, packet: bytes | bytearray) -> None:
        """As the transport does."""
        self.rtcp.append(bytes(packet))

    @property
    def sequences(self) -> list[int]:
        """The sequence numbers that have arrived on the video stream."""
        video = self.tracks["video"].ssrc_out
        return [rtp.sequence(each) for each in self.rtp if rtp.ssrc(each) == video]


class Wire:
    """A room of two, with a clock that is set by hand."""

    def __init__(self, first_repair: int = 100) -> None:
        self.now = 1000.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.counters = Counters(int)
        self.forwarder = Forwarder(self.counters, lambda: self.now, self._later, first_repair)

    def pair(self, one: End, other: End) -> None:
        """Both are connected and admitted."""
        self.forwarder.attach("patient", one)
        self.forwarder.attach("doctor", other)
        self.forwarder.admit(["patient", "doctor"])

    def tick(self, seconds: float) -> None:
        """Let time pass, and call whoever wanted to be called."""
        self.now += seconds
        due = [call for at, call in self.timers if at <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for call in due:
            call()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.timers.append((self.now + seconds, call))
