"""A real media process on loopback, and people with stock WebRTC stacks who meet through it."""

import asyncio
import contextlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any

import aiohttp

from venterom.rtc import reports
from venterom.rtc.peer import Connection
from venterom.rtc.reports import Counted, Report
from venterom.rtc.worker import READY

# Seconds that anything may take on a busy machine; mostly it is one. Less than the half minute
# after which a peer that nobody tells notices by itself that a connection has gone.
PATIENCE = 25.0
BOTH = ("patient", "doctor")
ODD = {"unhandled", "datagram_failed", "rtp_in_failed", "send_failed"}  # counters that stay at 0
SAID = ([READY, "plain"], [READY, "compiled"])  # when it listens
PORT = re.compile(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host", re.ASCII)


class Process:
    """One media worker: `python -m venterom.rtc.worker`, as care starts it."""

    def __init__(self, folder: Path, *more: str, module: str = "venterom.rtc.worker") -> None:
        self.socket = folder / "media.sock"
        self._errors = folder / "stderr"
        command = ["-m", module, "--socket", str(self.socket)]
        with self._errors.open("wb") as errors:
            self.running = subprocess.Popen(
                [sys.executable, *command, "--addresses", "127.0.0.1", *more],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self.running.stdout is not None
        assert self.running.stdout.readline().decode().split() in SAID, self.log

    @property
    def log(self) -> str:
        """All that it has written; nothing, as long as it is well."""
        return self._errors.read_text()

    def stop(self) -> int:
        """End its standard input, as the end of care does; its exit code."""
        self.running.communicate(timeout=PATIENCE)
        return self.running.returncode


@contextlib.contextmanager
def process(folder: Path, *more: str, module: str = "venterom.rtc.worker") -> Generator[Process]:
    """A worker that ends with the context, started with these arguments more."""
    worker = Process(folder, *more, module=module)
    try:
        yield worker
    finally:
        worker.running.kill()
        worker.running.communicate()


class Room:
    """One room of a worker: what is said to the worker about it, and what the worker reports."""

    def __init__(self, http: aiohttp.ClientSession, name: str) -> None:
        self.http = http
        self.name = name
        self.reports: list[Report] = []
        self.counters: Counter[str] = Counter()  # of the whole worker, a second old at most
        self.offers: dict[str, str] = {}  # the newest of each seat, as they were sent
        self.answers: dict[str, str] = {}  # and what they were answered by
        self._people: list[Connection] = []
        self._counts = 0
        self._follows = asyncio.Event()

    async def post(self, seat: str, offer: str | bytes) -> tuple[int, str]:
        """Offer a connection for a seat: status and body of the answer."""
        path = f"/rooms/{self.name}/seats/{seat}"
        async with self.http.post(path, data=offer) as answer:
            return answer.status, await answer.text()

    async def admit(self, *seats: str) -> None:
        """These may see and hear each other."""
        path = f"/rooms/{self.name}/admit"
        async with self.http.post(path, json={"seats": seats}) as answer:
            assert answer.status == 204

    async def leave(self, seat: str) -> None:
        """A seat is given up."""
        async with self.http.delete(f"/rooms/{self.name}/seats/{seat}") as answer:
            assert answer.status == 204

    async def prepare(
        self, seat: str, change: Callable[[str], str] = lambda offer: offer
    ) -> Connection:
        """Somebody's offer for a seat is answered; `change` is done to it on its way."""
        person = Connection()
        self._people.append(person)
        self.offers[seat] = change(await person.offer())
        status, answer = await self.post(seat, self.offers[seat])
        assert status == 201, answer
        self.answers[seat] = answer
        return person

    async def join(
        self, seat: str, change: Callable[[str], str] = lambda offer: offer
    ) -> Connection:
        """Somebody connects to a seat."""
        person = await self.prepare(seat, change)
        await person.take(self.answers[seat])
        return person

    async def echo(self) -> Connection:
        """Somebody connects to an echo of the room's name."""
        person = Connection()
        self._people.append(person)
        async with self.http.post(f"/echoes/{self.name}", data=await person.offer()) as answer:
            assert answer.status == 201
            await person.take(await answer.text())
        return person

    async def end_echo(self) -> str:
        """The echo is over: what the worker says of it."""
        async with self.http.delete(f"/echoes/{self.name}") as answer:
            assert answer.status == 200
            return await answer.text()

    async def meet(self) -> tuple[Connection, Connection]:
        """Two people who see and hear each other."""
        patient, doctor = [await self.join(seat) for seat in BOTH]
        await self.admit(*BOTH)
        await self.flows(patient, doctor)
        return patient, doctor

    async def flows(self, *people: Connection) -> None:
        """Return when from now on pictures that move and sound have come to each of them."""
        before = [(person.changes, person.loud) for person in people]
        await self.until(
            lambda: all(
                person.changes > changes + 3 and person.loud > loud + 10
                for person, (changes, loud) in zip(people, before, strict=True)
            )
        )

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to become so."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)

    async def reported(self, report: Report) -> None:
        """Wait for a report, and take it out."""
        await self.until(lambda: report in self.reports)
        self.reports.remove(report)

    async def count(self) -> Counter[str]:
        """What the worker has counted until now."""
        seen = self._counts
        await self.until(lambda: self._counts > seen)
        return self.counters

    async def counted(self, before: Counter[str], **least: int) -> None:
        """Wait until the worker has counted so many more of each."""
        await self.until(
            lambda: all(self.counters[name] - before[name] >= n for name, n in least.items())
        )

    async def read(self) -> None:
        """Follow what the worker reports, until it ends or this is cancelled."""
        forever = aiohttp.ClientTimeout(total=None)
        async with self.http.get("/events", timeout=forever) as stream:
            self._follows.set()
            async for line in stream.content:
                self._take(reports.parse(line.decode()))

    async def follows(self) -> None:
        """Return when nothing that is reported from now on will be missed."""
        async with asyncio.timeout(PATIENCE):
            await self._follows.wait()

    def _take(self, report: Report) -> None:
        if isinstance(report, Counted):
            self.counters = Counter(report.counters)
            self._counts += 1
        elif report.room == self.name:
            self.reports.append(report)

    def media_port(self, seat: str) -> int:
        """The UDP port of this seat's connection."""
        found = PORT.search(self.answers[seat])
        assert found
        return int(found[1])

    async def close(self) -> None:
        """The room is over."""
        async with self.http.delete(f"/rooms/{self.name}") as answer:
            assert answer.status == 204

    async def go_home(self) -> None:
        """Everybody stops sending."""
        await asyncio.gather(*(person.close() for person in self._people))


@contextlib.asynccontextmanager
async def opened(worker: Process, name: str) -> AsyncGenerator[Room]:
    """A room of this worker, which is followed from before the first join to after the end."""
    connector = aiohttp.UnixConnector(str(worker.socket))
    async with aiohttp.ClientSession("http://media", connector=connector) as http:
        room = Room(http, name)
        reading = asyncio.create_task(room.read())
        try:
            await room.follows()
            yield room
            if worker.running.poll() is None:
                await room.close()
        finally:
            await room.go_home()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def way(person: Connection) -> Any:
    """The chosen pair of addresses of somebody's connection."""
    return person.pc.getSenders()[0].transport.transport._connection._nominated[1]


class _Nowhere:
    """A stand-in for a UDP transport whose network has gone."""

    def sendto(self, data: bytes, address: object) -> None:
        """Lose it."""


@contextlib.contextmanager
def cut_off(person: Connection) -> Generator[None]:
    """Nothing that this person sends arrives."""
    protocol = way(person).protocol
    there, protocol.transport = protocol.transport, _Nowhere()
    try:
        yield
    finally:
        protocol.transport = there


def udp_sockets(worker: Process) -> int:
    """How many UDP sockets the worker has open."""
    own = {_target(each) for each in Path(f"/proc/{worker.running.pid}/fd").iterdir()}
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("udp", "udp6")]
    return sum(f"socket:[{line.split()[9]}]" in own for table in tables for line in table)


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return ""  # closed since it was listed


async def at_the_end(worker: Process) -> None:
    """No room is left, and nothing happened that nobody had thought of."""
    async with opened(worker, "the last one") as room:
        counters = await room.count()
        async with room.http.get("/health") as health:
            assert (await health.json())["rooms"] == 0
    odd = {name: n for name, n in counters.items() if name in ODD}
    assert odd == {}
