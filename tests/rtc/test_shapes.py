"""Hostile input that is well-formed in the large: right headers, lying lengths, odd values."""

import json
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rtc.hostile import TARGETS
from tests.rtc.offers import CHROMIUM, FIREFOX

BYTE, SHORT, LONG = (st.integers(0, 256**size - 1) for size in (1, 2, 4))
COOKIE = bytes.fromhex("2112a442")
SSRC = st.sampled_from([1001, 1011, 1012, 2061]) | LONG
WORDS = st.integers(0, 8).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))
KINDS = ["join", "offer", "answer", "room", "joined", "leave", "ping", "exchange", "quality"]
FIELDS = [
    "ticket",
    "version",
    "encryption",
    "connection",
    "sdp",
    "state",
    "seats",
    "seat",
    "body",
    "guest",
]
LINES = [*CHROMIUM.splitlines(), *FIREFOX.splitlines()]
NAMES = sorted({line.partition(":")[0] for line in LINES})


def near(length: int) -> st.SearchStrategy[int]:
    """This length, or one that is not true."""
    return st.sampled_from([length, length, length + 1, max(0, length - 1), 0, 0xFFFF])


@st.composite
def checks(draw: st.DrawFn) -> bytes:
    """STUN with attributes, known and unknown (RFC 8489 5, 14)."""
    attributes = b""
    for _ in range(draw(st.integers(0, 5))):
        value = draw(st.sampled_from([b"ours:theirs", b"ours:", b":"]) | st.binary(max_size=24))
        kind = draw(st.sampled_from([6, 8, 0x24, 0x25, 0x8028, 0x802A, 0x20]) | SHORT)
        attributes += pack("!HH", kind, draw(near(len(value)))) + value + bytes(-len(value) % 4)
    kind = draw(st.sampled_from([1, 0x101, 0x111, 0x11]))
    return pack("!HH", kind, draw(near(len(attributes)))) + COOKIE + bytes(12) + attributes


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """DTLS records with messages of a handshake in them (RFC 6347 4.1, 4.2.2)."""
    datagram = b""
    for _ in range(draw(st.integers(1, 4))):
        body = draw(st.binary(max_size=60))
        if draw(st.booleans()):
            sizes = [draw(near(len(body))) for _ in range(3)]
            lengths = b"".join(size.to_bytes(3, "big") for size in (sizes[0], 0, sizes[1]))
            head = bytes([draw(BYTE)]) + lengths[:3] + pack("!H", draw(SHORT) % 4) + lengths[3:]
            body = head + body
        content, version = draw(st.integers(20, 63)), draw(st.sampled_from([0xFEFD, 0xFEFF, 0x303]))
        number = draw(st.sampled_from([0, 1])) << 48 | draw(LONG)
        datagram += pack("!BHQH", content, version, number, draw(near(len(body)))) + body
    return datagram


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    """RTP with contributors, extensions and padding, as far as they are true (RFC 3550 5.1)."""
    contributors = draw(st.integers(0, 15))
    extended, padded = draw(st.booleans()), draw(st.booleans())
    first = 0x80 | padded << 5 | extended << 4 | contributors
    packet = pack("!BBHLL", first, draw(BYTE), draw(SHORT), draw(LONG), draw(SSRC))
    packet += draw(WORDS)[: 4 * contributors]
    if extended:
        profile, elements = draw(st.sampled_from([0xBEDE, 0x1000, 0])), draw(WORDS)
        packet += pack("!HH", profile, draw(near(len(elements) // 4))) + elements
    return packet + draw(st.binary(max_size=40))


@st.composite
def reports(draw: st.DrawFn) -> bytes:
    """RTCP, several in one packet (RFC 3550 6.1, RFC 4585 6.1)."""
    compound = b""
    for _ in range(draw(st.integers(1, 4))):
        first = 0x80 | draw(st.booleans()) << 5 | draw(st.integers(0, 31))
        body = pack("!LL", draw(SSRC), draw(SSRC)) + draw(st.sampled_from([b"", b"REMB"]))
        body += draw(WORDS)
        compound += pack("!BBH", first, draw(st.integers(192, 223)), draw(near(len(body) // 4)))
        compound += body
    return compound


@st.composite
def feedback(draw: st.DrawFn) -> bytes:
    """Transport-wide feedback whose counts and chunks may lie."""
    chunks = b"".join(pack("!H", draw(SHORT)) for _ in range(draw(st.integers(0, 6))))
    head = pack("!LLHHL", 1, draw(SSRC), draw(SHORT), draw(st.integers(0, 60) | SHORT), draw(LONG))
    body = head + chunks + draw(st.binary(max_size=40))
    body += bytes(-len(body) % 4)
    return pack("!BBH", 0x8F, 205, len(body) // 4) + body


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
ODD = st.builds("{}:{}".format, st.sampled_from(NAMES), TEXT | st.integers().map(str))
OFFERS = st.lists(st.sampled_from(LINES) | ODD, max_size=120).map("\r\n".join).map(str.encode)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from(["end_to_end"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.builds(
    lambda kind, fields: json.dumps({"type": kind} | fields).encode(),
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5),
)
SHAPES = {
    "checks": checks(),
    "handshakes": records(),
    "media": packets(),
    "reports": reports(),
    "lines": reports() | feedback(),
    "offers": OFFERS,
    "messages": MESSAGES,
}


def test_every_reader_has_a_shape() -> None:
    assert SHAPES.keys() == TARGETS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=200, deadline=None)
@given(drawn=st.data())
def test_nothing_that_looks_right_is_too_much_for_its_reader(
    name: str, drawn: st.DataObject
) -> None:
    take = TARGETS[name].make()
    for data in drawn.draw(st.lists(SHAPES[name], max_size=5)):
        take(data)
