"""Hostile input in bulk: nothing raises what it should not, nothing exits, no bystander notices.

`make fuzz` runs a million inputs that are changed blindly, `make test` fifty thousand; and a tenth
of that for each reader, changed where it leads to new code. Seeds are fixed, so what fails once
fails again.
"""

import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest

from tests.house import ROOT
from tests.rtc import live
from tests.rtc.hostile import PACKETS, REPORTS, TARGETS
from tests.rtc.live import Process, Room
from tests.rtc.offers import mutants
from tests.rtc.test_handshake import JUNK
from tests.rtc.test_members import picture, send
from tests.rtc.test_strangers import HOST, STRANGE
from tests.wire import rtp_packet
from venterom.rtc import offer
from venterom.rtc.errors import BadOffer
from venterom.rtc.peer import Connection

INPUTS = int(os.environ.get("FUZZ_INPUTS", "50000"))  # in all
# How many hundredths of them each test gets: an offer takes longest to read, and a live worker
# wants its two rooms set up.
SHARES = {"checks": 25, "handshakes": 10, "media": 25, "reports": 20, "lines": 5, "messages": 7}
OFFERED, LIVE = 4, 4
GUIDED = INPUTS // 10  # for each reader, besides
SEED = 7
NO_ATHERIS = "no atheris for this system: not shown what a fuzzer that looks where it leads finds"
ROUND = 300  # of each kind that one connection of a member sends before he comes anew
# Seconds for each test: a million inputs take minutes, and on a loaded machine more.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


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


@pytest.mark.parametrize("name", SHARES)
def test_nothing_that_is_changed_blindly_is_too_much_for_its_reader(name: str) -> None:
    target = TARGETS[name]
    take = target.make()
    for data in islice(inputs(target.seeds, SEED), share(SHARES[name])):
        take(data)


def test_no_offer_with_spoilt_lines_is_too_much() -> None:
    for seed in range(share(OFFERED) // 100):
        for text in mutants(100, seed):
            with contextlib.suppress(BadOffer):
                offer.read(text)


@pytest.mark.skipif(find_spec("atheris") is None, reason=NO_ATHERIS)
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_is_changed_where_it_leads_on_is_too_much(name: str, tmp_path: Path) -> None:
    """A process of its own, since the fuzzer ends it. The corpus is what leads to new places."""
    command = [sys.executable, "-m", "tests.rtc.guided", name, str(tmp_path / "corpus")]
    wanted = [f"-runs={GUIDED}", f"-seed={SEED}", f"-artifact_prefix={tmp_path}/"]
    ran = subprocess.run([*command, *wanted], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr[-5000:]
    print(f"{name}: {ran.stderr.strip().splitlines()[-1]}")
    assert f"Done {GUIDED}" in ran.stderr


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
    print(f"the bystanders missed {missed} of {missed + had} packets")
    assert missed < 0.005 * (missed + had)


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
