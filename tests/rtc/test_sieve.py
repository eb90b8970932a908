"""What one person sends is refused unread when it can be: stream, size, rate."""

from struct import pack

import pytest

from tests.wire import rtp_packet
from venterom.rtc import rtp
from venterom.rtc.sieve import (
    CHECKS,
    HANDSHAKE_RATE,
    LEAST_BYTES,
    MOST_BYTES,
    MOST_REPORTERS,
    RATE,
    REPORT_RATE,
    Sieve,
)

NOW = 1000.0
SOUND, PICTURE = 1001, 1011


def media(ssrc: int = PICTURE, size: int = 1000) -> bytes:
    return rtp_packet(ssrc, 1, payload=bytes(size - 12))


def report(ssrc: int = PICTURE, size: int = 100) -> bytes:
    return pack("!BBHL", 0x80, 201, 1, ssrc) + bytes(size - 8)


def sieve() -> Sieve:
    return Sieve({SOUND, PICTURE}, NOW)


def refusal(one: Sieve, data: bytes, now: float = NOW) -> str:
    """What the sieve says of a datagram that lies in a larger buffer, with older bytes behind."""
    lies = data + b"\xff" * 20
    passes = one.report if rtp.is_rtcp(lies) else one.media
    return passes(lies, len(data), now)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (media(), ""),
        (media(SOUND), ""),
        (report(), ""),
        (report(1), ""),  # who only receives reports from a stream that was not offered
        (media(4711), "ssrc_refused"),
        # sizes
        (media(size=LEAST_BYTES), ""),
        (media()[: LEAST_BYTES - 1], "not_media"),
        (report(size=LEAST_BYTES), ""),
        (report()[: LEAST_BYTES - 1], "not_media"),
        (b"\x80", "not_media"),
        (media(size=MOST_BYTES), ""),
        (media(size=MOST_BYTES + 1), "not_media"),
        (report(size=MOST_BYTES + 1), "not_media"),
    ],
)
def test_a_datagram_is_refused_for_what_can_be_seen_from_outside(data: bytes, why: str) -> None:
    assert refusal(sieve(), data) == why


@pytest.mark.parametrize(("data", "rate"), [(media(), RATE), (report(size=500), REPORT_RATE)])
def test_there_is_a_rate_for_media_and_another_for_reports(data: bytes, rate: float) -> None:
    one = sieve()
    burst = int(rate) // len(data)
    assert [refusal(one, data) for _ in range(burst)] == [""] * burst
    assert refusal(one, data) == "over_rate"
    assert refusal(one, data, NOW + 1) == ""


def test_too_many_reports_do_not_stop_sound_and_picture() -> None:
    one = sieve()
    while not refusal(one, report()):
        pass
    assert refusal(one, media()) == ""


def test_reports_come_from_few_streams() -> None:
    one = sieve()
    strangers = range(1, 1 + MOST_REPORTERS)
    for ssrc in strangers:
        assert refusal(one, report(ssrc)) == ""
        one.reported(report(ssrc))
    assert refusal(one, report(4711)) == "ssrc_refused"
    assert refusal(one, report(1)) == refusal(one, report(PICTURE)) == ""


def test_only_reports_that_could_be_decrypted_count() -> None:
    one = sieve()
    for ssrc in range(10 * MOST_REPORTERS):
        refusal(one, report(ssrc))
    assert refusal(one, report(4711)) == ""


def test_handshakes_have_a_size_and_a_rate() -> None:
    one = sieve()
    assert one.handshake(MOST_BYTES + 1, NOW) == "handshake_refused"
    whole = HANDSHAKE_RATE // 1000
    assert [one.handshake(1000, NOW) for _ in range(whole)] == [""] * whole
    assert one.handshake(1000, NOW) == "handshake_refused"
    assert refusal(one, media()) == ""  # and sound and picture go on


def test_checks_have_a_rate_even_from_an_address_that_has_proved_itself() -> None:
    one = sieve()
    assert [one.check(NOW) for _ in range(CHECKS)] == [""] * CHECKS
    assert one.check(NOW) == "check_refused"
    assert one.check(NOW + 1) == ""
