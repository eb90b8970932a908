"""A robot's browser signs in where it is sent to, keeps to what it gets, and comes back by itself.

The service here is a stand-in of a few handlers; the real one is in test_crowd.py.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSServerHandshakeError, web

from venterom.server.demo.crowd.pages import Unexpected
from venterom.server.demo.crowd.visitor import Visitor

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PICK = '<form action="/picked"><button name="person" value="7"><b>Kari Prøvdal</b></button></form>'
FORM = '<form><input name="csrf" value="t"><input name="number"></form>'


def html(text: str, status: int = 200) -> web.Response:
    """A page."""
    return web.Response(text=text, content_type="text/html", status=status)


@asynccontextmanager
async def visiting(name: str = "Kari Prøvdal", **handlers: Handler) -> AsyncGenerator[Visitor]:
    """A browser before a service of these handlers: `start` is GET and POST /start, and so on."""
    app = web.Application()
    for path, handler in handlers.items():
        app.router.add_route("*", f"/{path}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with Visitor(f"http://{host}:{port}", name) as visitor:
        yield visitor
    await runner.cleanup()


async def start(request: web.Request) -> web.Response:
    """Asks for a sign-in first."""
    if "sid" not in request.cookies:
        raise web.HTTPSeeOther("/pick")
    return html(FORM)


async def pick(_request: web.Request) -> web.Response:
    """The provider's page."""
    return html(PICK)


async def picked(request: web.Request) -> web.Response:
    """Back with a cookie."""
    assert (await request.post())["person"] == "7"
    assert request.headers["Origin"] == str(request.url.origin())
    answer = web.HTTPSeeOther("/start")
    answer.set_cookie("sid", "secret")
    raise answer


async def test_wherever_a_sign_in_is_asked_for_it_is_done() -> None:
    async with visiting(start=start, pick=pick, picked=picked) as visitor:
        page = await visitor.open("/start")
        assert page.path == "/start"
        assert page.asking("number")


async def test_whoever_cannot_be_picked_does_not_get_in() -> None:
    async with visiting("Ola Testvik", start=start, pick=pick, picked=picked) as visitor:
        with pytest.raises(Unexpected, match="Ola Testvik cannot be picked"):
            await visitor.open("/start")


@pytest.mark.parametrize(
    ("status", "is_page"),
    [
        (200, True),
        (409, True),  # another was faster: the page says how it is now
        (403, False),
        (404, False),
        (422, False),  # a robot types nothing that is wrong
        (500, False),
    ],
)
async def test_only_pages_are_read(status: int, is_page: bool) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return html(FORM, status)

    async with visiting(start=answer) as visitor:
        if is_page:
            assert (await visitor.open("/start")).forms
        else:
            with pytest.raises(Unexpected, match=f"GET /start: {status}"):
                await visitor.open("/start")


async def test_a_script_shows_the_pages_token() -> None:
    async def note(request: web.Request) -> web.Response:
        assert request.headers["X-CSRF-Token"] == "t"
        assert request.method == "PUT"
        return web.json_response(await request.json())

    async def form(_request: web.Request) -> web.Response:
        return html(FORM)

    async def late(_request: web.Request) -> web.Response:
        return html("", 409)

    async with visiting(start=form, note=note, late=late) as visitor:
        page = await visitor.open("/start")
        assert await visitor.script(page, "PUT", "/note", {"version": 1}) == '{"version": 1}'
        assert await visitor.script(page, "POST", "/late") is None
        with pytest.raises(Unexpected, match="POST /gone: 404"):
            await visitor.script(page, "POST", "/gone")


async def test_a_live_part_that_is_cut_off_comes_back() -> None:
    opened = 0

    async def live(request: web.Request) -> web.WebSocketResponse:
        nonlocal opened
        opened += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({})  # still here, nothing new
        await socket.send_json({"view": "waiting", "html": f'<a href="/{opened}">x</a>'})
        if opened > 1:
            await socket.receive()
        return socket

    async def page(_request: web.Request) -> web.Response:
        return html('<div data-live="/live"></div>')

    async with visiting(start=page, live=live) as visitor, asyncio.timeout(10):
        async with visitor.live(await visitor.open("/start")) as part:
            state = await part.until(lambda state: "/2" in state.page.links)
            assert state.view == "waiting"


async def test_a_live_part_that_is_refused_is_told() -> None:
    async def page(_request: web.Request) -> web.Response:
        return html('<div data-live="/live"></div>')

    async with visiting(start=page) as visitor, asyncio.timeout(10):
        async with visitor.live(await visitor.open("/start")) as part:
            with pytest.raises(WSServerHandshakeError):
                await part.until(lambda _: True)
