"""An answer says what aiortc reads out of it, and nothing of ours but one address and streams."""

import pytest
from aiortc.sdp import SessionDescription

from tests.rtc.offers import CHROMIUM, OFFERS, changed
from venterom.rtc import answer, offer
from venterom.rtc.answer import Own
from venterom.rtc.streams import tracks

OWN = Own("user", "password", ":".join(["AB"] * 32), [("192.0.2.1", 4711), ("2001:db8::1", 4711)])
STREAMS = [(51, 52), (61, 62), (71, 72), (81, 82)]


def answered(text: str) -> tuple[str, SessionDescription]:
    """The answer to an offer: as it is, and as the browser reads it."""
    wanted = offer.read(text)
    written = answer.write(wanted, OWN, tracks(wanted, STREAMS[: len(wanted.sections)]))
    return written, SessionDescription.parse(written)


@pytest.mark.parametrize("text", OFFERS.values(), ids=OFFERS)
def test_we_wait_to_be_reached_with_our_own_name_certificate_and_addresses(text: str) -> None:
    written, read = answered(text)
    assert "a=ice-lite\r\n" in written
    for media in read.media:
        assert media.ice and media.dtls
        assert media.ice.iceLite and media.ice_candidates_complete and media.rtcp_mux
        assert (media.ice.usernameFragment, media.ice.password) == ("user", "password")
        assert [(each.algorithm, each.value) for each in media.dtls.fingerprints] == [
            ("sha-256", OWN.fingerprint)
        ]
        assert media.dtls.role == "server"
        found = [(each.ip, each.port, each.protocol, each.type) for each in media.ice_candidates]
        assert found == [(host, port, "udp", "host") for host, port in OWN.addresses]
        priorities = [each.priority for each in media.ice_candidates]
        assert priorities == sorted(priorities, reverse=True) and max(priorities) < 2**31


@pytest.mark.parametrize("text", OFFERS.values(), ids=OFFERS)
def test_what_was_offered_is_taken_with_its_numbers(text: str) -> None:
    wanted, (_, read) = offer.read(text), answered(text)
    assert [media.rtp.muxId for media in read.media] == [each.mid for each in wanted.sections]
    assert [(group.semantic, group.items) for group in read.group] == [
        ("BUNDLE", [each.mid for each in wanted.sections])
    ]
    for media, section, ours in zip(read.media, wanted.sections, STREAMS, strict=False):
        assert media.rtp.codecs[0].payloadType == section.payload_type
        assert {each.uri: each.id for each in media.rtp.headerExtensions} == section.extensions
        streams = ours[: 1 if section.repair_type is None else 2]
        assert [each.ssrc for each in media.ssrc] == [*streams]
        if section.repair_type is not None:
            assert [each.items for each in media.ssrc_group] == [[*streams]]


def test_nothing_that_names_the_other_side_is_in_it() -> None:
    written, _ = answered(CHROMIUM)
    for theirs in ("192.0.2.17", "Ab+/", "invented", "InventedByUs", "1001", "50001"):
        assert theirs not in written


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("sendrecv", "sendrecv"),
        ("sendonly", "recvonly"),
        ("recvonly", "sendonly"),
        ("inactive", "inactive"),
    ],
)
def test_what_the_browser_sends_we_receive(asked: str, told: str) -> None:
    _, read = answered(changed("a=sendrecv", f"a={asked}"))
    assert {media.direction for media in read.media} == {told}
