"""Where callers come in: our port, with a limit to how long and how many.

aiohttp waits for ever for whoever reads or writes slowly. `Caller` is its own handler of one
connection, with the rules of `server/callers.py` round it.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiohttp import StreamReader, web
from aiohttp.typedefs import Handler

from venterom.server.callers import House, Waits, body_within, is_late, is_stalled
from venterom.web.address import Proxies, network_of

KEPT_S = 3_600.0  # an idle call, by aiohttp; `Waits` ends it long before
SHUTDOWN_S = 5.0  # seconds for requests under way; calls live in processes of their own

log = structlog.get_logger()


class BodyTooSlow(TimeoutError):
    """What was announced did not come in time."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """What all callers have in common."""

    waits: Waits
    house: House
    proxies: Proxies
    headers: Mapping[str, str]  # of what is answered before any page of ours sees a request


class Caller(web.RequestHandler):
    """One connection: busy while a handler of ours works for it, and idle otherwise."""

    __slots__ = ("_allowed", "_busy", "_left", "_look_again", "_since", "_wire", "entrance")

    def __init__(self, entrance: Entrance, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, keepalive_timeout=KEPT_S)
        self.entrance = entrance
        self._busy = False
        self._left = 0  # bytes that were unsent at the last look
        self._since = loop.time()
        self._allowed = entrance.waits.head
        self._look_again: asyncio.TimerHandle | None = None
        # aiohttp forgets it when it closes, though an answer may still wait on it.
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls, and is turned away without a word when there is no room."""
        self._wire = wire = cast(asyncio.Transport, transport)  # the loop's own kind
        address = (transport.get_extra_info("peername") or ("",))[0]
        speaks_for_others = self.entrance.proxies.include(address)
        counted = "" if speaks_for_others else network_of(address)
        let_in, gone = self.entrance.house.comes(self, counted)
        if isinstance(gone, Caller):
            gone.show_out()
        if not let_in:
            wire.abort()
            return
        if speaks_for_others:
            self._allowed = self.entrance.waits.proxy
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The call is over."""
        self.entrance.house.goes(self)
        if self._look_again is not None:
            self._look_again.cancel()
        super().connection_lost(exc)
        # aiohttp keeps this of a web socket, which knows us, too: 15 kB of each page that was open
        # would wait in a ring until somebody collects them.
        self._data_received_cb = None

    @contextmanager
    def served(self) -> Generator[None]:
        """A handler works for this call. Afterwards the answer may still be on its way."""
        self._busy = True
        self.entrance.house.is_served(self)
        try:
            yield
        finally:
            self._busy = False
            self._since = self._loop.time()
            self.entrance.house.is_idle(self)
            if self._look_again is None and self.transport is not None:
                self._look_later()

    def show_out(self) -> None:
        """End the call, with all that still waits on it."""
        if self._wire is not None:
            self._wire.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no request. Neither it nor the log repeats what was sent."""
        if status < 500:
            log.info("refused", code=type(exc).__name__)
        else:
            log.error("failed", code=type(exc).__name__, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError  # a part of an answer is out already
        answer = web.Response(status=status, text=f"{status}\n", headers=self.entrance.headers)
        answer.force_close()
        return answer

    def _look_later(self) -> None:
        self._look_again = self._loop.call_later(self.entrance.waits.look, self._look)

    def _look(self) -> None:
        """Whoever is served is not looked at: there may be thousands of open pages."""
        self._look_again = None
        if self._busy:
            return
        if self._is_over():
            self.show_out()
        else:
            self._look_later()

    def _is_over(self) -> bool:
        """Whether this caller has taken too long: over the answer, or over the next request."""
        left = self._wire.get_write_buffer_size() if self._wire is not None else 0
        before, self._left = self._left, left
        if left:
            self._since = self._loop.time()  # the next request may wait until the answer is out
            return is_stalled(before, left, self.entrance.waits.look)
        return is_late(self._since, self._loop.time(), self._allowed)


@web.middleware
async def attend(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve a caller, and wait for the rest of what is sent for so long only."""
    caller = request.protocol
    if not isinstance(caller, Caller):
        return await handler(request)  # not through our port: a test
    with caller.served(), _waiting_for_the_body(request, caller.entrance.waits.body):
        return await handler(request)


@contextmanager
def _waiting_for_the_body(request: web.Request, wait: float) -> Generator[None]:
    if not request.can_read_body:
        yield
        return
    within = body_within(wait, request.content_length or request.client_max_size)
    timer = asyncio.get_running_loop().call_later(within, _give_up, request.content)
    try:
        yield
    finally:
        timer.cancel()


def _give_up(body: StreamReader) -> None:
    if not body.is_eof():
        body.set_exception(BodyTooSlow())


@asynccontextmanager
async def listening(
    app: web.Application, entrance: Entrance, at: socket.socket | tuple[str, int]
) -> AsyncGenerator[None]:
    """The application, reached at this socket, or at this host and port. At the end requests under
    way are finished. Raises OSError when somebody else listens there.
    """
    where: dict[str, Any] = {"sock": at}
    if not isinstance(at, socket.socket):
        where = dict(zip(("host", "port"), at, strict=True))
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        server = runner.server
        assert server is not None
        port = await asyncio.get_running_loop().create_server(
            lambda: Caller(entrance, server), **where, backlog=socket.SOMAXCONN
        )
        try:
            yield
        finally:
            port.close()
    finally:
        await runner.cleanup()
