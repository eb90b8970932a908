"""The SDP answer: the offer in our own words, with our addresses, certificate and streams."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aiortc import RTCIceCandidate, RTCIceParameters
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.sdp import (
    GroupDescription,
    MediaDescription,
    SessionDescription,
    SsrcDescription,
)

from venterom.rtc.offer import Offer
from venterom.rtc.streams import Track

ANSWERS = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
STREAM = "room"  # and a number: the stream that one other's sound and picture belong to
HOST_PRIORITY = 126 << 24 | 65_535 << 8 | 255  # of the best host candidate (RFC 8445 5.1.2.1)
PREFERENCE = 1 << 8  # one step of preference among our own addresses, the first before the others
# Opus carries each frame once more, at low rate, in the next packet: heals single losses.
OPUS = {"minptime": 10, "useinbandfec": 1}


@dataclass(frozen=True, slots=True)
class Own:
    """Our side of a connection."""

    user: str
    password: str
    fingerprint: str  # sha-256 of our certificate
    addresses: Sequence[tuple[str, int]]


def write(offer: Offer, own: Own, tracks: Iterable[Track]) -> str:
    """The answer, with one track for each section. What aiortc parses here is text of our own
    making, see Offer.text()."""
    description = SessionDescription.parse(offer.text())
    slot: Counter[str] = Counter()
    for media, section, track in zip(description.media, offer.sections, tracks, strict=True):
        slot[section.kind] += 1
        media.direction = ANSWERS[section.direction]
        media.port, media.host = own.addresses[0][1], own.addresses[0][0]
        media.rtcp_port, media.rtcp_host = 9, "0.0.0.0"  # meaningless: RTCP comes on the same port
        media.ice = RTCIceParameters(iceLite=True, usernameFragment=own.user, password=own.password)
        media.dtls = RTCDtlsParameters(
            [RTCDtlsFingerprint("sha-256", own.fingerprint)], role="server"
        )
        media.ice_candidates, media.ice_candidates_complete = [*_candidates(own)], True
        _name_streams(media, track, f"{STREAM}{slot[section.kind]}")
        if section.kind == "audio":
            media.rtp.codecs[0].parameters = {**OPUS}
    return str(description)


def _candidates(own: Own) -> Iterator[RTCIceCandidate]:
    for place, (host, port) in enumerate(own.addresses):
        yield RTCIceCandidate(
            component=1,
            foundation=f"{place + 1}",
            ip=host,
            port=port,
            priority=HOST_PRIORITY - place * PREFERENCE,
            protocol="udp",
            type="host",
        )


def _name_streams(media: MediaDescription, track: Track, stream: str) -> None:
    media.msid = f"{stream} {track.kind}"
    own = [track.ssrc_out] if track.repair_type is None else [track.ssrc_out, track.repair_out]
    media.ssrc = [SsrcDescription(ssrc, cname=stream) for ssrc in own]
    media.ssrc_group = [GroupDescription("FID", [*own])] if len(own) > 1 else []
