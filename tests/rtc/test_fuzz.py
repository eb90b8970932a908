"""Hostile input in bulk: nothing raises what it should not, nothing exits, no bystander notices.

`make fuzz` runs a million inputs, `make test` fifty thousand. Seeds are fixed, so what fails once
fails again.
"""

import asyncio
import contextlib
import os
import random
import socket
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from struct import pack

import pytest
from aiortc.rtp import (
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)

from tests.rtc import live, meeting
from tests.rtc.live import Process, Room
from tests.rtc.offers import mutants
from tests.rtc.test_handshake import JUNK, Browser, Line
from tests.rtc.test_members import picture, send
from tests.rtc.test_strangers import HOST, STRANGE, check
from tests.wire import rtp_packet
from venterom.rtc import checks, offer, protocol
from venterom.rtc.errors import BadMessage, BadOffer
from venterom.rtc.peer import Connection

INPUTS = int(os.environ.get("FUZZ_INPUTS", "50000"))  # in all
# How many hundredths of them each test gets: an offer takes longest to read, and a live worker
# wants its two rooms set up.
CHECKS, HANDSHAKES, MEDIA, REPORTED, OFFERED, SAID, LIVE = 25, 10, 25, 25, 4, 7, 4
ROUND = 300  # of each kind that one connection of a member sends before he comes anew
# Seconds for each test: a million inputs take minutes, and on a loaded machine more.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

INFO = RtcpReceiverInfo(2061, 1, 2, 3, 4, 5, 6)
REPORTS = [
    bytes(RtcpSrPacket(1011, RtcpSenderInfo(1, 2, 3, 4), [INFO])),
    bytes(RtcpRrPacket(1, [INFO] * 3)),
    bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=2061, lost=[1, 2, 3, 900])),
    pack("!BBHLLHHLHH", 0x8F, 205, 5, 1, 2061, 7, 2, 9 << 8, 0x2002, 4),  # transport-wide
    bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=2061)),
    bytes(RtcpPsfbPacket(15, 1, 0, b"REMB" + pack("!BBHL", 1, 3, 9, 2061))),
    bytes(RtcpByePacket(sources=[1011, 1012])),
    pack("!BBHL", 0x81, 202, 2, 1011) + b"\1\2ab\0\0\0\0",
]
PACKETS = [
    rtp_packet(1011, 7, payload=bytes(20), transport=9),
    rtp_packet(1012, 8, payload_type=97, payload=bytes(20), transport=9),
    rtp_packet(1001, 9, payload_type=111, payload=bytes(20)),
]
MESSAGES = [
    protocol.dump(protocol.Join("ticket", 2, protocol.Encryption.END_TO_END)),
    protocol.dump(protocol.Offer(1, "v=0\r\n")),
    protocol.dump(protocol.Room("talking", {"patient": "here"}, {"patient": "end_to_end"}, {})),
    protocol.dump(protocol.Ping(3)),
]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The data with a few faults: bytes and lengths changed, pieces cut out, doubled, put in."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(changed))
        match dice.randrange(6):
            case 0 if at < len(changed):
                changed[at] = dice.randrange(256)
            case 1 if at < len(changed):
                changed[at] ^= 1 << dice.randrange(8)
            case 2:
                del changed[at : at + dice.randint(1, 16)]
            case 3:
                changed[at:at] = dice.randbytes(dice.randint(1, 16))
            case 4:
                changed[at:at] = changed[at : at + dice.randint(1, 32)]
            case _:
                changed[at : at + 2] = dice.choice([b"\0\0", b"\xff\xff", b"\x7f\xff", b"\0\1"])
    return bytes(changed[:1400])


def share(hundredths: int) -> int:
    """So many inputs."""
    return INPUTS * hundredths // 100


def inputs(seeds: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Endless mutants of these, and now and then plain noise."""
    dice = random.Random(seed)
    while True:
        if dice.randrange(20):
            yield mutated(dice.choice(seeds), dice)
        else:
            yield dice.randbytes(dice.randint(0, 200))


def test_checks() -> None:
    seeds = [check("ours:theirs", "a password of ours 123"), check("ours:x", None)]
    for data in islice(inputs(seeds, 1), share(CHECKS)):
        checks.user(data)
        checks.read(data, "ours:theirs", "a password of ours 123")


def test_handshakes() -> None:
    browser = Browser()
    greeting = browser.take([])
    line = Line(browser)
    seeds = [*JUNK, *greeting, *line.browser.take(line.answered(greeting))]
    for number, data in enumerate(islice(inputs(seeds, 2), share(HANDSHAKES))):
        if number % 50 == 0:  # begun, and now and then finished
            line = Line(Browser())
            if number % 500 == 0:
                line.run()
        was_done = line.server.done
        line.answered([data])
        assert not (was_done and line.server.over)


def flow(name: str, packets: Sequence[bytes], number_of: int) -> None:
    """Mutants of these come from the patient, decrypted."""
    wire, _, _ = meeting.room()
    take: Callable[[str, bytes], None] = getattr(wire.forwarder, name)
    for number, data in enumerate(islice(inputs(packets, 3), number_of)):
        wire.now += 0.01
        if number % 100 == 0:
            wire.forwarder.on_rtp("doctor", rtp_packet(2011, number))
        if len(data) >= 12:  # what is shorter is not decrypted
            with contextlib.suppress(ValueError):
                take("patient", data)


def test_sound_and_picture() -> None:
    flow("on_rtp", PACKETS, share(MEDIA))


def test_reports() -> None:
    flow("on_rtcp", [*REPORTS, b"".join(REPORTS)], share(REPORTED))


def test_offers() -> None:
    for seed in range(share(OFFERED) // 100):
        for text in mutants(100, seed):
            with contextlib.suppress(BadOffer):
                offer.read(text)


def test_messages() -> None:
    seeds = [each.encode() for each in MESSAGES]
    for data in islice(inputs(seeds, 6), share(SAID)):
        with contextlib.suppress(BadMessage):
            protocol.parse(data.decode(errors="replace"))


# ---- a live worker


async def lost(*people: Connection) -> tuple[int, int]:
    """How many packets these people have missed, and how many they have had."""
    stats = [
        each
        for person in people
        for each in (await person.pc.getStats()).values()
        if each.type == "inbound-rtp"
    ]
    return sum(each.packetsLost for each in stats), sum(each.packetsReceived for each in stats)


@pytest.mark.media
async def test_a_bystander_notices_nothing(tmp_path: Path, loopback: None) -> None:
    with live.process(tmp_path) as worker:
        await bystand(worker)
        assert worker.stop() == 0
        assert worker.log == ""


async def bystand(worker: Process) -> None:
    """Two rooms; in one of them, and from outside, everything comes."""
    async with live.opened(worker, "bystanders") as calm, live.opened(worker, "hostile") as room:
        bystanders = await calm.meet()
        await room.join("doctor")
        await room.admit(*live.BOTH)
        before = await lost(*bystanders)
        from_outside = inputs([*STRANGE.values(), *JUNK, *PACKETS, *REPORTS], 7)
        for _ in range(1 + share(LIVE) // (3 * ROUND)):
            await rage(room, calm.media_port("patient"), from_outside)
        await calm.flows(*bystanders)
        after = await lost(*bystanders)
        counters = await calm.count()
    assert {counters[name] for name in ("unhandled", "datagram_failed", "send_failed")} == {0}
    missed, had = after[0] - before[0], after[1] - before[1]
    assert missed <= 0.005 * (missed + had), f"{missed} of {missed + had} were lost"


async def rage(room: Room, port: int, from_outside: Iterator[bytes]) -> None:
    """A member comes (back) and sends whatever passes his own libsrtp, and what nothing protects; a
    stranger sends the like. It is nobody's fault but his if his connection ends by it."""
    member = await room.join("patient")
    await room.until(lambda: member.pc.connectionState == "connected")
    way, video = live.way(member), picture(room)
    repair_type = video.repair_type or 0
    own = [rtp_packet(video.ssrcs[1], 7, payload_type=repair_type, transport=9), *REPORTS]
    from_inside = (each for each in inputs(own, port) if len(each) > 11 and 127 < each[0] < 192)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for number in range(ROUND):
            stranger.sendto(next(from_outside), (HOST, port))
            with contextlib.suppress(Exception):
                way.protocol.transport.sendto(next(from_outside), way.remote_addr)
                await send(member, [next(from_inside)])
            if number % 20 == 19:
                await asyncio.sleep(0.005)
