"""How the stand-ins of national services are run: real HTTP on a port of this machine."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def serving(routes: Iterable[web.RouteDef]) -> AsyncGenerator[str]:
    """A server that answers these; its address. Who has had enough of waiting is let go."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
