"""What one person is sent of another: his packets, in the numbers of one's own connection.

A subscriber's stream never breaks: when the publisher comes back with a new connection, whose
numbers start anew, the new packets are spliced to the old ones (design: one outgoing SSRC for
each publisher's seat and subscriber).
"""

from collections.abc import Mapping

from venterom.rtc import rtp
from venterom.rtc.form import Form
from venterom.rtc.offer import TRANSPORT_CC
from venterom.rtc.rtp import Mark
from venterom.rtc.streams import Track, translation


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
        self.shift = rtp.UNSHIFTED
        self._dress({})
        self._newest: bytearray | None = None  # head that was sent, its number, and when
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
        """The head that a packet of the publisher's media stream has here."""
        if not self._anchored:
            self.shift = rtp.splice(self._mark(), packet, now, self.track.clock_rate)
            self._anchored = True
        head = self.form.head(packet)
        if self.shift is not rtp.UNSHIFTED:
            self.shift.apply(head)
        number = head[2] << 8 | head[3]
        if self._newest is None or rtp.is_newer(number, self._number):
            self._newest, self._number, self._newest_at = head, number, now
        return head

    def _mark(self) -> Mark | None:
        newest = self._newest
        if newest is None:
            return None
        return Mark(self._number, rtp.timestamp(newest), self._newest_at)

    def repair(self, packet: bytes) -> bytearray | None:
        """The head that a packet of the publisher's RTX stream has here, with the number in front
        of its payload; None if it cannot be placed."""
        if not self._anchored or self.track.repair_type is None:
            return None
        head = self.repair_form.head(packet)
        self.shift.apply(head)
        head += rtp.shifted_original(packet, len(head), self.shift)
        rtp.renumber(head, self._next_repair())
        return head

    def retransmission(self, packet: bytes) -> bytearray:
        """A packet out of the cache: as RTX, or once more as it was where there is no RTX."""
        copy = self.form.head(packet)
        self.shift.apply(copy)
        copy += packet[len(copy) :]
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


class Slot:
    """The outlets in which one connection is shown one other person."""

    __slots__ = ("_shown", "by_ssrc", "outlets")

    def __init__(self, tracks: Mapping[str, Track], first_repair: int) -> None:
        self._shown: Mapping[str, Track] | None = None
        self.outlets = {kind: Outlet(track, first_repair) for kind, track in tracks.items()}
        self.by_ssrc = {
            ssrc: (outlet, place)
            for outlet in self.outlets.values()
            for ssrc, place in outlet.track.outgoing.items()
        }

    def show(self, publisher: Mapping[str, Track]) -> bool:
        """Take packets of this connection from now on; says whether it is another than before."""
        if publisher is self._shown:
            return False
        self._shown = publisher
        for kind, outlet in self.outlets.items():
            outlet.connect(publisher.get(kind))
        return True

    @property
    def sender(self) -> int:
        """The stream by which this connection knows who is shown here."""
        return next(iter(self.outlets.values())).track.ssrc_out

    def origin(self, ssrc: int) -> tuple[Outlet, int] | None:
        """The outlet that an outgoing SSRC belongs to, and the publisher's SSRC behind it."""
        found = self.by_ssrc.get(ssrc)
        if found is None:
            return None
        outlet, place = found
        sources = outlet.publisher.ssrcs_in if outlet.publisher else ()
        return (outlet, sources[place]) if place < len(sources) and outlet.flows else None

    def origins(self) -> dict[int, int]:
        """Each outgoing SSRC that flows -> the publisher's."""
        found = {ssrc: self.origin(ssrc) for ssrc in self.by_ssrc}
        return {ssrc: origin[1] for ssrc, origin in found.items() if origin}

    def is_cached(self, ssrc: int) -> bool:
        """Whether packets of this outgoing stream are cached: picture, not sound, not RTX."""
        video = self.outlets.get("video")
        return video is not None and ssrc == video.track.ssrc_out
