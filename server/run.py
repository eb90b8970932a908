"""`venterom serve`: build the application and run it until it is told to stop."""

import asyncio
import sys
from collections.abc import Callable

from aiohttp import web

from venterom.server import log
from venterom.server.app import build
from venterom.server.config import Settings

SHUTDOWN_S = 5.0  # seconds for requests under way; calls live in processes of their own


def serve(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C."""
    log.configure(settings.log)
    run(build(settings), settings)


def run(app: web.Application, settings: Settings) -> None:
    """The same, for an application that is built already."""
    web.run_app(
        app,
        host=settings.http.host,
        port=settings.http.port,
        print=None,
        access_log=None,  # addresses hold ids of visits
        shutdown_timeout=SHUTDOWN_S,
        keepalive_timeout=30,
        loop=_loop(),
    )


def _loop() -> asyncio.AbstractEventLoop:
    make: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if sys.platform == "linux":
        import uvloop

        make = uvloop.new_event_loop
    return make()
