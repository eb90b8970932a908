"""All that one connection is sent: a slot for each other person, and what they share.

The line to a browser is one, whoever is shown: repairs share a budget, and all packets share the
numbers by which browsers measure the line. With one other those numbers are the publisher's own, so
that what the receiver says of them is true for the sender. With two there would be two counts in
one; then they are ours, and we judge what the line takes (rtc/downlink.py).
"""

from collections.abc import Iterable

from venterom.rtc import rtp
from venterom.rtc.downlink import Downlink
from venterom.rtc.limits import Bucket
from venterom.rtc.offer import TRANSPORT_CC
from venterom.rtc.outlet import Outlet, Slot
from venterom.rtc.streams import Slots

REPAIR_RATE = 1_500_000 / 8  # bytes a second answered from the cache; a NACK is small, we are not


class Sink:
    """What one connection is sent. `downlink` is there when it is shown more than one other."""

    __slots__ = ("_anchored", "_mark", "_repairs", "downlink", "slots", "transport_shift")

    def __init__(self, slots: Slots, first_repair: int, now: float) -> None:
        self.slots = [Slot(tracks, first_repair) for tracks in slots]
        self.downlink: Downlink | None = None
        self.transport_shift = 0
        self._mark: int | None = None
        self._anchored = False
        self._repairs = Bucket(REPAIR_RATE, REPAIR_RATE, now)

    def anew(self) -> None:
        """Transport-wide numbers come from somebody else now, and go on from where they are."""
        self._anchored = False

    def head(self, outlet: Outlet, packet: bytes, is_repair: bool, now: float) -> bytearray | None:
        """What this subscriber gets in place of the first bytes of a publisher's packet; None when
        it cannot be placed. Raises ValueError when it is malformed."""
        if is_repair:
            head, place = outlet.repair(packet), outlet.repair_form.place
        else:
            head, place = outlet.media(packet, now), outlet.form.place
        if head is not None and place is not None:
            self._count(head, place, len(packet), now)
        return head

    def retransmit(self, outlet: Outlet, packets: Iterable[bytes], now: float) -> list[bytearray]:
        """Cached packets for this subscriber, as many as his share of the line allows."""
        copies = [
            outlet.retransmission(packet)
            for packet in packets
            if self._repairs.take(len(packet), now)
        ]
        number = outlet.track.extensions.get(TRANSPORT_CC, 0)
        for copy in copies:
            if self.downlink is None:
                rtp.add_to_extension(copy, number, self.transport_shift)
            elif found := rtp.extension_number(copy, number):
                self._count(copy, found[1], len(copy), now)
        return copies

    def _count(self, packet: bytearray, place: int, length: int, now: float) -> None:
        """Write the transport-wide number that lies there: ours, or the publisher's gone on."""
        if self.downlink is not None:
            self._mark = ((self._mark or 0) + 1) % rtp.SEQUENCES
            rtp.set_short(packet, place, self._mark)
            self.downlink.sent(self._mark, length, now)
            return
        sent = packet[place] << 8 | packet[place + 1]
        if not self._anchored:
            last = sent - 1 if self._mark is None else self._mark
            self.transport_shift = (last + 1 - sent) % rtp.SEQUENCES
            self._anchored = True
        if self.transport_shift:
            sent = (sent + self.transport_shift) % rtp.SEQUENCES
            rtp.set_short(packet, place, sent)
        if self._mark is None or rtp.is_newer(sent, self._mark):
            self._mark = sent
