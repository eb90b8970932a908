"""What one connection has agreed on: slots of sound and picture, the first in both directions, the
others to the browser only; and how the numbers of one browser are translated into those of another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from venterom.rtc.offer import EXTENSION_BYTES, Offer, Section

CLOCK_RATES = {"audio": 48_000, "video": 90_000}  # RTP ticks a second (RFC 7587, RFC 7741)


@dataclass(frozen=True, slots=True)
class Track:
    """One kind of media on one connection; "in" is what the browser sends, "out" what we send."""

    kind: str
    payload_type: int
    repair_type: int | None  # of RTX, when the browser has it
    extensions: Mapping[str, int]  # URI -> id
    ssrcs_in: tuple[int, ...]  # the media, then its RTX; empty when the browser sends nothing
    ssrc_out: int
    repair_out: int

    @property
    def clock_rate(self) -> int:
        """Ticks of the RTP clock in a second."""
        return CLOCK_RATES[self.kind]

    @property
    def outgoing(self) -> dict[int, int]:
        """Our SSRC -> 0 for the media, 1 for its RTX: the places in `ssrcs_in`."""
        return {self.ssrc_out: 0, self.repair_out: 1}


Slots = Sequence[Mapping[str, Track]]  # kind -> track, for each other that can be shown


def tracks(offer: Offer, outgoing: Iterable[tuple[int, int]]) -> list[Track]:
    """The track of each section of an offer; `outgoing` has our two SSRCs for each of them."""
    return [_track(section, *ours) for section, ours in zip(offer.sections, outgoing, strict=True)]


def slots(found: Iterable[Track]) -> Slots:
    """The first track of each kind is in the first slot, the second in the second."""
    filled: list[dict[str, Track]] = [{}]
    for track in found:
        slot = next((slot for slot in filled if track.kind not in slot), None)
        if slot is None:
            slot = {}
            filled.append(slot)
        slot[track.kind] = track
    return filled


def _track(section: Section, ssrc_out: int, repair_out: int) -> Track:
    return Track(
        kind=section.kind,
        payload_type=section.payload_type,
        repair_type=section.repair_type,
        extensions=section.extensions,
        ssrcs_in=section.ssrcs if section.sends else (),
        ssrc_out=ssrc_out,
        repair_out=repair_out,
    )


def translation(publisher: Track, subscriber: Track) -> dict[int, tuple[int, int]]:
    """Extension ids of the publisher -> those of the subscriber, and how long each has to be."""
    return {
        number: (subscriber.extensions[uri], EXTENSION_BYTES[uri])
        for uri, number in publisher.extensions.items()
        if uri in subscriber.extensions
    }
