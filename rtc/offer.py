"""Which offers we let through. A browser's SDP is hostile text: limits first, then only what we
need is read, and nothing else of it goes any further.

Taken from it, and nothing else: ufrag, pwd, fingerprint, mid, direction, the payload types of
Opus, VP8 and its RTX, their feedback, the ids of three header extensions, the SSRCs. Candidates
are never taken: the server contacts no address because a text names it (failures.md W5).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from venterom.rtc.errors import BadOffer

MAX_CHARACTERS = 32 * 1024
MAX_LINES = 800
MAX_LINE = 2048  # characters; the longest honest lines are m= and fmtp, far below
SLOTS = 2  # others that one connection can show: rooms are for three
MAX_SECTIONS = 2 * SLOTS  # the first of each kind is one's own, and shows the first other
MAX_IN_SECTION = {"rtpmap": 80, "rtcp-fb": 160}
MAX_IN_ALL = {"candidate": 40, "ssrc": 128, "extmap": 240}
MAX_SSRCS = 16  # distinct ones a seat (W7)

AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
EXTENSIONS = {
    "audio": (AUDIO_LEVEL, TRANSPORT_CC),
    "video": (ABS_SEND_TIME, TRANSPORT_CC),
}
EXTENSION_BYTES = {AUDIO_LEVEL: 1, ABS_SEND_TIME: 3, TRANSPORT_CC: 2}
CODECS = {"audio": "opus/48000/2", "video": "VP8/90000"}
FEEDBACK = ("nack", "nack pli", "goog-remb", "transport-cc")
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

_DYNAMIC = range(96, 128)  # payload types (RFC 3551 6); the only ones that aiortc takes over
_MEDIA = re.compile(r"m=(audio|video) \d{1,5} UDP/TLS/RTP/SAVPF( \d{1,3}){1,80}", re.ASCII)
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}", re.ASCII)  # RFC 8839 5.4
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}", re.ASCII)
_FINGERPRINT = re.compile(r"sha-256 [0-9A-F]{2}(:[0-9A-F]{2}){31}", re.ASCII | re.IGNORECASE)
_MID = re.compile(r"[A-Za-z0-9._-]{1,16}", re.ASCII)
_RTPMAP = re.compile(r"(\d{1,3}) ([A-Za-z0-9._-]{1,32}/\d{1,6}(?:/\d)?)", re.ASCII)
_FEEDBACK = re.compile(r"(\*|\d{1,3}) ([a-z -]{1,32})", re.ASCII)
_APT = re.compile(r"(\d{1,3}) (?:.*;)?apt=(\d{1,3})(?:;.*)?", re.ASCII)
_EXTMAP = re.compile(r"(\d{1,3})(?:/[a-z]{1,8})? (\S{1,128})", re.ASCII)
_SSRC = re.compile(r"(\d{1,10}) .*", re.ASCII)
_FID = re.compile(r"FID (\d{1,10}) (\d{1,10})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Section:
    """What one media section of an offer says, as far as it concerns us."""

    kind: str
    mid: str
    direction: str
    payload_type: int
    repair_type: int | None  # the payload type of its RTX
    feedback: tuple[str, ...]
    extensions: dict[str, int]  # URI -> id
    ssrcs: tuple[int, ...]  # the media, then its RTX

    @property
    def sends(self) -> bool:
        """Whether the browser wants to send in this section."""
        return self.direction in ("sendrecv", "sendonly")


@dataclass(frozen=True, slots=True)
class Offer:
    """What we take from an offer."""

    ufrag: str
    password: str
    fingerprint: str
    sections: tuple[Section, ...]

    def text(self) -> str:
        """A small SDP of our own making that says the same."""
        mids = " ".join(section.mid for section in self.sections)
        lines = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
        lines += ["a=msid-semantic: WMS *"]
        for section in self.sections:
            lines += _section_lines(self, section)
        return "\r\n".join(lines) + "\r\n"


@dataclass(slots=True)
class _Attributes:
    """The attributes of the session or of one section: name -> values, in order."""

    head: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def has(self, name: str) -> bool:
        return name in self.values


def read(text: str) -> Offer:
    """What an offer says. Raises BadOffer, and nothing else, within a few milliseconds."""
    session, *sections = _split(text)
    _check_counts([session, *sections])
    _check_transport(session, sections)
    read_sections = tuple(_section(attributes) for attributes in sections)
    _check_sections(session, read_sections)
    everywhere = [session, *sections]
    return Offer(
        ufrag=_agreed(everywhere, "ice-ufrag", _UFRAG),
        password=_agreed(everywhere, "ice-pwd", _PASSWORD),
        fingerprint=_agreed(everywhere, "fingerprint", _FINGERPRINT),
        sections=read_sections,
    )


def _split(text: str) -> list[_Attributes]:
    if len(text) > MAX_CHARACTERS or not text.isascii() or "\0" in text:
        raise BadOffer
    lines = text.split("\n")
    if len(lines) > MAX_LINES or max(map(len, lines)) > MAX_LINE:
        raise BadOffer
    parts = [_Attributes()]
    for line in (line.rstrip("\r") for line in lines):
        if line.startswith("m="):
            parts.append(_Attributes(head=line))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            parts[-1].values.setdefault(name, []).append(value)
    return parts


def _check_counts(parts: Sequence[_Attributes]) -> None:
    if not 2 <= len(parts) <= MAX_SECTIONS + 1:
        raise BadOffer
    for name, most in MAX_IN_SECTION.items():
        if any(len(part.all(name)) > most for part in parts):
            raise BadOffer
    for name, most in MAX_IN_ALL.items():
        if sum(len(part.all(name)) for part in parts) > most:
            raise BadOffer


def _check_transport(session: _Attributes, sections: Sequence[_Attributes]) -> None:
    if session.has("ice-lite"):
        raise BadOffer  # two that wait for each other's checks
    for section in sections:
        # We are the DTLS server, so that we choose the ciphers: the browser must be able to begin.
        setup = section.all("setup") or session.all("setup")
        if not setup or any(value not in ("actpass", "active") for value in setup):
            raise BadOffer
        if not section.has("rtcp-mux"):
            raise BadOffer


def _check_sections(session: _Attributes, sections: Sequence[Section]) -> None:
    kinds = [section.kind for section in sections]
    if "audio" not in kinds or any(kinds.count(kind) > SLOTS for kind in kinds):
        raise BadOffer
    for place, section in enumerate(sections):
        if section.sends and section.kind in kinds[:place]:
            raise BadOffer  # one camera and one microphone; later sections only receive
    mids = [section.mid for section in sections]
    groups = [group.split() for group in session.all("group")]
    bundles = [set(mids) for name, *mids in filter(None, groups) if name == "BUNDLE"]
    if len(mids) != len(set(mids)) or bundles != [set(mids)]:
        raise BadOffer
    ssrcs = [ssrc for section in sections for ssrc in section.ssrcs]
    if len(ssrcs) != len(set(ssrcs)):
        raise BadOffer


def _agreed(parts: Sequence[_Attributes], name: str, pattern: re.Pattern[str]) -> str:
    # With BUNDLE there is one transport, so the sections must say the same.
    values = {value for part in parts for value in part.all(name)}
    if len(values) != 1:
        raise BadOffer
    value = values.pop()
    if not pattern.fullmatch(value):
        raise BadOffer
    return value


def _section(attributes: _Attributes) -> Section:
    head = _MEDIA.fullmatch(attributes.head)
    mids = attributes.all("mid")
    if head is None or len(mids) != 1 or not _MID.fullmatch(mids[0]):
        raise BadOffer
    kind = head[1]
    payload_type = _payload_type(attributes, CODECS[kind])
    return Section(
        kind=kind,
        mid=mids[0],
        direction=next((name for name in DIRECTIONS if attributes.has(name)), "sendrecv"),
        payload_type=payload_type,
        repair_type=_repair_type(attributes, payload_type) if kind == "video" else None,
        feedback=_feedback(attributes, payload_type),
        extensions=_extensions(attributes, kind),
        ssrcs=_ssrcs(attributes),
    )


def _payload_types(attributes: _Attributes, codec: str) -> Iterator[int]:
    for value in attributes.all("rtpmap"):
        found = _RTPMAP.fullmatch(value)
        if found and found[2].lower() == codec.lower() and int(found[1]) in _DYNAMIC:
            yield int(found[1])


def _payload_type(attributes: _Attributes, codec: str) -> int:
    for payload_type in _payload_types(attributes, codec):
        return payload_type
    raise BadOffer


def _repair_type(attributes: _Attributes, payload_type: int) -> int | None:
    repairs = set(_payload_types(attributes, "rtx/90000"))
    for value in attributes.all("fmtp"):
        found = _APT.fullmatch(value)
        if found and int(found[2]) == payload_type and int(found[1]) in repairs:
            return int(found[1])
    return None


def _feedback(attributes: _Attributes, payload_type: int) -> tuple[str, ...]:
    offered = {
        found[2]
        for value in attributes.all("rtcp-fb")
        if (found := _FEEDBACK.fullmatch(value)) and found[1] in ("*", str(payload_type))
    }
    return tuple(name for name in FEEDBACK if name in offered)


def _extensions(attributes: _Attributes, kind: str) -> dict[str, int]:
    ids: dict[str, int] = {}
    for value in attributes.all("extmap"):
        found = _EXTMAP.fullmatch(value)
        # 1-14 are the ids of the one-byte form (RFC 8285 4.2), the only form that we agree to.
        if found and found[2] in EXTENSIONS[kind] and 1 <= int(found[1]) <= 14:
            ids[found[2]] = int(found[1])
    return ids


def _ssrcs(attributes: _Attributes) -> tuple[int, ...]:
    named = {
        int(found[1]): None
        for value in attributes.all("ssrc")
        if (found := _SSRC.fullmatch(value)) and int(found[1]) < 2**32
    }
    if len(named) > MAX_SSRCS:
        raise BadOffer
    for value in attributes.all("ssrc-group"):
        pair = _FID.fullmatch(value)
        if pair and int(pair[1]) in named and int(pair[2]) in named:
            return int(pair[1]), int(pair[2])
    return tuple(named)[:1]


def _section_lines(offer: Offer, section: Section) -> list[str]:
    codec, main, repair = CODECS[section.kind], section.payload_type, section.repair_type
    types = f"{main}" if repair is None else f"{main} {repair}"
    lines = [f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {types}", "c=IN IP4 0.0.0.0"]
    lines += [f"a=mid:{section.mid}", f"a={section.direction}", "a=rtcp-mux"]
    lines += [f"a=ice-ufrag:{offer.ufrag}", f"a=ice-pwd:{offer.password}"]
    lines += [f"a=fingerprint:{offer.fingerprint}", "a=setup:actpass"]
    lines += [f"a=extmap:{number} {uri}" for uri, number in section.extensions.items()]
    lines += [f"a=rtpmap:{main} {codec}"]
    lines += [f"a=rtcp-fb:{main} {name}" for name in section.feedback]
    if repair is not None:
        lines += [f"a=rtpmap:{repair} rtx/90000", f"a=fmtp:{repair} apt={main}"]
    lines += [f"a=ssrc:{ssrc} cname:-" for ssrc in section.ssrcs]
    return lines
