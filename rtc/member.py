"""One person's connection in a room: what it sends, what it is sent, what is known of its line."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from venterom.rtc import rtp
from venterom.rtc.arrivals import Arrivals
from venterom.rtc.downlink import Downlink
from venterom.rtc.offer import TRANSPORT_CC
from venterom.rtc.outlet import Slot
from venterom.rtc.sink import Sink
from venterom.rtc.streams import Slots, Track

CACHE = 1024  # video packets of each publisher kept for NACKs: about 5 s at 1.5 Mbit/s


class Link(Protocol):
    """What the forwarder needs of a connection. Nothing here may raise or wait."""

    @property
    def slots(self) -> Slots: ...
    def send_rtp(self, packet: bytes | bytearray) -> None: ...
    def send_rtcp(self, packet: bytes | bytearray) -> None: ...


class Route(NamedTuple):
    """From one member to another one. A slot is None where that connection has none left."""

    other: "Member"
    there: Slot | None  # where the other one is shown this one
    here: Slot | None  # where this one is shown the other one


class Member:
    """One person's connection: what it sends (sources), what it is sent (sink)."""

    def __init__(self, link: Link, first_repair: int, now: float) -> None:
        self.link = link
        self.tracks = link.slots[0]  # what it sends; the other slots only show others
        self.sink = Sink(link.slots, first_repair, now)
        self.sources = {
            ssrc: (track, place == 1)
            for track in self.tracks.values()
            for place, ssrc in enumerate(track.ssrcs_in)
        }
        self.routes: Sequence[Route] = ()
        self.arrivals = Arrivals(now)
        self.allowed: int | None = None  # bits a second, as its browser was last told; None: all
        self.losses: dict[Member, int] = {}  # of 256 packets, as each subscriber last said
        self.cache: list[bytes | None] = [None] * CACHE
        self.forwarded = 0  # RTP packets that another one has been sent
        self.asked = float("-inf")  # when a key frame was last asked for
        self.asking = False  # a request waits for its turn

    @property
    def flows(self) -> bool:
        """Whether this person's packets reach another one. Who has neither camera nor microphone
        sends none, and that is all there is to wait for."""
        return self.forwarded > 0 or not self.sources

    @property
    def sender(self) -> int:
        """The SSRC that our own feedback to this connection comes from."""
        return self.sink.slots[0].sender

    def share(self, is_shared: bool, now: float) -> None:
        """From now on it is shown several others, and heard by them; or one again."""
        self.sink.downlink = Downlink(now) if is_shared else None
        self.sink.anew()
        self.arrivals = Arrivals(now)
        self.losses.clear()

    @property
    def shares(self) -> bool:
        """Whether it is shown several others."""
        return self.sink.downlink is not None

    def arrived(self, packet: bytes, track: Track, now: float) -> None:
        """Note when a packet came, by its transport-wide number."""
        number = track.extensions.get(TRANSPORT_CC)
        found = rtp.extension_number(packet, number) if number else None
        if found:
            self.arrivals.note(found[0], now)

    def keep(self, packet: bytes) -> None:
        """Remember a video packet for those who miss it."""
        self.cache[rtp.sequence(packet) % CACHE] = packet

    def forget(self) -> None:
        """Who is admitted from now on must not fetch what was sent before."""
        self.cache = [None] * CACHE

    def find(self, number: int) -> bytes | None:
        """The video packet with this number, if it is still there."""
        packet = self.cache[number % CACHE]
        return packet if packet and rtp.sequence(packet) == number else None
