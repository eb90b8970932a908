"""Packets are opened and sealed in place, and once only; by Session with another binding."""

import contextlib
from types import SimpleNamespace

import pylibsrtp
import pytest
from pylibsrtp import Policy

from tests.wire import rtp_packet
from venterom.rtc import srtp
from venterom.rtc.outbox import TRAILER, Outbox
from venterom.rtc.srtp import WINDOW, Copying, InPlace, Keys, Make, Srtp

LENGTHS = {
    Policy.SRTP_PROFILE_AEAD_AES_256_GCM: 44,
    Policy.SRTP_PROFILE_AEAD_AES_128_GCM: 28,
    Policy.SRTP_PROFILE_AES128_CM_SHA1_80: 30,
}
REPORT = b"\x80\xc8\x00\x06" + b"who sent how much so far"
WAYS = pytest.mark.parametrize("make", [InPlace, Copying])


class Pair:
    """Two connections: what one seals lies where the other opens."""

    def __init__(self, make: Make, profile: int = Policy.SRTP_PROFILE_AEAD_AES_256_GCM) -> None:
        one, other = (bytes([n]) * LENGTHS[profile] for n in (1, 2))
        self.outbox = Outbox(2048)
        self.wire = self.outbox.buffer
        self.sender: Srtp = make(Keys(profile, one, other), bytearray(2048), self.outbox)
        self.receiver: Srtp = make(Keys(profile, other, one), self.wire, Outbox(2048))

    def seal(self, packet: bytes, head: bytes = b"", *, is_report: bool = False) -> int:
        """Lay it on the wire, sealed; its length there."""
        self.sender.seal(packet, head, is_report=is_report)
        return sum(len(run) for run, _ in self.outbox.take())

    def across(self, packet: bytes, *, is_report: bool = False) -> bytes:
        length = self.seal(packet, is_report=is_report)
        assert len(packet) < length <= len(packet) + TRAILER
        assert packet[12:] not in self.wire
        return self.receiver.open(length, is_report=is_report)


@WAYS
@pytest.mark.parametrize("profile", LENGTHS)
def test_what_one_seals_the_other_opens(make: Make, profile: int) -> None:
    pair = Pair(make, profile)
    for number in range(3):
        packet = rtp_packet(7, number, payload=b"picture %d" % number)
        assert pair.across(packet) == packet
        assert pair.across(REPORT, is_report=True) == REPORT


@WAYS
def test_a_packet_is_taken_once(make: Make) -> None:
    pair = Pair(make)
    length = pair.seal(rtp_packet(7, 1))
    sealed = bytes(pair.wire[:length])
    pair.receiver.open(length, is_report=False)
    pair.wire[:length] = sealed
    with pytest.raises(srtp.Error):
        pair.receiver.open(length, is_report=False)


@WAYS
def test_a_packet_that_is_late_is_taken_and_one_that_is_too_late_is_not(make: Make) -> None:
    pair = Pair(make)
    sealed = []
    for number in range(WINDOW + 10):
        length = pair.seal(rtp_packet(7, number))
        sealed.append(bytes(pair.wire[:length]))
    for number, taken in ((WINDOW + 9, True), (WINDOW - 900, True), (5, False)):
        pair.wire[: len(sealed[number])] = sealed[number]
        with contextlib.nullcontext() if taken else pytest.raises(srtp.Error):
            pair.receiver.open(len(sealed[number]), is_report=False)


@WAYS
@pytest.mark.parametrize("at", [0, 9, 20, -1])
def test_a_packet_that_was_touched_is_refused(make: Make, at: int) -> None:
    pair = Pair(make)
    length = pair.seal(rtp_packet(7, 1, payload=bytes(40)))
    pair.wire[at if at >= 0 else length - 1] ^= 1
    with pytest.raises(srtp.Error):
        pair.receiver.open(length, is_report=False)


@WAYS
def test_nothing_is_written_beyond_the_buffer(make: Make) -> None:
    pair = Pair(make)
    pair.outbox.add(len(pair.wire) - 100)
    with pytest.raises(ValueError):
        pair.sender.seal(bytes(100), is_report=False)


def test_no_head_is_longer_than_its_packet() -> None:
    pair = Pair(InPlace)
    with pytest.raises(ValueError):
        pair.sender.seal(bytes(40), bytes(41), is_report=False)


@WAYS
def test_a_packet_may_get_another_head_on_its_way(make: Make) -> None:
    pair = Pair(make)
    length = pair.seal(rtp_packet(7, 1, payload=b"picture"), rtp_packet(8, 2, payload=b""))
    opened = pair.receiver.open(length, is_report=False)
    assert opened == rtp_packet(8, 2, payload=b"picture")


@WAYS
@pytest.mark.parametrize("is_report", [False, True])
def test_packets_of_every_length_are_refused_and_nothing_else_happens(
    make: Make, is_report: bool
) -> None:
    pair = Pair(make)
    for length in range(200):
        for first in (0x80, 0x9F, 0xBF):
            pair.wire[:2] = bytes([first, 200 if is_report else 96])
            with pytest.raises(srtp.Error):
                pair.receiver.open(length, is_report=is_report)


def test_the_binding_is_the_one_that_was_tried() -> None:
    assert srtp.fits()


class _Other:
    """A binding of another release."""

    def __init__(self, **changed: object) -> None:
        own = pylibsrtp.lib  # type: ignore[attr-defined]
        self.__dict__.update({name: getattr(own, name) for name in dir(own)})
        self.__dict__.update(changed)


@pytest.mark.parametrize(
    "lib",
    [
        SimpleNamespace(),
        _Other(srtp_protect=len),
        _Other(srtp_unprotect=lambda session, data, length: 0),
    ],
    ids=["without the functions", "with another one", "one that does nothing"],
)
def test_another_binding_is_not_used(lib: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pylibsrtp, "lib", lib)
    assert not srtp.fits()
