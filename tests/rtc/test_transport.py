"""One connection on the stock libraries, from offer to close, in this very process."""

import asyncio
import contextlib
import re
import socket
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.rtc import live
from tests.rtc.offers import CHROMIUM, OFFERS, changed, mutants
from venterom.rtc import offer, rtp, transport
from venterom.rtc.errors import BadOffer
from venterom.rtc.offer import Offer
from venterom.rtc.peer import Connection
from venterom.rtc.transport import Listener, Transport

pytestmark = [pytest.mark.media, pytest.mark.usefixtures("loopback")]


class Heard:
    """What one connection gave to its listener."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, int]] = []  # stream and number of each RTP packet
        self.reports = 0
        self.states: list[str] = []
        self.counters: Counter[str] = Counter()
        self.fails = False

    def connection(self, wanted: Offer) -> Transport:
        return Transport(wanted, Listener(self.rtp, self.rtcp, self.states.append), self.counters)

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


@contextlib.asynccontextmanager
async def connected() -> AsyncGenerator[tuple[Connection, Heard, Transport]]:
    """Somebody whose pictures and sound come to a listener."""
    person, heard = Connection(), Heard()
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
async def test_what_is_sent_twice_is_heard_once() -> None:
    async with connected() as (person, heard, _):
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


@pytest.mark.slow
async def test_a_listener_that_fails_loses_the_packet_and_nothing_else() -> None:
    async with connected() as (_, heard, _):
        heard.fails = True
        await heard.more(20)
        heard.fails = False
        await heard.more(20)
        assert heard.counters["rtp_in_failed"] >= 20


@pytest.mark.slow
async def test_what_waits_to_be_decrypted_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected() as (_, heard, _):
        monkeypatch.setattr(transport, "MOST_WAITING", 0)  # as if none of it were ever read
        async with asyncio.timeout(live.PATIENCE):
            while heard.counters["queue_full"] < 20:
                await asyncio.sleep(0.01)
        monkeypatch.undo()
        await heard.more(20)


@pytest.mark.parametrize("text", OFFERS.values(), ids=OFFERS)
async def test_an_answer_takes_what_was_offered_and_names_our_own_streams(text: str) -> None:
    ours = Heard().connection(offer.read(text))
    answer = await ours.answer()
    await ours.close()
    assert re.findall(r"a=mid:(\S+)", answer) == ["0", "1"]
    assert re.findall(r"m=(\w+) ", answer) == ["audio", "video"]
    streams = {int(ssrc) for ssrc in re.findall(r"a=ssrc:(\d+)", answer)}
    video = ours.tracks["video"]
    assert streams == {*ours.tracks["audio"].outgoing, *video.outgoing} - {
        ours.tracks["audio"].repair_out
    }
    assert f"a=rtpmap:{video.payload_type} VP8/90000" in answer


@pytest.mark.slow
async def test_whatever_is_let_through_is_answered() -> None:
    understood = []
    for text in mutants(1000, 3):
        with contextlib.suppress(BadOffer):
            understood.append(offer.read(text))
    for wanted in understood[::5]:
        ours = Heard().connection(wanted)
        assert "a=setup:passive" in await ours.answer()
        await ours.close()


async def test_who_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN", 0.01)
    heard = Heard()
    ours = heard.connection(offer.read(CHROMIUM))
    await ours.answer()
    await heard.until("closed")
    await ours.close()
    assert heard.counters == {"connect_timeout": 1}
    assert heard.states == ["closed"]


@pytest.mark.parametrize("when", ["after the answer", "during the answer"])
async def test_who_has_closed_is_not_waited_for(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN", 0.05)
    heard = Heard()
    ours = heard.connection(offer.read(CHROMIUM))
    answering = asyncio.create_task(ours.answer())
    await (answering if when == "after the answer" else asyncio.sleep(0))
    await ours.close()
    await answering
    await asyncio.sleep(0.1)  # a timer that still ran would come first
    assert heard.counters == {}


async def test_what_is_sent_before_anybody_has_come_goes_nowhere() -> None:
    heard = Heard()
    ours = heard.connection(offer.read(CHROMIUM))
    await ours.answer()
    ours.send_rtp(b"\x80" + bytes(40))
    ours.send_rtcp(b"\x80\xc8" + bytes(40))
    await ours.close()
    ours.send_rtp(b"\x80" + bytes(40))
    assert heard.counters == {}


async def test_one_that_is_closed_while_it_is_answered_leaves_no_socket_open() -> None:
    heard = Heard()
    ours = heard.connection(offer.read(changed("a=sendrecv", "a=recvonly")))
    answering = asyncio.create_task(ours.answer())
    await asyncio.sleep(0)  # it has begun
    ours.begin_closing()
    ports = {int(port) for port in re.findall(r"127\.0\.0\.1 (\d+) typ", await answering)}
    await ours.close()
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", port))
    assert len(ports) == 1
