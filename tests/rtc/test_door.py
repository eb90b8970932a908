"""Packets leave in runs where the kernel takes them, and one by one where it does not."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from struct import Struct

import pytest

from tests.rtc import live
from venterom.rtc import door
from venterom.rtc.door import Address, Door, bind
from venterom.rtc.reports import Counters

pytestmark = pytest.mark.media

HOST = "127.0.0.1"
PACKETS = [b"a" * 100, b"b" * 100, b"c" * 40]


class Hall:
    """A door, what came in through it, and somebody outside."""

    def __init__(self) -> None:
        self.counters = Counters(int)
        self.received = bytearray(2048)
        self.taken: list[bytes] = []
        self.turns = 0
        self.bound = bind(HOST, 0)
        self.door = Door(self.bound, self.received, self.counters, self.take, self.turned)
        self.outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outside.bind((HOST, 0))
        self.outside.settimeout(live.PATIENCE)

    def take(self, through: Door, length: int, source: Address, now: float) -> None:
        """Keep it; fail at what says so."""
        if self.received[:length] == b"fail":
            raise LookupError
        self.taken.append(bytes(self.received[:length]))

    def turned(self) -> None:
        """A turn is over."""
        self.turns += 1

    def heard(self) -> list[bytes]:
        """What comes outside of a run of these packets."""
        self.door.send_run(memoryview(b"".join(PACKETS)), 100, self.outside.getsockname())
        return [self.outside.recv(2048) for _ in PACKETS]


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    """One with the door open."""
    opened = Hall()
    yield opened
    opened.door.close()
    opened.outside.close()


async def test_a_run_arrives_as_the_packets_that_it_was_made_of(hall: Hall) -> None:
    assert hall.heard() == PACKETS
    assert hall.counters == {}


async def test_where_the_kernel_takes_no_runs_packets_go_one_by_one(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_UDP_SEGMENT", 1)  # corks the socket, with another size of number
    monkeypatch.setattr(door, "_SIZE", Struct("=B"))
    assert hall.heard() == PACKETS
    assert hall.counters == {"runs_refused": 1}
    monkeypatch.setattr(door, "_TAKES_RUNS", False)
    assert hall.heard() == PACKETS
    assert hall.counters == {"runs_refused": 1}


async def test_what_the_kernel_does_not_send_is_counted_and_lost(hall: Hall) -> None:
    hall.door.send(b"x", (HOST, 0))
    assert hall.counters == {"send_refused": 1}


async def test_a_datagram_that_fails_does_not_end_the_reading(hall: Hall) -> None:
    for data in (b"one", b"fail", b"", b"two"):
        hall.outside.sendto(data, hall.bound.getsockname())
    async with asyncio.timeout(live.PATIENCE):
        while b"two" not in hall.taken:
            await asyncio.sleep(0.01)
    assert hall.taken == [b"one", b"", b"two"]
    assert hall.counters == {"datagram_failed": 1}
    with contextlib.suppress(BlockingIOError):
        hall.bound.recv(1)
    assert hall.turns > 0
