"""A remembered form gives each packet what reading it anew would give it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.wire import rtp_packet
from venterom.rtc import rtp
from venterom.rtc.form import Form

SSRC, TYPE, WANTED = 9, 120, 5
IDS = {1: (WANTED, 2), 3: (2, 1), 4: (4, 3)}  # of the publisher -> of the subscriber, and bytes
# Extensions that are agreed on, in this length or another, others, and padding.
EXTENSIONS = st.lists(
    st.builds(
        lambda number, data: bytes([number << 4 | (len(data) - 1)]) + data if number else b"\x00",
        st.integers(0, 15),
        st.binary(min_size=1, max_size=4),
    ),
    max_size=4,
).map(b"".join)


def packet(
    value: bytes | None, *, profile: bytes = b"\xbe\xde", csrcs: int = 0, flags: int = 0
) -> bytes:
    """With this in its extension header; without one when it is None."""
    head = bytearray(rtp_packet(7, 513, timestamp=99))
    head[0] |= csrcs | flags & 0x20
    head[1] |= flags & 0x80
    extension = b""
    if value is not None:
        head[0] |= 0x10
        words = (len(value) + 3) // 4
        extension = profile + words.to_bytes(2, "big") + value.ljust(4 * words, b"\x00")
    return bytes(head[:12]) + bytes(range(4 * csrcs)) + extension + b"payload"


PACKETS = st.builds(
    packet,
    st.none() | EXTENSIONS | st.binary(max_size=8),
    profile=st.sampled_from([b"\xbe\xde", b"\xbe\xde", b"\x10\x00"]),
    csrcs=st.integers(0, 2),
    flags=st.sampled_from([0, 0x20, 0x80]),
)


def read_anew(each: bytes) -> bytearray:
    """The copy that is made without remembering anything."""
    copy = rtp.readdress(each, ssrc=SSRC, payload_type=TYPE)
    rtp.translate_extensions(copy, IDS)
    return copy


@given(st.lists(PACKETS, max_size=8))
@example([packet(b"\x11ab"), packet(b"\x11cd"), packet(b"\x10a\x00"), packet(b"\x11\x00\x00")])
@example([packet(b"\x11ab\x11cd")])  # one that comes twice
@example([packet(b"\x30z"), packet(b"\x30\x00\x10")])  # what was padding is none any more
def test_every_packet_is_rewritten_as_if_it_were_the_first(packets: list[bytes]) -> None:
    remembering = Form(SSRC, TYPE, IDS, WANTED)
    for each in packets:
        head = remembering.head(each)
        copy = head + each[len(head) :]
        assert copy == read_anew(each)
        found = rtp.extension_number(copy, WANTED)
        assert remembering.place == (found[1] if found else None)


@given(PACKETS, st.data())
def test_a_packet_that_is_cut_short_is_refused_whatever_came_before(
    each: bytes, data: st.DataObject
) -> None:
    remembering = Form(SSRC, TYPE, IDS, WANTED)
    remembering.head(each)
    cut = data.draw(st.integers(0, rtp.header_length(each) - 1))
    with pytest.raises((ValueError, IndexError)):
        remembering.head(each[:cut])


def test_the_form_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    remembering = Form(SSRC, TYPE, IDS, WANTED)
    remembering.head(packet(b"\x11ab\x30c"))
    monkeypatch.delattr(rtp, "translate_extensions")
    head = remembering.head(packet(b"\x11yz\x30d", flags=0x80))
    assert head[12:] == b"\xbe\xde\x00\x02\x51yz\x20d\x00\x00\x00"
