"""Somebody who closes the page in the middle of a request is nobody's fault, and in no log."""

import asyncio

from aiohttp import web
from structlog.testing import capture_logs

from venterom.server.errors import pages_for_errors

HALF_A_FORM = (
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nreason="
)


async def test_a_page_that_is_closed_while_its_form_is_sent_is_no_failure() -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        begun.set()
        try:
            await request.post()
        finally:
            over.set()
        return web.Response()

    app = web.Application(middlewares=[pages_for_errors])
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with capture_logs() as lines:
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(HALF_A_FORM)
        await begun.wait()
        writer.transport.abort()
        await over.wait()
        await runner.cleanup()
    assert lines == []
