"""One connection on the worker's port, from offer to close, in this very process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import pytest
from aiortc.sdp import SessionDescription

from tests.rtc import live
from tests.rtc.offers import CHROMIUM, mutants
from venterom.rtc import book, handshake, offer, rtp, transport
from venterom.rtc.errors import BadOffer
from venterom.rtc.handshake import Handshake, Identity
from venterom.rtc.offer import Offer
from venterom.rtc.peer import Connection
from venterom.rtc.port import Port
from venterom.rtc.reports import Counters
from venterom.rtc.transport import Listener, Transport

pytestmark = [pytest.mark.media, pytest.mark.usefixtures("loopback")]

HOST = "127.0.0.1"


class Heard:
    """What one connection gave to its listener."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.packets: list[tuple[int, int]] = []  # stream and number of each RTP packet
        self.reports = 0
        self.states: list[str] = []
        self.fails = False

    @property
    def counters(self) -> Counters:
        return self.port.counters

    def connection(self, wanted: Offer) -> Transport:
        return Transport(wanted, Listener(self.rtp, self.rtcp, self.states.append), self.port)

    def rtp(self, packet: bytes) -> None:
        self.packets.append((rtp.ssrc(packet), rtp.sequence(packet)))
        if self.fails:
            raise LookupError

    def rtcp(self, packet: bytes) -> None:
        self.reports += 1

    async def until(self, state: str) -> None:
        async with asyncio.timeout(live.PATIENCE):
            while state not in self.states:
                await asyncio.sleep(0.01)

    async def more(self, packets: int) -> None:
        """Wait until so many more packets have come."""
        wanted = len(self.packets) + packets
        async with asyncio.timeout(live.PATIENCE):
            while len(self.packets) < wanted:
                await asyncio.sleep(0.01)


@pytest.fixture(params=[True, False], ids=["in place", "by Session"])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[Port]:
    """A port on loopback, with either way to protect packets."""
    opened = Port(Counters(int), in_place=request.param)
    opened.open([HOST])
    yield opened
    assert opened.book.owners == {}  # whoever came has gone
    opened.close()


@contextlib.asynccontextmanager
async def connected(port: Port) -> AsyncGenerator[tuple[Connection, Heard, Transport]]:
    """Somebody whose pictures and sound come to a listener."""
    person, heard = Connection(), Heard(port)
    ours = heard.connection(offer.read(await person.offer()))
    await person.take(await ours.answer())
    try:
        await heard.until("connected")
        await heard.more(10)
        yield person, heard, ours
    finally:
        await ours.close()
        await person.close()
    assert heard.states == ["connected", "closed"]


class Recorder:
    """A stand-in for a UDP transport that keeps a copy of the sound and pictures it sends."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.sent: list[tuple[bytes, Any]] = []

    def sendto(self, data: bytes, address: Any) -> None:
        """Send, and remember."""
        if 127 < data[0] < 192 and not rtp.is_rtcp(data):
            self.sent.append((data, address))
        self.real.sendto(data, address)


@pytest.mark.slow
async def test_what_is_sent_twice_is_heard_once(port: Port) -> None:
    async with connected(port) as (person, heard, _):
        protocol = live.way(person).protocol
        real = protocol.transport
        protocol.transport = recorder = Recorder(real)
        await heard.more(50)
        protocol.transport = real
        assert len(recorder.sent) > 30
        for data, address in recorder.sent:
            real.sendto(data, address)
        await heard.more(50)  # those that were repeated are read before these
        assert len(heard.packets) == len(set(heard.packets))
        assert heard.counters["srtp_refused"] > 30


@pytest.mark.slow
async def test_a_listener_that_fails_loses_the_packet_and_nothing_else(port: Port) -> None:
    async with connected(port) as (_, heard, _):
        heard.fails = True
        await heard.more(20)
        heard.fails = False
        await heard.more(20)
        assert heard.counters["rtp_in_failed"] >= 20


@pytest.mark.slow
async def test_who_sends_no_check_for_too_long_is_gone_for_good(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(port) as (_, heard, ours):
        monkeypatch.setattr(book, "CONSENT", -1.0)  # as if the time were over at once
        await heard.until("closed")
        assert heard.counters["consent_over"] == 1
        assert port.book.way(ours.user) is None


@pytest.mark.slow
async def test_a_flight_that_nobody_answers_is_sent_again(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, heard = Connection(), Heard(port)
    ours = heard.connection(offer.read(await person.offer()))
    answer = await ours.answer()
    sent: list[bytes] = []
    lost = True
    with contextlib.ExitStack() as silence:

        def lose(datagram: bytes) -> None:
            """Our flight is lost, and the browser's next one too: so it is we who have to begin."""
            sent.append(datagram)
            if not lost:
                port.send(ours.user, datagram)
            elif len(sent) == 1:
                silence.enter_context(live.cut_off(person))

        monkeypatch.setattr(transport, "Handshake", lambda identity, _: Handshake(identity, lose))
        await person.take(answer)
        async with asyncio.timeout(live.PATIENCE):
            while len(sent) < 2:
                await asyncio.sleep(0.01)
        lost = False
        assert len(sent[0]) == len(sent[1])
    await heard.until("connected")
    await ours.close()
    await person.close()


@pytest.mark.slow
async def test_who_sends_media_is_not_sent_the_last_flight_again(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []

    def note(identity: Identity, send: Callable[[bytes], None]) -> Handshake:
        def noted(datagram: bytes) -> None:
            sent.append(datagram)
            send(datagram)

        return Handshake(identity, noted)

    monkeypatch.setattr(transport, "Handshake", note)
    monkeypatch.setattr(handshake, "AGAIN_AFTER", 0.3)
    async with connected(port) as (_, heard, _):
        before = len(sent)
        await heard.more(60)  # about a second of sound and pictures
        assert len(sent) == before


@pytest.mark.slow
async def test_whatever_is_let_through_is_answered(port: Port) -> None:
    understood = []
    for text in mutants(1000, 3):
        with contextlib.suppress(BadOffer):
            understood.append(offer.read(text))
    for wanted in understood[::5]:
        ours = Heard(port).connection(wanted)
        answer = await ours.answer()
        await ours.close()
        kinds = [media.kind for media in SessionDescription.parse(answer).media]
        assert kinds == [section.kind for section in wanted.sections]


async def test_who_does_not_come_is_given_up(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN", 0.01)
    heard = Heard(port)
    ours = heard.connection(offer.read(CHROMIUM))
    await ours.answer()
    await heard.until("closed")
    await ours.close()
    assert heard.counters == {"connect_timeout": 1}
    assert heard.states == ["closed"]


async def test_who_has_closed_is_not_waited_for(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN", 0.05)
    heard = Heard(port)
    before, after = (heard.connection(offer.read(CHROMIUM)) for _ in range(2))
    await before.close()
    await before.answer()
    await after.answer()
    await after.close()
    assert (port.book.named(before.user), port.book.named(after.user)) == (None, None)
    await asyncio.sleep(0.1)  # a timer that still ran would come first
    assert heard.counters == {}
    assert heard.states == ["closed", "closed"]


async def test_what_is_sent_before_anybody_has_come_goes_nowhere(port: Port) -> None:
    heard = Heard(port)
    ours = heard.connection(offer.read(CHROMIUM))
    await ours.answer()
    ours.send_rtp(b"\x80" + bytes(40))
    ours.send_rtcp(b"\x80\xc8" + bytes(40))
    await ours.close()
    ours.send_rtp(b"\x80" + bytes(40))
    assert heard.counters == {}


def has_ipv6() -> bool:
    """Whether this machine has IPv6 on loopback."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as one:
        one.bind(("::1", 0))
        return True
    return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_both_families_are_answered_on_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Port(Counters(int), in_place=True)
    opened.open([HOST, "::1"])
    assert [host for host, _ in opened.addresses] == [HOST, "::1"]
    assert len({number for _, number in opened.addresses}) == 1
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["::1"])
    async with connected(opened) as (person, heard, _):
        assert live.way(person).remote_addr[0] == "::1"
        await heard.more(10)
    opened.close()


async def test_a_port_that_is_taken_is_passed_over_and_an_address_of_the_router_is_offered() -> (
    None
):
    one, other, behind = (Port(Counters(int), in_place=True) for _ in range(3))
    one.open([HOST])
    other.open([HOST], one.addresses[0][1])
    assert other.addresses[0][1] != one.addresses[0][1]
    behind.open(["192.0.2.1"])  # nobody's (RFC 5737): so it is somebody's in front of us
    assert behind.addresses[0][0] == "192.0.2.1"
    for each in (one, other, behind):
        each.close()
