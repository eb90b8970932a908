"""Starts and watches the media workers, and gives each room one of them.

A worker may die at any moment. Its rooms are then told that they are lost, the worker is started
again, and the rooms' next offers go to whichever worker carries least.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType

import aiohttp
import structlog

from venterom.rtc import reports
from venterom.rtc.errors import BadOffer, BadReport, MediaUnavailable, RoomsFull, RtcError
from venterom.rtc.reports import Counted, Lost, Report

START_S = 20.0  # seconds until a worker must listen; usually less than one
ANSWER_S = 10.0  # seconds for one command
AGAIN_S = 0.5  # seconds before a dead worker is started again

log = structlog.get_logger()

Listener = Callable[[Report], None]


class Worker:
    """One media process, and what is known of it."""

    def __init__(self, socket: Path, addresses: Sequence[str]) -> None:
        self.rooms: set[str] = set()
        self._socket = socket
        self._addresses = addresses
        self._process: asyncio.subprocess.Process | None = None
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Start the process; return when it listens. Raises MediaUnavailable."""
        self._socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "venterom.rtc.worker", "--socket", str(self._socket)]
        if self._addresses:
            command += ["--addresses", *self._addresses]
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                ready = await self._process.stdout.readline()
        except TimeoutError:
            ready = b""
        if not ready:
            raise MediaUnavailable
        self._http = aiohttp.ClientSession(
            "http://media",
            connector=aiohttp.UnixConnector(str(self._socket)),
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
        )

    async def stop(self) -> None:
        """End the process: it goes by itself when its standard input ends."""
        if self._http is not None:
            await self._http.close()
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def ended(self) -> None:
        """Return when the process has died."""
        if self._process is not None:
            await self._process.wait()

    async def ask(self, method: str, path: str, *, text: str = "", json: object = None) -> str:
        """One command. Raises BadOffer, RoomsFull, MediaUnavailable."""
        if self._http is None:
            raise MediaUnavailable
        try:
            async with self._http.request(method, path, data=text or None, json=json) as answer:
                said = await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            raise MediaUnavailable from None
        if answer.status >= 400:
            raise _refusal(answer.status)
        return said

    async def reports(self) -> AsyncGenerator[Report]:
        """What the process says, until it dies."""
        assert self._http is not None
        no_limit = aiohttp.ClientTimeout(total=None)
        with contextlib.suppress(aiohttp.ClientError):
            async with self._http.get("/events", timeout=no_limit) as stream:
                async for line in stream.content:
                    with contextlib.suppress(BadReport):
                        yield reports.parse(line.decode())


class Media:
    """All workers. An async context manager: inside it they run."""

    def __init__(self, folder: Path, *, workers: int, addresses: Sequence[str]) -> None:
        self._workers = [Worker(folder / f"media-{n}.sock", addresses) for n in range(workers)]
        self._tasks: list[asyncio.Task[None]] = []
        self._listener: Listener = lambda report: None

    def listen(self, listener: Listener) -> None:
        """Who is told what the workers report."""
        self._listener = listener

    async def __aenter__(self) -> "Media":
        for worker in self._workers:
            await worker.start()
            self._tasks.append(asyncio.create_task(self._keep(worker)))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    async def answer(self, room: str, seat: str, sdp: str) -> str:
        """The answer to a browser's offer. Raises BadOffer, RoomsFull, MediaUnavailable."""
        worker = self._worker_of(room) or min(self._workers, key=lambda each: len(each.rooms))
        worker.rooms.add(room)
        return await worker.ask("POST", f"/rooms/{room}/seats/{seat}", text=sdp)

    async def admit(self, room: str, seats: Iterable[str]) -> None:
        """These seats, and no others, may see and hear each other."""
        await self._tell(room, "POST", f"/rooms/{room}/admit", {"seats": list(seats)})

    async def leave(self, room: str, seat: str) -> None:
        """A seat is given up."""
        await self._tell(room, "DELETE", f"/rooms/{room}/seats/{seat}")

    async def close(self, room: str) -> None:
        """A room is over."""
        worker = self._worker_of(room)
        await self._tell(room, "DELETE", f"/rooms/{room}")
        if worker is not None:
            worker.rooms.discard(room)

    async def _tell(self, room: str, method: str, path: str, json: object = None) -> None:
        """A command that has nothing to do when the room has no worker, or a dead one."""
        worker = self._worker_of(room)
        if worker is not None:
            with contextlib.suppress(RtcError):
                await worker.ask(method, path, json=json)

    def _worker_of(self, room: str) -> Worker | None:
        return next((worker for worker in self._workers if room in worker.rooms), None)

    async def _keep(self, worker: Worker) -> None:
        """Pass on what a worker reports; when it dies, tell its rooms and start it again."""
        while True:
            async for report in worker.reports():
                if not isinstance(report, Counted):
                    self._listener(report)
            lost, worker.rooms = worker.rooms, set()
            log.warning("media_worker_lost", rooms=len(lost))
            await worker.stop()
            await self._revive(worker)
            for room in lost:
                self._listener(Lost(room))

    async def _revive(self, worker: Worker) -> None:
        while True:
            try:
                await worker.start()
                return
            except (MediaUnavailable, OSError):
                log.error("media_worker_does_not_start")
                await asyncio.sleep(AGAIN_S)


def _refusal(status: int) -> RtcError:
    return RoomsFull() if status == 503 else BadOffer()
