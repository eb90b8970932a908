"""Which offers are let through, and what is taken from them."""

import pytest
from aiortc.sdp import SessionDescription

from tests.rtc.offers import AIORTC, CHROMIUM, FIREFOX, HASH, OFFERS, changed
from venterom.rtc import offer
from venterom.rtc.errors import BadOffer
from venterom.rtc.offer import ABS_SEND_TIME, AUDIO_LEVEL, TRANSPORT_CC, Section


def sections(text: str) -> dict[str, Section]:
    return {section.kind: section for section in offer.read(text).sections}


# ---- what is taken


@pytest.mark.parametrize(
    ("text", "ufrag", "audio", "video"),
    [
        (
            CHROMIUM,
            "Ab+/",
            Section(
                kind="audio",
                mid="0",
                direction="sendrecv",
                payload_type=111,
                repair_type=None,
                feedback=("transport-cc",),
                extensions={AUDIO_LEVEL: 1, TRANSPORT_CC: 3},
                ssrcs=(1001,),
            ),
            Section(
                kind="video",
                mid="1",
                direction="sendrecv",
                payload_type=96,
                repair_type=97,
                feedback=("nack", "nack pli", "goog-remb", "transport-cc"),
                extensions={ABS_SEND_TIME: 2, TRANSPORT_CC: 3},
                ssrcs=(2001, 2002),
            ),
        ),
        (
            FIREFOX,
            "0011aabb",
            Section(
                kind="audio",
                mid="0",
                direction="sendrecv",
                payload_type=109,
                repair_type=None,
                feedback=(),
                extensions={AUDIO_LEVEL: 1},
                ssrcs=(2**32 - 1,),
            ),
            Section(
                kind="video",
                mid="1",
                direction="sendrecv",
                payload_type=120,
                repair_type=124,
                feedback=("nack", "nack pli", "goog-remb", "transport-cc"),
                extensions={ABS_SEND_TIME: 4, TRANSPORT_CC: 7},
                ssrcs=(3001, 3002),
            ),
        ),
        (
            AIORTC,
            "AbCd",
            Section(
                kind="audio",
                mid="0",
                direction="sendrecv",
                payload_type=96,
                repair_type=None,
                feedback=(),
                extensions={AUDIO_LEVEL: 2},
                ssrcs=(5001,),
            ),
            Section(
                kind="video",
                mid="1",
                direction="sendrecv",
                payload_type=97,
                repair_type=98,
                feedback=("nack", "nack pli", "goog-remb"),
                extensions={ABS_SEND_TIME: 3},
                ssrcs=(6001, 6002),
            ),
        ),
    ],
    ids=OFFERS,
)
def test_what_is_taken_from_an_offer(text: str, ufrag: str, audio: Section, video: Section) -> None:
    read = offer.read(text)
    assert (read.ufrag, read.fingerprint) == (ufrag, f"sha-256 {HASH}")
    assert read.sections == (audio, video)
    assert all(section.sends for section in read.sections)
    assert offer.read(text.replace("\n", "\r\n")) == read


@pytest.mark.parametrize("text", OFFERS.values(), ids=OFFERS)
def test_candidates_are_never_taken(text: str) -> None:
    without = "\n".join(line for line in text.splitlines() if "candidate" not in line)
    assert without != text.rstrip("\n")
    assert offer.read(text) == offer.read(without)
    assert "candidate" not in offer.read(text).text()
    assert "192.0.2." not in offer.read(text).text()


@pytest.mark.parametrize("text", OFFERS.values(), ids=OFFERS)
def test_the_text_for_the_parser_says_the_same_to_an_independent_parser(text: str) -> None:
    read = offer.read(text)
    parsed = SessionDescription.parse(read.text())
    assert [media.rtp.muxId for media in parsed.media] == ["0", "1"]
    for section, media in zip(read.sections, parsed.media, strict=True):
        assert (media.kind, media.direction) == (section.kind, section.direction)
        assert media.ice is not None
        assert (media.ice.usernameFragment, media.ice.password) == (read.ufrag, read.password)
        assert media.dtls is not None and media.dtls.role == "auto"
        assert [f"{each.algorithm} {each.value}" for each in media.dtls.fingerprints] == [
            read.fingerprint
        ]
        types = [section.payload_type, section.repair_type]
        assert [codec.payloadType for codec in media.rtp.codecs] == [each for each in types if each]
        feedback = tuple(
            f"{each.type} {each.parameter or ''}".strip()
            for each in media.rtp.codecs[0].rtcpFeedback
        )
        assert (media.rtcp_mux, feedback) == (True, section.feedback)
        assert [each.ssrc for each in media.ssrc] == list(section.ssrcs)
        assert {each.uri: each.id for each in media.rtp.headerExtensions} == section.extensions


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a=sendrecv\n", "a=recvonly\n", False),
        ("a=sendrecv\n", "a=inactive\n", False),
        ("a=sendrecv\n", "a=sendonly\n", True),
        ("a=sendrecv\n", "", True),  # what is not said is "both ways" (RFC 8866 6.7)
    ],
)
def test_a_section_says_whether_the_browser_sends(old: str, new: str, expected: bool) -> None:
    assert [each.sends for each in sections(changed(old, new)).values()] == [expected, expected]


def test_sound_alone_is_enough() -> None:
    head, _, _ = CHROMIUM.partition("m=video")
    assert [*sections(changed("BUNDLE 0 1", "BUNDLE 0", head))] == ["audio"]


@pytest.mark.parametrize(
    ("old", "new", "repair_type"),
    [
        ("a=fmtp:97 apt=96", "a=fmtp:97 rtx-time=3000;apt=96;x=y", 97),
        ("a=fmtp:97 apt=96", "a=fmtp:97 apt=98", None),  # repairs another codec
        ("a=rtpmap:97 rtx/90000", "a=rtpmap:97 red/90000", None),  # is no RTX at all
        ("a=fmtp:97 apt=96\n", "", None),
    ],
)
def test_the_repair_stream_is_the_one_of_our_codec(
    old: str, new: str, repair_type: int | None
) -> None:
    assert sections(changed(old, new))["video"].repair_type == repair_type


@pytest.mark.parametrize(
    ("line", "new", "id_taken"),
    [
        ("a=extmap:14 ", "a=extmap:15 ", None),  # 15 is not an id of the one-byte form
        ("a=extmap:14 ", "a=extmap:0 ", None),
        ("a=extmap:14 ", "a=extmap:14/sendonly ", 14),
    ],
)
def test_only_ids_of_the_one_byte_form_are_taken(line: str, new: str, id_taken: int | None) -> None:
    uri = "urn:ietf:params:rtp-hdrext:toffset"
    text = changed(f"{line}{uri}", f"{new}{ABS_SEND_TIME}")
    text = changed(f"a=extmap:2 {ABS_SEND_TIME}\n", "", text)
    assert sections(text)["video"].extensions.get(ABS_SEND_TIME) == id_taken


def test_feedback_for_every_type_counts_for_ours_and_another_types_does_not() -> None:
    text = "".join(
        line for line in CHROMIUM.splitlines(keepends=True) if not line.startswith("a=rtcp-fb:96")
    )
    assert sections(text + "a=rtcp-fb:* nack pli\n")["video"].feedback == ("nack pli",)


@pytest.mark.parametrize(
    ("old", "new", "ssrcs"),
    [
        ("a=ssrc-group:FID 2001 2002", "a=ssrc-group:SIM 2001 2002", (2001,)),
        ("a=ssrc-group:FID 2001 2002", "a=ssrc-group:FID 2001 9999", (2001,)),  # names no stream
        ("a=ssrc-group:FID 2001 2002", "a=ssrc-group:FID 2002 2001", (2002, 2001)),
        ("a=ssrc:2001 ", "a=ssrc:4294967296 ", (2002,)),  # one too high to be an SSRC
    ],
)
def test_the_media_stream_comes_first_and_its_repairs_second(
    old: str, new: str, ssrcs: tuple[int, ...]
) -> None:
    assert sections(changed(old, new))["video"].ssrcs == ssrcs


# ---- what is refused


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # who it is: exactly one SHA-256 fingerprint
        ("sha-256", "sha-1"),
        ("sha-256", "md5"),
        ("sha-256", "sha-384"),
        (HASH, HASH[:-3]),
        (HASH, HASH + ":00"),
        (f"a=fingerprint:sha-256 {HASH}\n", ""),
        ("a=setup:actpass\n", f"a=setup:actpass\na=fingerprint:sha-256 {HASH[::-1]}\n"),
        ("a=setup:actpass\n", "a=setup:actpass\na=fingerprint:sha-1 00:11\n"),
        ("t=0 0\n", f"t=0 0\na=fingerprint:sha-256 {HASH[::-1]}\n"),
        # how we find each other
        ("a=ice-ufrag:Ab+/", "a=ice-ufrag:Ab+"),
        ("a=ice-ufrag:Ab+/", "a=ice-ufrag:Ab+/ x"),
        ("a=ice-pwd:invented/password+0000001", "a=ice-pwd:short"),
        ("a=ice-pwd:invented/password+0000001\n", ""),
        ("t=0 0\n", "t=0 0\na=ice-ufrag:other\n"),
        ("t=0 0\n", "t=0 0\na=ice-lite\n"),
        ("a=setup:actpass", "a=setup:passive"),
        ("a=setup:actpass\n", ""),
        ("a=rtcp-mux\n", ""),
        # the sections
        ("a=group:BUNDLE 0 1\n", ""),
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
        ("a=group:BUNDLE 0 1", "a=group:\na=group:LS 0 1"),
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1\na=group:BUNDLE 0 1"),
        ("a=mid:1\n", "a=mid:0\n"),
        ("a=mid:1\n", ""),
        ("a=mid:1\n", "a=mid:1\na=mid:2\n"),
        ("a=mid:1\n", 'a=mid:1 "x"\n'),
        ("m=video", "m=application"),
        ("m=video", "m=audio"),
        ("m=audio", "m=video"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        ("m=video 9 ", "m=video 123456 "),
        # the codecs and streams
        ("opus/48000/2", "opus/48000"),
        ("VP8/90000", "VP7/90000"),
        ("a=rtpmap:96 ", "a=rtpmap:34 "),  # not a dynamic type
        ("a=rtpmap:96 ", "a=rtpmap:٩٦ "),  # a number, but not in ASCII
        ("a=ssrc:1001 ", "a=ssrc:2001 "),
        ("a=ssrc-group:FID 2001 2002", "a=ssrc-group:FID 2001 2001"),
        # the text
        ("s=-", "s=\0"),
        ("s=-", "s=blåbær"),
    ],
)
def test_an_offer_that_is_not_as_browsers_make_them_is_refused(old: str, new: str) -> None:
    with pytest.raises(BadOffer):
        offer.read(changed(old, new))


def test_a_picture_without_sound_is_refused() -> None:
    session, _, rest = CHROMIUM.partition("m=audio")
    _, m_video, video = rest.partition("m=video")
    with pytest.raises(BadOffer):
        offer.read(changed("BUNDLE 0 1", "BUNDLE 1", session + m_video + video))


def test_two_sections_of_one_name_are_refused() -> None:
    with pytest.raises(BadOffer):
        offer.read(changed("BUNDLE 0 1", "BUNDLE 0", changed("a=mid:1", "a=mid:0")))


def test_an_offer_with_nothing_in_it_is_refused() -> None:
    for text in ("", "\n", "v=0\n", "m=\n"):
        with pytest.raises(BadOffer):
            offer.read(text)
