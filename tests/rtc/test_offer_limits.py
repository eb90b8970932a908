"""How much work a bad offer may cause: limits come first, and what passes them is small."""

from collections.abc import Callable

import pytest
from aiortc.sdp import SessionDescription

from tests.rtc.offers import CHROMIUM, changed, mutants
from venterom.rtc import offer
from venterom.rtc.errors import BadOffer
from venterom.rtc.offer import ABS_SEND_TIME, Offer


def with_lines(*lines: str) -> str:
    """An offer with these lines at the end of its last section."""
    return CHROMIUM + "\n".join(lines) + "\n"


def filled(lines: int) -> str:
    return CHROMIUM + "b=AS:1\n" * (lines - CHROMIUM.count("\n") - 1)


def long(characters: int) -> str:
    line = "a=x:" + "y" * 995 + "\n"
    text = CHROMIUM + line * ((characters - len(CHROMIUM)) // len(line))
    return text + "z" * (characters - len(text))


def of_sections(number: int) -> str:
    return CHROMIUM + "m=video 9 UDP/TLS/RTP/SAVPF 96\n" * (number - 2)


# Each limit, with the offer that just passes it. One with too many sections is refused anyway.
LIMITS: dict[str, tuple[Callable[[int], str], int]] = {
    "characters": (long, 32 * 1024),
    "lines": (filled, 800),
    "length of a line": (lambda n: with_lines("a=" + "x" * (n - 2)), 2048),
    "rtpmap in a section": (lambda n: with_lines(*["a=rtpmap:35 X/1"] * (n - 7)), 80),
    "rtcp-fb in a section": (lambda n: with_lines(*["a=rtcp-fb:* x"] * (n - 6)), 160),
    "candidates": (lambda n: with_lines(*["a=candidate:1"] * (n - 3)), 40),
    "ssrc": (lambda n: with_lines(*["a=ssrc:2001 x:y"] * (n - 6)), 128),
    "extmap": (lambda n: with_lines(*["a=extmap:9 urn:x"] * (n - 10)), 240),
}


def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing of an offer may be read but its counts."""

    def read_anyway(*_: object) -> None:
        pytest.fail("it was read although it is over a limit")

    for name in ("_check_transport", "_section", "_agreed"):
        monkeypatch.setattr(offer, name, read_anyway)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_lets_through_what_is_on_it(limit: str) -> None:
    make, most = LIMITS[limit]
    assert offer.read(make(most)) == offer.read(CHROMIUM)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_refuses_what_is_over_it_before_anything_is_read(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, most = LIMITS[limit]
    unread(monkeypatch)
    with pytest.raises(BadOffer):
        offer.read(make(most + 1))


def test_four_sections_are_read_and_five_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadOffer):
        offer.read(of_sections(4))  # read, and more than we can take
    unread(monkeypatch)
    with pytest.raises(BadOffer):
        offer.read(of_sections(5))


def test_a_seventeenth_stream_in_a_section_is_too_many() -> None:
    def streams(number: int) -> str:
        return with_lines(*(f"a=ssrc:{3000 + n} x:y" for n in range(number - 2)))

    assert offer.read(streams(16)) == offer.read(CHROMIUM)
    with pytest.raises(BadOffer):
        offer.read(streams(17))


@pytest.mark.parametrize(
    "text",
    [
        # every feedback times every codec: 9.4 s in a parser that multiplies them (W12)
        with_lines(*["a=rtpmap:96 VP8/90000"] * 1800, *["a=rtcp-fb:* nack"] * 1800),
        with_lines(*[f"a=rtpmap:{n} VP8/90000" for n in range(35, 127)]),
        with_lines(*["a=rtcp-fb:* nack"] * 700),
        with_lines(*(f"a=candidate:{n} 1 udp 1 192.0.2.1 {n} typ host" for n in range(600))),
        with_lines(*(f"a=ssrc:{n} cname:x" for n in range(1, 600))),
        with_lines(*(f"a=extmap:{n} urn:x" for n in range(600))),
        with_lines("a=fmtp:97 " + "apt=96x;" * 4000),
        with_lines("a=ssrc:" + "9" * 4300 + " cname:x"),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\n" * 700,
        "\n" * 30_000,
        "a" * 32_000,
    ],
)
def test_a_bomb_is_refused_before_anything_is_read(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread(monkeypatch)
    with pytest.raises(BadOffer):
        offer.read(text)


def test_whatever_was_offered_the_parser_gets_a_small_text() -> None:
    most = [
        *["a=rtpmap:97 rtx/90000"] * 70,
        *["a=rtcp-fb:* nack pli"] * 150,
        *["a=candidate:1 1 udp 1 192.0.2.1 9 typ host"] * 30,
        *[f"a=ssrc:2001 x:{n}" for n in range(120)],
        *[f"a=extmap:2 {ABS_SEND_TIME}"] * 120,
    ]
    worst = offer.read(with_lines(*most))
    assert len(worst.text()) < 2048
    assert worst == offer.read(CHROMIUM)


def test_no_part_of_an_offer_gets_into_the_text_as_it_was_written() -> None:
    read = offer.read(changed("cname:InventedByUs0001", "cname:x\rm=video"))
    assert len(read.text().split("\n")) == len(offer.read(CHROMIUM).text().split("\n"))


def judged(text: str) -> Offer | None:
    try:
        return offer.read(text)
    except BadOffer:
        return None


@pytest.mark.parametrize(
    ("number", "seed"), [(2_000, 1), pytest.param(20_000, 2, marks=pytest.mark.slow)]
)
def test_a_spoilt_offer_is_refused_or_understood_and_nothing_else_happens(
    number: int, seed: int
) -> None:
    taken = [read for text in mutants(number, seed) if (read := judged(text))]
    assert number * 0.05 < len(taken) < number * 0.95  # both kinds are tried
    for text in {read.text() for read in taken}:
        assert len(SessionDescription.parse(text).media) in range(1, 5)
