"""What one connection has agreed on: one track for sound and one for picture, in both directions,
and how the numbers of one browser are translated into those of another."""

from collections.abc import Mapping
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


def tracks(offer: Offer, outgoing: Mapping[str, tuple[int, int]]) -> dict[str, Track]:
    """The tracks of a connection; `outgoing` has our two SSRCs for each kind."""
    return {section.kind: _track(section, *outgoing[section.kind]) for section in offer.sections}


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
