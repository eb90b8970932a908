"""The SDP answer: what was offered, with our addresses, certificate and streams."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aiortc import RTCIceCandidate, RTCIceParameters
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters
from aiortc.rtcrtpparameters import (
    ParametersDict,
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
)
from aiortc.sdp import (
    GroupDescription,
    MediaDescription,
    SessionDescription,
    SsrcDescription,
)

from venterom.rtc.offer import Offer, Section
from venterom.rtc.streams import CLOCK_RATES, Track

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
    """The answer, with one track for each section."""
    description = SessionDescription()
    description.origin = "- 0 0 IN IP4 0.0.0.0"
    description.group = [GroupDescription("BUNDLE", [each.mid for each in offer.sections])]
    description.msid_semantic = [GroupDescription("WMS", ["*"])]
    slot: Counter[str] = Counter()
    for section, track in zip(offer.sections, tracks, strict=True):
        slot[section.kind] += 1
        media = _section(section, own.addresses[0])
        media.ice = RTCIceParameters(iceLite=True, usernameFragment=own.user, password=own.password)
        media.dtls = RTCDtlsParameters(
            [RTCDtlsFingerprint("sha-256", own.fingerprint)], role="server"
        )
        media.ice_candidates, media.ice_candidates_complete = [*_candidates(own)], True
        _name_streams(media, track, f"{STREAM}{slot[section.kind]}")
        description.media.append(media)
    return str(description)


def _section(section: Section, address: tuple[str, int]) -> MediaDescription:
    codecs = [*_codecs(section)]
    types = [codec.payloadType for codec in codecs]
    media = MediaDescription(section.kind, address[1], "UDP/TLS/RTP/SAVPF", types)
    media.host, media.direction = address[0], ANSWERS[section.direction]
    media.rtcp_port, media.rtcp_host = 9, "0.0.0.0"  # meaningless: RTCP comes on the same port
    media.rtcp_mux, media.rtp.muxId, media.rtp.codecs = True, section.mid, codecs
    media.rtp.headerExtensions = [
        RTCRtpHeaderExtensionParameters(id=number, uri=uri)
        for uri, number in section.extensions.items()
    ]
    return media


def _codecs(section: Section) -> Iterator[RTCRtpCodecParameters]:
    rate, main = CLOCK_RATES[section.kind], section.payload_type
    if section.kind == "audio":
        yield RTCRtpCodecParameters("audio/opus", rate, 2, main, parameters={**OPUS})
        return
    feedback = [RTCRtcpFeedback(*name.split(" ", 1)) for name in section.feedback]
    yield RTCRtpCodecParameters("video/VP8", rate, None, main, feedback)
    if section.repair_type is not None:
        apt: ParametersDict = {"apt": main}
        yield RTCRtpCodecParameters("video/rtx", rate, None, section.repair_type, parameters=apt)


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
