"""All that one connection is sent: a slot for each other person, and what they share.

The line to a browser is one, whoever is shown: repairs share a budget, and so do the numbers by
which browsers measure the line. With one other those numbers are the publisher's own, so that what
the receiver says of them is true for the sender. With two there would be two counts in one; then
packets carry the time at which we sent them instead, and the receiver estimates its line (REMB).
"""

from collections.abc import Iterable

from venterom.rtc import rtp
from venterom.rtc.limits import Bucket
from venterom.rtc.offer import ABS_SEND_TIME, TRANSPORT_CC
from venterom.rtc.outlet import Outlet, Slot
from venterom.rtc.streams import Slots, Track

REPAIR_RATE = 1_500_000 / 8  # bytes a second answered from the cache; a NACK is small, we are not


class Sink:
    """What one connection is sent. `shared`: it is shown more than one other."""

    __slots__ = ("_anchored", "_mark", "_repairs", "shared", "slots", "transport_shift")

    def __init__(self, slots: Slots, first_repair: int, now: float) -> None:
        self.slots = [Slot(tracks, first_repair) for tracks in slots]
        self.shared = False
        self.transport_shift = 0
        self._mark: int | None = None
        self._anchored = False
        self._repairs = Bucket(REPAIR_RATE, REPAIR_RATE, now)

    def anew(self) -> None:
        """Transport-wide numbers come from somebody else now, and go on from where they are."""
        self._anchored = False

    def forward(
        self, slot: Slot, packet: bytes, track: Track, repair: bool, now: float
    ) -> bytearray | None:
        """A publisher's packet for this subscriber; None when it does not concern him."""
        outlet = slot.outlets.get(track.kind)
        if outlet is None:
            return None
        copy = outlet.repair(packet) if repair else outlet.media(packet, now)
        if copy is not None:
            if self.shared:
                _stamp(copy, outlet.track, now)
            else:
                self._count_transport(copy, outlet.track)
        return copy

    def retransmit(self, outlet: Outlet, packets: Iterable[bytes], now: float) -> list[bytearray]:
        """Cached packets for this subscriber, as many as his share of the line allows."""
        copies = [
            outlet.retransmission(packet)
            for packet in packets
            if self._repairs.take(len(packet), now)
        ]
        for copy in copies:
            if self.shared:
                _stamp(copy, outlet.track, now)
            else:
                self._shift_transport(copy, outlet.track)
        return copies

    def _count_transport(self, packet: bytearray, track: Track) -> None:
        number = track.extensions.get(TRANSPORT_CC)
        found = rtp.extension_number(packet, number) if number else None
        if found is None:
            return
        came, position = found
        if not self._anchored:
            last = came - 1 if self._mark is None else self._mark
            self.transport_shift = (last + 1 - came) % rtp.SEQUENCES
            self._anchored = True
        sent = (came + self.transport_shift) % rtp.SEQUENCES
        if sent != came:
            rtp.set_short(packet, position, sent)
        if self._mark is None or rtp.ahead(sent, self._mark) > 0:
            self._mark = sent

    def _shift_transport(self, packet: bytearray, track: Track) -> None:
        number = track.extensions.get(TRANSPORT_CC)
        if number is not None:
            rtp.add_to_extension(packet, number, self.transport_shift)


def _stamp(packet: bytearray, track: Track, now: float) -> None:
    """Our time of sending, in place of numbers that mean nothing beside another publisher's."""
    wide, time = (track.extensions.get(uri) for uri in (TRANSPORT_CC, ABS_SEND_TIME))
    for position, number, length in rtp.extensions(packet):
        if number == wide:
            packet[position : position + 1 + length] = bytes(1 + length)
        elif number == time and length == rtp.TIME_BYTES:
            packet[position + 1 : position + 1 + length] = rtp.send_time(now)
