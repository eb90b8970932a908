"""The crowd as the demonstration sees it: a process that is started after the doors are open, is
missed in one line when it dies, and goes before the doors are closed."""

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass

from aiohttp import web

from venterom.server.demo import world
from venterom.server.worker import without_settings

STOP_S = 3.0  # seconds until it is ended by force; usually it takes a tenth of one


@dataclass(frozen=True, slots=True)
class Size:
    """How many patients come an hour, and how fast their time passes: 1 is as fast as ours."""

    an_hour: int
    pace: float = 1.0


class Company:
    """One crowd. `add` it to an application before that starts."""

    def __init__(self, size: Size, service: str) -> None:
        self._size = size
        self._service = service
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    def add(self, app: web.Application) -> None:
        """Have it come and go with the application."""
        app.on_startup.append(self._begin)  # after everything that is set up for the doors
        app.on_shutdown.insert(0, self._end)  # before anybody's socket is closed

    async def _begin(self, app: web.Application) -> None:
        command = [sys.executable, "-m", "venterom.server.demo.crowd.process"]
        command += ["--service", self._service, "--an-hour", str(self._size.an_hour)]
        command += ["--pace", str(self._size.pace)]
        if await world.is_open_for_somebody(app):
            command.append("--some-are-here")
        self._process = await asyncio.create_subprocess_exec(
            *command, env=without_settings(os.environ), stdin=asyncio.subprocess.PIPE
        )
        self._watch = asyncio.create_task(_miss(self._process))

    async def _end(self, _app: web.Application) -> None:
        """Close its standard input, which it takes for a sign."""
        if self._process is None or self._watch is None:
            return
        self._watch.cancel()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def _miss(process: asyncio.subprocess.Process) -> None:
    """Tell when it is gone. On Ctrl-C it goes by itself, as it should, and with code 0."""
    code = await process.wait()
    if code:
        print(f"The crowd is gone (code {code}). The demonstration goes on without it.", flush=True)
