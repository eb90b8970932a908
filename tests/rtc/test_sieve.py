"""What one person sends is refused unread when it can be: kind, stream, size, rate."""

from struct import pack

import pytest

from tests.wire import rtp_packet
from venterom.rtc.sieve import MOST_BYTES, MOST_REPORTERS, RATE, REPORT_RATE, Sieve

NOW = 1000.0
SOUND, PICTURE = 1001, 1011


def media(ssrc: int = PICTURE, size: int = 1000) -> bytes:
    return rtp_packet(ssrc, 1, payload=bytes(size - 12))


def report(ssrc: int = PICTURE, size: int = 100) -> bytes:
    return pack("!BBHL", 0x80, 201, 1, ssrc) + bytes(size - 8)


def sieve() -> Sieve:
    return Sieve({SOUND, PICTURE}, NOW)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (media(), ""),
        (media(SOUND), ""),
        (report(), ""),
        (report(1), ""),  # who only receives reports from a stream that was not offered
        (media(4711), "ssrc_refused"),
        # DTLS, whatever it is: OpenSSL looks at it
        (bytes([20]), ""),
        (bytes([63]) + bytes(2000), ""),
        # neither (RFC 7983)
        (bytes([0]) + media()[1:], "not_media"),
        (bytes([19]) + media()[1:], "not_media"),
        (bytes([64]) + media()[1:], "not_media"),
        (bytes([127]) + media()[1:], "not_media"),
        (bytes([192]) + media()[1:], "not_media"),
        # sizes
        (media(size=12), ""),
        (media()[:11], "not_media"),
        (report()[:11], "not_media"),
        (b"\x80", "not_media"),
        (media(size=MOST_BYTES), ""),
        (media(size=MOST_BYTES + 1), "not_media"),
        (report(size=MOST_BYTES + 1), "not_media"),
    ],
)
def test_a_datagram_is_refused_for_what_can_be_seen_from_outside(data: bytes, refusal: str) -> None:
    assert sieve().refusal(data, NOW) == refusal


@pytest.mark.parametrize(("data", "rate"), [(media(), RATE), (report(size=500), REPORT_RATE)])
def test_there_is_a_rate_for_media_and_another_for_reports(data: bytes, rate: float) -> None:
    one = sieve()
    burst = int(rate) // len(data)
    assert [one.refusal(data, NOW) for _ in range(burst)] == [""] * burst
    assert one.refusal(data, NOW) == "over_rate"
    assert one.refusal(data, NOW + 1) == ""


def test_too_many_reports_do_not_stop_sound_and_picture() -> None:
    one = sieve()
    while not one.refusal(report(), NOW):
        pass
    assert one.refusal(media(), NOW) == ""


def test_reports_come_from_few_streams() -> None:
    one = sieve()
    strangers = range(1, 1 + MOST_REPORTERS)
    for ssrc in strangers:
        assert one.refusal(report(ssrc), NOW) == ""
        one.reported(report(ssrc))
    assert one.refusal(report(4711), NOW) == "ssrc_refused"
    assert one.refusal(report(1), NOW) == one.refusal(report(PICTURE), NOW) == ""


def test_only_reports_that_could_be_decrypted_count() -> None:
    one = sieve()
    for ssrc in range(10 * MOST_REPORTERS):
        one.refusal(report(ssrc), NOW)
    assert one.refusal(report(4711), NOW) == ""
