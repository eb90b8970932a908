"""`venterom serve`: build the application and run it until it is told to stop."""

import asyncio
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from venterom.rtc import heap
from venterom.server import log
from venterom.server.app import build, front_headers
from venterom.server.callers import FILES_OF_OUR_OWN, House, Waits, room_for
from venterom.server.config import Settings
from venterom.server.listening import Entrance, listening
from venterom.web.address import Proxies


def serve(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C."""
    log.configure(settings.log)
    run(build(settings), settings)


def run(app: web.Application, settings: Settings) -> None:
    """The same, for an application that is built already."""
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(_until_told_to_stop(app, settings))


async def _until_told_to_stop(app: web.Application, settings: Settings) -> None:
    told = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, told.set)
    http = settings.http
    async with listening(app, entrance(settings), (http.host, http.port)):
        heap.keep()
        await told.wait()


def entrance(settings: Settings) -> Entrance:
    """Who is let in, and for how long they are waited for."""
    wanted = Waits()
    waits = replace(wanted, most=room_for(_open_files(wanted.most), wanted.most))
    return Entrance(
        waits=waits,
        house=House(waits.most, waits.most_each),
        proxies=Proxies.named(settings.http.trusted_proxies),
        headers=front_headers(settings),
    )


def _open_files(callers: int) -> int:
    """How many files may be open: from now on enough for so many callers, if the system lets us."""
    wanted = callers + FILES_OF_OUR_OWN
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    may = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < may:
        resource.setrlimit(resource.RLIMIT_NOFILE, (may, hard))
    return may


def _loop() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform == "linux":
        import uvloop

        return uvloop.new_event_loop
    return asyncio.new_event_loop
