"""Packets from one person of a room to the others, never decoded.

No route exists between two seats until both have been admitted (invariant I6): every road out of
here is a member's route, and `_route` alone makes them.
"""

from collections.abc import Callable, Iterable, Iterator

from venterom.rtc import rtcp, rtp
from venterom.rtc.member import Link, Member, Route
from venterom.rtc.outlet import Outlet, Slot
from venterom.rtc.reports import Counters
from venterom.rtc.rtcp import Block
from venterom.rtc.streams import Track

PICTURE_EVERY = 0.5  # seconds between two requests for a key frame to one publisher (cC15)
MOST_NACKS = 128  # numbers of one NACK that are passed on to the publisher
TALKERS = 2  # whose call it is: the first two that are admitted
AMPLE = 3_000_000  # bits a second: as much as anybody may send (rtc/sieve.py), so no limit

Later = Callable[[float, Callable[[], None]], object]


class Forwarder:
    """The routes of one room. `clock` counts seconds; `later` calls back after some."""

    def __init__(
        self, counters: Counters, clock: Callable[[], float], later: Later, first_repair: int
    ) -> None:
        self._counters = counters
        self._clock = clock
        self._later = later
        self._first_repair = first_repair  # a random number (RFC 3550 5.1), from outside
        self._members: dict[str, Member] = {}
        self._admitted: tuple[str, ...] = ()

    def attach(self, name: str, link: Link) -> None:
        """This connection is the seat's from now on; the one before has no route any more."""
        self._part(name)
        self._members[name] = Member(link, self._first_repair, self._clock())
        self._refresh()

    def detach(self, name: str) -> None:
        """The seat's connection is gone; whether it may come back is not decided here."""
        self._part(name)
        self._route()

    def admit(self, names: Iterable[str]) -> None:
        """These seats, and no others, may see and hear each other.

        Each one's slots show the others in this order, whether they are there or not, so a page
        knows who is who. The call is between the first two.
        """
        admitted = tuple(dict.fromkeys(names))
        if {*admitted} != {*self._admitted}:
            for member in self._members.values():
                member.forget()
        self._admitted = admitted
        self._refresh()

    def dismiss(self, name: str) -> None:
        """The seat has left: no packet to or from it from this moment."""
        self._admitted = tuple(each for each in self._admitted if each != name)
        self.detach(name)

    @property
    def talkers(self) -> tuple[str, ...]:
        """The two whose call it is, when both have been admitted."""
        return self._admitted[:TALKERS]

    @property
    def talking(self) -> bool:
        """Whether the two whose call it is are both seen or heard."""
        two = [self._members.get(name) for name in self.talkers]
        return len(two) == TALKERS and all(member is not None and member.flows for member in two)

    def on_rtp(self, name: str, packet: bytes) -> None:
        """A decrypted RTP packet from this seat. Raises ValueError when it is malformed."""
        publisher = self._members.get(name)
        source = publisher and publisher.sources.get(rtp.ssrc(packet))
        if not publisher or not source:
            self._counters["rtp_unknown"] += 1
            return
        if packet[1] & 0x7F != source.payload_type:  # beside it is the marker bit
            self._counters["rtp_other_codec"] += 1
            return
        now, copies = self._clock(), 0
        for sink, outlet, link in source.receivers:
            head = sink.head(outlet, packet, source.is_repair, now)
            if head is not None:
                link.send_rtp(packet, head)
                copies += 1
        self._counters["rtp_out" if copies else "rtp_not_wanted"] += copies or 1
        publisher.forwarded += copies
        if copies and source.is_kept:  # what nobody was sent, nobody misses
            publisher.keep(packet)
        if publisher.shares:
            self._tell_arrival(publisher, packet, source.track, now)

    def on_rtcp(self, name: str, data: bytes) -> None:
        """A decrypted RTCP packet from this seat. Raises ValueError when it is malformed."""
        member = self._members.get(name)
        if member is None:
            return
        blocks = rtcp.split(data)
        self._judge_line(blocks, member)
        for route in member.routes:
            self._send_rtcp(route.other, _for_subscriber(blocks, member, route))
            self._send_rtcp(route.other, self._for_publisher(blocks, member, route))

    def _part(self, name: str) -> None:
        """What is known of this connection is forgotten, by itself and by the others: so all that
        was kept of it is freed at once."""
        gone = self._members.pop(name, None)
        if gone is None:
            return
        gone.routes = ()
        gone.losses.clear()
        for member in self._members.values():
            member.losses.pop(gone, None)

    def _route(self) -> None:
        """Only here do routes come to be: between those who are admitted and have a connection."""
        for name, member in self._members.items():
            member.routes = [*self._routes_of(name)] if name in self._admitted else ()
            if member.shares != (len(member.routes) > 1):
                member.share(len(member.routes) > 1, self._clock())
        for member in self._members.values():
            self._allow(member)

    def _routes_of(self, name: str) -> Iterator[Route]:
        """A slot is for one seat: two of three keep theirs when the third comes or goes."""
        for other in self._admitted:
            if other != name and other in self._members:
                yield Route(
                    self._members[other], self._shown(name, to=other), self._shown(other, to=name)
                )

    def _shown(self, name: str, *, to: str) -> Slot | None:
        """The slot of one member that shows another one; None when there are too few."""
        sink = self._members[to].sink
        place = [each for each in self._admitted if each != to].index(name)
        if place >= len(sink.slots):
            return None
        if sink.slots[place].show(self._members[name].tracks):
            sink.anew()
        return sink.slots[place]

    def _tell_arrival(self, publisher: Member, packet: bytes, track: Track, now: float) -> None:
        """With several receivers, each publisher hears from us how his packets come to us."""
        publisher.arrived(packet, track, now)
        said = publisher.arrivals.report(now)
        if said:
            about = track.ssrcs_in[0]
            self._send_rtcp(publisher, [rtcp.arrivals(publisher.sender, about, said)])

    def _judge_line(self, blocks: list[Block], subscriber: Member) -> None:
        """With several publishers, we alone know what a line to one who is shown them takes."""
        downlink = subscriber.sink.downlink
        if downlink is None:
            return
        for block in blocks:
            if (block.kind, block.count) == (rtcp.TRANSPORT_FEEDBACK, rtcp.TRANSPORT_CC):
                downlink.told(block.body[8:], self._clock(), AMPLE * len(subscriber.routes))
        for route in subscriber.routes:
            self._allow(route.other)

    def _allow(self, publisher: Member) -> None:
        """Tell a browser how much it may send at most, when that has changed."""
        allowed = _least_share(publisher)
        if allowed != publisher.allowed:
            publisher.allowed = allowed
            ssrcs = [track.ssrcs_in[0] for track in publisher.tracks.values() if track.ssrcs_in]
            bits = AMPLE if allowed is None else allowed
            self._send_rtcp(publisher, [rtcp.remb(publisher.sender, bits, ssrcs)])

    def _for_publisher(self, blocks: list[Block], subscriber: Member, route: Route) -> list[Block]:
        """What a subscriber says about the streams that he gets from the route's other."""
        publisher, _, slot = route
        if slot is None:
            return []
        passed = [*_reports(blocks, subscriber, publisher, slot)]
        for block in blocks:
            if block.kind == rtcp.TRANSPORT_FEEDBACK:
                passed += self._transport_feedback(block, subscriber, publisher, slot)
            elif block.kind == rtcp.PAYLOAD_FEEDBACK:
                passed += self._payload_feedback(block, subscriber, publisher, slot)
        return passed

    def _transport_feedback(
        self, block: Block, subscriber: Member, publisher: Member, slot: Slot
    ) -> list[Block]:
        origin = slot.origin(rtcp.media(block))
        if origin is None:
            return []
        if block.count == rtcp.TRANSPORT_CC and not subscriber.shares:
            shift = subscriber.sink.transport_shift
            return [rtcp.transport_feedback(block, origin[1], shift)]
        if block.count == rtcp.NACK and slot.is_cached(rtcp.media(block)):
            return self._repair(rtcp.nack_numbers(block), origin, subscriber, publisher)
        return []

    def _payload_feedback(
        self, block: Block, subscriber: Member, publisher: Member, slot: Slot
    ) -> list[Block]:
        if block.count in (rtcp.PLI, rtcp.FIR) and rtcp.media(block) in slot.by_ssrc:
            self._ask_for_picture(publisher)
        elif block.count == rtcp.REMB and rtcp.is_remb(block) and not subscriber.shares:
            return [rtcp.translate_remb(block, slot.origins())]
        return []

    def _repair(
        self, numbers: list[int], origin: tuple[Outlet, int], subscriber: Member, other: Member
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
        for member in self._members.values():
            if member.routes:
                self._ask_for_picture(member)

    def _ask_for_picture(self, publisher: Member) -> None:
        """Ask for a key frame: now, or when half a second has passed since the last time."""
        wait = publisher.asked + PICTURE_EVERY - self._clock()
        if wait <= 0:
            self._send_picture_request(publisher)
        elif not publisher.asking:
            publisher.asking = True
            self._later(wait, lambda: self._send_picture_request(publisher))

    def _send_picture_request(self, publisher: Member) -> None:
        publisher.asking = False
        publisher.asked = self._clock()
        video = publisher.tracks.get("video")
        if video and video.ssrcs_in and publisher in self._members.values():
            self._counters["pli_out"] += 1
            self._send_rtcp(publisher, [rtcp.pli(publisher.sender, video.ssrcs_in[0])])

    def _send_rtcp(self, member: Member, blocks: list[Block]) -> None:
        if blocks:
            member.link.send_rtcp(rtcp.join(blocks))


def _for_subscriber(blocks: list[Block], publisher: Member, route: Route) -> list[Block]:
    """The publisher's sender reports. SDES and BYE are not forwarded: a BYE ends nothing."""
    passed = []
    for block in blocks:
        if block.kind == rtcp.SENDER_REPORT and route.there:
            source = publisher.sources.get(rtcp.sender(block))
            outlet = source and route.there.outlets.get(source.track.kind)
            if source and not source.is_repair and outlet and outlet.flows:
                passed.append(rtcp.sender_report(block, outlet.track.ssrc_out, outlet.shift))
    return passed


def _reports(
    blocks: list[Block], subscriber: Member, publisher: Member, slot: Slot
) -> Iterator[Block]:
    """The subscriber's reports in the publisher's numbers; of several subscribers, those of the one
    who loses most: the publisher keeps to his pace."""
    # Reports on an RTX stream speak of our numbers, which mean nothing to the publisher. The last
    # one on each stream counts, however many there are.
    media = {outlet.track.ssrc_out for outlet in slot.outlets.values()}
    said = {
        origin[1]: rtcp.translate_report(report, origin[1], origin[0].shift)
        for block in blocks
        if block.kind in (rtcp.SENDER_REPORT, rtcp.RECEIVER_REPORT)
        for report in rtcp.reports(block)
        if rtcp.report_ssrc(report) in media and (origin := slot.origin(rtcp.report_ssrc(report)))
    }
    if said:
        publisher.losses[subscriber] = lost = max(map(rtcp.fraction_lost, said.values()))
        if lost >= max(publisher.losses.values()):
            yield rtcp.receiver_report(publisher.sender, [*said.values()])


def _least_share(publisher: Member) -> int | None:
    """Bits a second that the slowest line takes of him; None when all take whatever he sends."""
    shares = [
        int(downlink.limit / len(route.other.routes))
        for route in publisher.routes
        if (downlink := route.other.sink.downlink) and downlink.limit is not None
    ]
    return min(shares, default=None)
