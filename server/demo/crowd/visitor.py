"""A browser without a screen, for one robot: pages, forms, cookies, redirects, live sockets.

It knows no short cut. Wherever it is sent to sign in, it picks its own person and comes back.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from yarl import URL

from venterom.server.demo.crowd.pages import Button, Form, Page, Unexpected
from venterom.server.demo.crowd.reading import read

PAGES = frozenset({200, 409})  # 409: a page that says that another was faster
TIMEOUT = aiohttp.ClientTimeout(total=30)  # seconds for one answer
BACK_OFF_S = 1.0  # before a live socket that was closed is opened again


@dataclass(frozen=True, slots=True)
class State:
    """The live part of a page: which view it belongs to, and what is on it."""

    view: str
    page: Page


class Visitor:
    """One person at one browser: `async with Visitor(service, name)`."""

    def __init__(self, service: str, name: str) -> None:
        self.service = URL(service)
        self.name = name

    async def __aenter__(self) -> "Visitor":
        # The demonstration lives at 127.0.0.1, whose cookies are not kept unless one says so.
        jar = aiohttp.CookieJar(unsafe=True)
        self._http = aiohttp.ClientSession(cookie_jar=jar, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def open(self, path: str) -> Page:
        """The page at this address, signed in if it asks for that. Raises Unexpected."""
        page = await self._ask("GET", self.service.join(URL(path)))
        picking = next((form for form in page.forms if "person" in form.names), None)
        return page if picking is None else await self._pick(page, picking)

    async def submit(
        self, page: Page, form: Form, button: Button | None = None, /, **typed: str
    ) -> Page:
        """Fill a form of this page and send it; the page that comes next. Raises Unexpected."""
        return await self._ask("POST", _address(page, form.action), form.filled(button, **typed))

    async def script(self, page: Page, method: str, path: str, body: object = None) -> str | None:
        """What a script of this page sends by itself; the answer's text. None: something else was
        faster. Raises Unexpected."""
        url = _address(page, path)
        headers = {"Origin": str(url.origin()), "X-CSRF-Token": page.token}
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
        if answer.status not in PAGES:
            raise Unexpected(f"{method} {Page(url).route}: {answer.status}")
        return text if answer.status == 200 else None

    def live(self, page: Page) -> "Live":
        """The live part of this page, for as long as it is open."""
        return Live(self._http, _address(page, page.live))

    async def _pick(self, page: Page, form: Form) -> Page:
        for button in form.buttons:
            if button.label == self.name:
                return await self.submit(page, form, button)
        raise Unexpected(f"{self.name} cannot be picked")

    async def _ask(self, method: str, url: URL, form: Mapping[str, str] | None = None) -> Page:
        headers = {"Origin": str(url.origin())} if form is not None else {}
        async with self._http.request(method, url, data=form, headers=headers) as answer:
            page = read(answer.url, await answer.text())
        if answer.status not in PAGES:
            raise Unexpected(f"{method} {Page(url).route}: {answer.status}")
        return page


class Live:
    """A live socket that is read all the time, as a page does; it comes back when it is closed."""

    def __init__(self, http: aiohttp.ClientSession, url: URL) -> None:
        self._http = http
        self._url = url
        self._state: State | None = None
        self._news = asyncio.Event()

    async def __aenter__(self) -> "Live":
        self._task = asyncio.create_task(self._follow())
        self._task.add_done_callback(lambda _: self._news.set())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def until(self, holds: Callable[[State], bool]) -> State:
        """The first state from now on that is so. Raises what kept the socket from being opened."""
        while self._state is None or not holds(self._state):
            if self._task.done():
                self._task.result()
            self._news.clear()
            await self._news.wait()
        return self._state

    async def _follow(self) -> None:
        headers = {"Origin": str(self._url.origin())}
        while True:
            async with self._http.ws_connect(self._url, headers=headers) as socket:
                async for message in socket:
                    self._take(message)
            await asyncio.sleep(BACK_OFF_S)

    def _take(self, message: aiohttp.WSMessage) -> None:
        """A whole state. Whatever else is said, be it a fault of the line, changes nothing."""
        told = json.loads(message.data) if message.type is aiohttp.WSMsgType.TEXT else {}
        if "view" in told:
            self._state = State(told["view"], read(self._url, told["html"]))
            self._news.set()


def _address(page: Page, path: str) -> URL:
    """Where something on a page leads; a form without an address leads to the page itself."""
    return page.url.join(URL(path)) if path else page.url.with_query(None)
