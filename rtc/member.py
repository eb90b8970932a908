"""One person's connection in a room: what it sends, what it is sent, what is known of its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from venterom.rtc import rtp
from venterom.rtc.arrivals import Arrivals
from venterom.rtc.downlink import Downlink
from venterom.rtc.offer import TRANSPORT_CC
from venterom.rtc.outlet import Outlet, Slot
from venterom.rtc.sink import Sink
from venterom.rtc.streams import Slots, Track

CACHE: Final = 1024  # video packets of each publisher kept for NACKs: about 5 s at 1.5 Mbit/s


class Link(Protocol):
    """What the forwarder needs of a connection. Nothing here may raise or wait."""

    @property
    def slots(self) -> Slots: ...
    def send_rtp(self, packet: bytes | bytearray, head: bytes | bytearray = b"") -> None: ...
    def send_rtcp(self, packet: bytes | bytearray) -> None: ...


@dataclass(slots=True)
class Source:
    """A stream that a browser sends, and where it goes."""

    track: Track
    is_repair: bool
    payload_type: int | None  # that its packets must have; None: none may come
    is_kept: bool  # its packets are kept for those who miss them
    receivers: Sequence[tuple[Sink, Outlet, Link]] = ()


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
            ssrc: _source(track, place == 1)
            for track in self.tracks.values()
            for place, ssrc in enumerate(track.ssrcs_in)
        }
        self._routes: Sequence[Route] = ()
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
    def routes(self) -> Sequence[Route]:
        """From this one to each other one. All its packets go by them, and only by them."""
        return self._routes

    @routes.setter
    def routes(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        for source in self.sources.values():
            source.receivers = [
                (route.other.sink, route.there.outlets[source.track.kind], route.other.link)
                for route in routes
                if route.there and source.track.kind in route.there.outlets
            ]

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


def _source(track: Track, is_repair: bool) -> Source:
    payload_type = track.repair_type if is_repair else track.payload_type
    return Source(track, is_repair, payload_type, track.kind == "video" and not is_repair)
