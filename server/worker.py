"""One media process, as care knows it: started, asked, listened to, ended.

It speaks HTTP over a Unix socket; `rtc/worker.py` is its other end.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

import aiohttp

from venterom.rtc import reports
from venterom.rtc.errors import (
    BadOffer,
    BadReport,
    MediaUnavailable,
    RoomsFull,
    RtcError,
    TooFast,
)
from venterom.rtc.reports import Report
from venterom.server.reading import PREFIX

START_S = 20.0  # seconds until a worker must listen; usually less than one
ANSWER_S = 10.0  # seconds for one command
STOP_S = 8.0  # seconds for a worker to go by itself; it gives its own connections five
SILENT_S = 10.0  # a worker counts once a second; one that says nothing for so long hangs


class Worker:
    """One process, and the rooms that it carries."""

    def __init__(
        self, socket: Path, addresses: Sequence[str], *, port: int, program: str, silent_s: float
    ) -> None:
        self.rooms: set[str] = set()
        self.code = ""  # that packets go through, as it says when it listens: plain or compiled
        self._socket = socket
        self._command = [sys.executable, "-m", program, "--socket", str(socket)]
        if addresses:
            self._command += ["--addresses", *addresses]
        if port:
            self._command += ["--port", str(port)]
        self._silent_s = silent_s
        self._process: asyncio.subprocess.Process | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def listens(self) -> bool:
        """Whether it can be asked."""
        return self._http is not None

    async def start(self) -> int:
        """Start the process, and return its id when it listens. Raises MediaUnavailable: then none
        runs."""
        self._socket.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=without_settings(os.environ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        line = await _first_line(self._process)
        if not line:
            await self.kill()
            raise MediaUnavailable
        self.code = line.decode(errors="replace").strip().partition(" ")[2]
        self._http = aiohttp.ClientSession(
            "http://media",
            connector=aiohttp.UnixConnector(str(self._socket)),
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
        )
        return self._process.pid

    async def stop(self) -> None:
        """End the process: it goes by itself when its standard input ends."""
        await self._let_go()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End the process without a word, if it still runs."""
        await self._let_go()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None  # not before: whoever cancels us still has to wait for it

    async def _let_go(self) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def ask(self, method: str, path: str, *, text: str = "", json: object = None) -> str:
        """One command. Raises BadOffer, RoomsFull, TooFast, MediaUnavailable."""
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
        """What the process says, until it dies, hangs, or says what no worker would."""
        assert self._http is not None
        until_silent = aiohttp.ClientTimeout(total=None, sock_read=self._silent_s)
        with contextlib.suppress(Exception):  # whatever reading it raises: it is to be replaced
            async with self._http.get("/events", timeout=until_silent) as stream:
                async for line in stream.content:
                    with contextlib.suppress(BadReport):
                        yield reports.parse(line.decode(errors="replace"))


async def _first_line(process: asyncio.subprocess.Process) -> bytes:
    """What it says when it is ready; nothing when it ends or hangs before."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            return await process.stdout.readline()
    except TimeoutError:
        return b""


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """For a process of ours that reads what strangers send: the address of the database may hold a
    password."""
    return {name: value for name, value in environment.items() if not name.startswith(PREFIX)}


def _refusal(status: int) -> RtcError:
    return {503: RoomsFull, 429: TooFast}.get(status, BadOffer)()
