"""What one person is sent: another one's packets in the numbers of his own connection.

A subscriber's stream never breaks: when the publisher comes back with a new connection, whose
numbers start anew, the new packets are spliced to the old ones (design: one outgoing SSRC for
each publisher's seat and subscriber).
"""

from collections.abc import Iterable, Mapping

from venterom.rtc import rtp
from venterom.rtc.form import Form
from venterom.rtc.limits import Bucket
from venterom.rtc.offer import TRANSPORT_CC
from venterom.rtc.rtp import Mark, Shift
from venterom.rtc.streams import Track, translation

REPAIR_RATE = 1_500_000 / 8  # bytes a second answered from the cache; a NACK is small, we are not


class Outlet:
    """One outgoing stream and its RTX. Everything on the RTX stream, our answers, the publisher's
    own retransmissions and its probes, is numbered from ONE counter: with two the receiver's
    replay window breaks and the picture stalls under loss (rtc.md 6.4)."""

    __slots__ = (
        *("_anchored", "_newest", "_newest_at", "_number", "_repairs"),
        *("form", "publisher", "repair_form", "shift", "track"),
    )

    def __init__(self, track: Track, first_repair: int) -> None:
        self.track = track
        self.publisher: Track | None = None
        self.shift = Shift()
        self._dress({})
        self._newest: bytearray | None = None  # packet that was sent, its number, and when
        self._number = 0
        self._newest_at = 0.0
        self._anchored = False
        self._repairs = first_repair

    @property
    def flows(self) -> bool:
        """Whether the shift is known: a packet of the present publisher has been sent."""
        return self._anchored

    def connect(self, publisher: Track | None) -> None:
        """From now on packets come from this track, whose numbers have nothing to do with the
        numbers before."""
        self.publisher = publisher
        self._dress(translation(publisher, self.track) if publisher else {})
        self._anchored = False

    def media(self, packet: bytes, now: float) -> bytearray:
        """A packet of the publisher's media stream, readdressed."""
        if not self._anchored:
            self.shift = rtp.splice(self._mark(), packet, now, self.track.clock_rate)
            self._anchored = True
        copy = self.form.copy(packet)
        self.shift.apply(copy)
        number = rtp.sequence(copy)
        if self._newest is None or rtp.ahead(number, self._number) > 0:
            self._newest, self._number, self._newest_at = copy, number, now
        return copy

    def _mark(self) -> Mark | None:
        newest = self._newest
        if newest is None:
            return None
        return Mark(self._number, rtp.timestamp(newest), self._newest_at)

    def repair(self, packet: bytes) -> bytearray | None:
        """A packet of the publisher's RTX stream, readdressed; None if it cannot be placed."""
        if not self._anchored or self.track.repair_type is None:
            return None
        copy = self.repair_form.copy(packet)
        self.shift.apply(copy)
        rtp.shift_original(copy, self.shift)
        rtp.renumber(copy, self._next_repair())
        return copy

    def retransmission(self, packet: bytes) -> bytearray:
        """A packet out of the cache: as RTX, or once more as it was where there is no RTX."""
        copy = self.form.copy(packet)
        self.shift.apply(copy)
        if self.track.repair_type is None:
            return copy
        return rtp.wrap_rtx(
            copy,
            ssrc=self.track.repair_out,
            payload_type=self.track.repair_type,
            number=self._next_repair(),
        )

    def _dress(self, ids: Mapping[int, tuple[int, int]]) -> None:
        track, number = self.track, self.track.extensions.get(TRANSPORT_CC, 0)
        self.form = Form(track.ssrc_out, track.payload_type, ids, number)
        self.repair_form = Form(track.repair_out, track.repair_type or 0, ids, number)

    def _next_repair(self) -> int:
        number = self._repairs
        self._repairs = (number + 1) % rtp.SEQUENCES
        return number


class Sink:
    """All that one connection is sent: its outlets, and the transport-wide numbers they share."""

    __slots__ = ("_mark", "_repairs", "by_ssrc", "outlets", "transport_shift", "_anchored")

    def __init__(self, tracks: Mapping[str, Track], first_repair: int, now: float) -> None:
        self.outlets = {kind: Outlet(track, first_repair) for kind, track in tracks.items()}
        self.by_ssrc = {
            ssrc: (outlet, place)
            for outlet in self.outlets.values()
            for ssrc, place in outlet.track.outgoing.items()
        }
        self.transport_shift = 0
        self._mark: int | None = None
        self._anchored = False
        self._repairs = Bucket(REPAIR_RATE, REPAIR_RATE, now)

    def connect(self, tracks: Mapping[str, Track]) -> None:
        """Take packets from this publisher's connection, until the next call."""
        for kind, outlet in self.outlets.items():
            outlet.connect(tracks.get(kind))
        self._anchored = False

    def forward(self, packet: bytes, track: Track, repair: bool, now: float) -> bytearray | None:
        """A publisher's packet for this subscriber; None when it does not concern him."""
        outlet = self.outlets.get(track.kind)
        if outlet is None:
            return None
        copy = outlet.repair(packet) if repair else outlet.media(packet, now)
        place = (outlet.repair_form if repair else outlet.form).place
        if copy is not None and place is not None:
            self._count_transport(copy, place)
        return copy

    def retransmit(self, outlet: Outlet, packets: Iterable[bytes], now: float) -> list[bytearray]:
        """Cached packets for this subscriber, as many as his share of the line allows."""
        copies = [
            outlet.retransmission(packet)
            for packet in packets
            if self._repairs.take(len(packet), now)
        ]
        for copy in copies:
            self._shift_transport(copy, outlet.track)
        return copies

    def _count_transport(self, packet: bytearray, place: int) -> None:
        came = rtp.short(packet, place)
        if not self._anchored:
            last = came - 1 if self._mark is None else self._mark
            self.transport_shift = (last + 1 - came) % rtp.SEQUENCES
            self._anchored = True
        sent = (came + self.transport_shift) % rtp.SEQUENCES
        if sent != came:
            rtp.set_short(packet, place, sent)
        if self._mark is None or rtp.ahead(sent, self._mark) > 0:
            self._mark = sent

    def _shift_transport(self, packet: bytearray, track: Track) -> None:
        number = track.extensions.get(TRANSPORT_CC)
        if number is not None:
            rtp.add_to_extension(packet, number, self.transport_shift)
