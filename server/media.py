"""Starts and watches the media workers, and gives each room one of them.

A worker may die at any moment. Its rooms are then told that they are lost, the worker is started
again, and the rooms' next offers go to whichever worker carries least.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from zlib import crc32

import structlog

from venterom.rtc import echo
from venterom.rtc.echo import Arrived
from venterom.rtc.errors import MediaUnavailable, RtcError
from venterom.rtc.reports import Counted, Lost, Report
from venterom.server.worker import SILENT_S, START_S, Worker

AGAIN_S = 0.5  # seconds before a worker that did not start is started again

log = structlog.get_logger()

Listener = Callable[[Report], None]


class Media:
    """All workers. An async context manager: inside it they run."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: int,
        addresses: Sequence[str],
        port: int = 0,
        program: str = "venterom.rtc.worker",
        silent_s: float = SILENT_S,
    ) -> None:
        self._workers = [
            Worker(
                folder / f"media-{n}.sock",
                addresses,
                port=port + n if port else 0,
                program=program,
                silent_s=silent_s,
            )
            for n in range(workers)
        ]
        self._started = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listener: Listener = lambda report: None

    def listen(self, listener: Listener) -> None:
        """Who is told what the workers report."""
        self._listener = listener

    async def __aenter__(self) -> "Media":
        await asyncio.gather(*(self._start(worker) for worker in self._workers))
        self._tasks = [asyncio.create_task(self._keep(worker)) for worker in self._workers]
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
        worker = self._worker_of(room) or await self._least_busy()
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

    async def echo(self, name: str, sdp: str) -> str:
        """The answer to a browser that wants its own packets back.

        Raises BadOffer, RoomsFull, TooFast, MediaUnavailable.
        """
        return await self._for_echo(name).ask("POST", f"/echoes/{name}", text=sdp)

    async def end_echo(self, name: str) -> Arrived | None:
        """An echo is over: what arrived, or None when it was over already.

        Raises BadReport, MediaUnavailable.
        """
        return echo.read(await self._for_echo(name).ask("DELETE", f"/echoes/{name}"))

    def _for_echo(self, name: str) -> Worker:
        """Always the same one for a name, as long as none dies. Nobody is waited for."""
        listening = [each for each in self._workers if each.listens]
        if not listening:
            raise MediaUnavailable
        return listening[crc32(name.encode()) % len(listening)]

    async def _tell(self, room: str, method: str, path: str, json: object = None) -> None:
        """A command that has nothing to do when the room has no worker, or a dead one."""
        worker = self._worker_of(room)
        if worker is not None:
            with contextlib.suppress(RtcError):
                await worker.ask(method, path, json=json)

    def _worker_of(self, room: str) -> Worker | None:
        return next((worker for worker in self._workers if room in worker.rooms), None)

    async def _least_busy(self) -> Worker:
        """A worker for a new room; when all have died, one that has started again."""
        try:
            async with asyncio.timeout(START_S):
                while not (listening := [each for each in self._workers if each.listens]):
                    self._started.clear()
                    await self._started.wait()
        except TimeoutError:
            raise MediaUnavailable from None
        return min(listening, key=lambda each: len(each.rooms))

    async def _keep(self, worker: Worker) -> None:
        """Pass on what a worker reports; when it dies, tell its rooms and start it again."""
        while True:
            if worker.listens:
                await self._follow(worker)
            if not await self._start(worker):
                await asyncio.sleep(AGAIN_S)

    async def _follow(self, worker: Worker) -> None:
        async for report in worker.reports():
            if not isinstance(report, Counted):
                self._listener(report)
        lost, worker.rooms = worker.rooms, set()
        log.warning("media_worker_lost", rooms=len(lost))
        await worker.kill()
        for room in lost:
            self._listener(Lost(room))

    async def _start(self, worker: Worker) -> bool:
        try:
            number = await worker.start()
        except (MediaUnavailable, OSError):
            log.error("media_worker_does_not_start")
            return False
        log.info("media_worker_started", process=number, code=worker.code)
        self._started.set()
        return True
