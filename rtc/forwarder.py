"""Packets from one person of a room to the other, never decoded (rtc.md 6).

No route exists between two seats until both have been admitted (invariant I6): every road out of
here goes through `_others`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from venterom.rtc import rtcp, rtp
from venterom.rtc.outlet import Outlet, Sink
from venterom.rtc.rtcp import Block
from venterom.rtc.streams import Track

CACHE = 1024  # video packets of each publisher kept for NACKs: about 5 s at 1.5 Mbit/s
PICTURE_EVERY = 0.5  # seconds between two requests for a key frame to one publisher (cC15)
MOST_NACKS = 128  # numbers of one NACK that are passed on to the publisher

Later = Callable[[float, Callable[[], None]], object]


class Link(Protocol):
    """What the forwarder needs of a connection. Nothing here may raise or wait."""

    @property
    def tracks(self) -> Mapping[str, Track]: ...
    def send_rtp(self, packet: bytes | bytearray) -> None: ...
    def send_rtcp(self, packet: bytes | bytearray) -> None: ...


class Seat:
    """One person's connection: what it sends (source), what it is sent (sink)."""

    def __init__(self, link: Link, first_repair: int, now: float) -> None:
        self.link = link
        self.sink = Sink(link.tracks, first_repair, now)
        self.sources = {
            ssrc: (track, place == 1)
            for track in link.tracks.values()
            for place, ssrc in enumerate(track.ssrcs_in)
        }
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
        return next(iter(self.link.tracks.values())).ssrc_out

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


class Forwarder:
    """The routes of one room. `clock` counts seconds; `later` calls back after some."""

    def __init__(
        self, counters: Counter[str], clock: Callable[[], float], later: Later, first_repair: int
    ) -> None:
        self._counters = counters
        self._clock = clock
        self._later = later
        self._first_repair = first_repair  # a random number (RFC 3550 5.1), from outside
        self._seats: dict[str, Seat] = {}
        self._admitted: set[str] = set()
        self._routes: dict[str, list[Seat]] = {}  # whom each seat's packets reach

    def attach(self, name: str, link: Link) -> None:
        """This connection is the seat's from now on; the one before has no route any more."""
        self._seats[name] = Seat(link, self._first_repair, self._clock())
        for subscriber, seat in self._seats.items():
            for other, publisher in self._seats.items():
                if other != subscriber:
                    seat.sink.connect(publisher.link.tracks)
        self._refresh()

    def detach(self, name: str) -> None:
        """The seat's connection is gone; whether it may come back is not decided here."""
        self._seats.pop(name, None)
        self._route()

    def admit(self, names: Iterable[str]) -> None:
        """These seats, and no others, may see and hear each other."""
        admitted = set(names)
        if admitted != self._admitted:
            for seat in self._seats.values():
                seat.forget()
        self._admitted = admitted
        self._refresh()

    def dismiss(self, name: str) -> None:
        """The seat has left: no packet to or from it from this moment."""
        self._admitted.discard(name)
        self.detach(name)

    @property
    def talking(self) -> bool:
        """Whether two admitted people are both seen or heard."""
        seats = [seat for name, seat in self._seats.items() if name in self._admitted]
        return len(seats) > 1 and all(seat.flows for seat in seats)

    def on_rtp(self, name: str, packet: bytes) -> None:
        """A decrypted RTP packet from this seat. Raises ValueError when it is malformed."""
        publisher = self._seats.get(name)
        found = publisher and publisher.sources.get(rtp.ssrc(packet))
        if not publisher or not found:
            self._counters["rtp_unknown"] += 1
            return
        track, repair = found
        if rtp.payload_type(packet) != (track.repair_type if repair else track.payload_type):
            self._counters["rtp_other_codec"] += 1
            return
        rtp.header_length(packet)
        if track.kind == "video" and not repair:
            publisher.keep(packet)
        for subscriber in self._others(name):
            self._forward(publisher, subscriber, packet, track, repair)

    def on_rtcp(self, name: str, data: bytes) -> None:
        """A decrypted RTCP packet from this seat. Raises ValueError when it is malformed."""
        seat = self._seats.get(name)
        if seat is None:
            return
        blocks = rtcp.split(data)
        for other in self._others(name):
            self._send_rtcp(other, self._for_subscriber(blocks, seat, other))
            self._send_rtcp(other, self._for_publisher(blocks, seat, other))

    def _others(self, name: str) -> list[Seat]:
        return self._routes.get(name, [])

    def _route(self) -> None:
        """Only here do routes come to be: between those who are admitted and have a connection."""
        there = [name for name in self._seats if name in self._admitted]
        self._routes = {
            name: [self._seats[other] for other in there if other != name] for name in there
        }

    def _forward(
        self, publisher: Seat, subscriber: Seat, packet: bytes, track: Track, repair: bool
    ) -> None:
        copy = subscriber.sink.forward(packet, track, repair, self._clock())
        if copy is None:
            self._counters["rtp_not_wanted"] += 1
            return
        subscriber.link.send_rtp(copy)
        publisher.forwarded += 1
        self._counters["rtp_out"] += 1

    def _for_subscriber(self, blocks: list[Block], publisher: Seat, other: Seat) -> list[Block]:
        """The publisher's sender reports. SDES and BYE are not forwarded: a BYE ends nothing."""
        passed = []
        for block in blocks:
            if block.kind == rtcp.SENDER_REPORT:
                found = publisher.sources.get(rtcp.sender(block))
                outlet = found and other.sink.outlets.get(found[0].kind)
                if found and not found[1] and outlet and outlet.flows:
                    ssrc = outlet.track.ssrc_out
                    passed.append(rtcp.sender_report(block, ssrc, outlet.shift))
        return passed

    def _for_publisher(self, blocks: list[Block], subscriber: Seat, other: Seat) -> list[Block]:
        """What a subscriber says about the streams that he gets from `other`."""
        reports = [
            report
            for block in blocks
            if block.kind in (rtcp.SENDER_REPORT, rtcp.RECEIVER_REPORT)
            for report in rtcp.reports(block)
        ]
        passed = list(_translated_reports(reports, subscriber.sink, other.sender))
        for block in blocks:
            if block.kind == rtcp.TRANSPORT_FEEDBACK:
                passed += self._transport_feedback(block, subscriber, other)
            elif block.kind == rtcp.PAYLOAD_FEEDBACK:
                passed += self._payload_feedback(block, subscriber, other)
        return passed

    def _transport_feedback(self, block: Block, subscriber: Seat, other: Seat) -> list[Block]:
        origin = _origin(subscriber.sink, rtcp.media(block))
        if origin is None:
            return []
        if block.count == rtcp.TRANSPORT_CC:
            shift = subscriber.sink.transport_shift
            return [rtcp.transport_feedback(block, origin[1], shift)]
        if block.count == rtcp.NACK and rtcp.media(block) in _cached(subscriber.sink):
            return self._repair(rtcp.nack_numbers(block), origin, subscriber, other)
        return []

    def _payload_feedback(self, block: Block, subscriber: Seat, other: Seat) -> list[Block]:
        if block.count in (rtcp.PLI, rtcp.FIR):
            self._ask_for_picture(other)
        elif block.count == rtcp.REMB and rtcp.is_remb(block):
            return [rtcp.translate_remb(block, _origins(subscriber.sink))]
        return []

    def _repair(
        self, numbers: list[int], origin: tuple[Outlet, int], subscriber: Seat, other: Seat
    ) -> list[Block]:
        """Answer a NACK from the cache; what is missing there is asked of the publisher."""
        outlet, ssrc = origin
        wanted = [outlet.shift.sequence_back(number) for number in numbers]
        cached = [packet for number in wanted if (packet := other.find(number))]
        for copy in subscriber.sink.retransmit(outlet, cached, self._clock()):
            subscriber.link.send_rtp(copy)
            self._counters["nack_cache"] += 1
        missing = [number for number in wanted if not other.find(number)][:MOST_NACKS]
        self._counters["nack_upstream"] += len(missing)
        return [rtcp.nack(other.sender, ssrc, missing)] if missing else []

    def _refresh(self) -> None:
        self._route()
        for name, seat in self._seats.items():
            if self._others(name):
                self._ask_for_picture(seat)

    def _ask_for_picture(self, publisher: Seat) -> None:
        """Ask for a key frame: now, or when half a second has passed since the last time."""
        wait = publisher.asked + PICTURE_EVERY - self._clock()
        if wait <= 0:
            self._send_picture_request(publisher)
        elif not publisher.asking:
            publisher.asking = True
            self._later(wait, lambda: self._send_picture_request(publisher))

    def _send_picture_request(self, publisher: Seat) -> None:
        publisher.asking = False
        publisher.asked = self._clock()
        video = publisher.link.tracks.get("video")
        if video and video.ssrcs_in and publisher in self._seats.values():
            self._counters["pli_out"] += 1
            self._send_rtcp(publisher, [rtcp.pli(publisher.sender, video.ssrcs_in[0])])

    def _send_rtcp(self, seat: Seat, blocks: list[Block]) -> None:
        if blocks:
            seat.link.send_rtcp(rtcp.join(blocks))


def _origin(sink: Sink, ssrc: int) -> tuple[Outlet, int] | None:
    """The outlet that an outgoing SSRC belongs to, and the publisher's SSRC behind it."""
    found = sink.by_ssrc.get(ssrc)
    if found is None:
        return None
    outlet, place = found
    sources = outlet.publisher.ssrcs_in if outlet.publisher else ()
    return (outlet, sources[place]) if place < len(sources) and outlet.flows else None


def _cached(sink: Sink) -> set[int]:
    """The outgoing streams whose packets are cached: picture, not sound, not RTX."""
    video = sink.outlets.get("video")
    return {video.track.ssrc_out} if video else set()


def _origins(sink: Sink) -> dict[int, int]:
    found = {ssrc: _origin(sink, ssrc) for ssrc in sink.by_ssrc}
    return {ssrc: origin[1] for ssrc, origin in found.items() if origin}


def _translated_reports(reports: list[bytes], sink: Sink, sender: int) -> Iterator[Block]:
    # Reports on an RTX stream speak of our numbers, which mean nothing to the publisher. The last
    # one on each stream counts, however many there are.
    media = {outlet.track.ssrc_out for outlet in sink.outlets.values()}
    own = {
        origin[1]: rtcp.translate_report(report, origin[1], origin[0].shift)
        for report in reports
        if rtcp.report_ssrc(report) in media and (origin := _origin(sink, rtcp.report_ssrc(report)))
    }
    if own:
        yield rtcp.receiver_report(sender, [*own.values()])
