"""Who is listening: bounded wake-ups by topic, and web sockets that are sent whole states.

Nothing is remembered here. A listener that is woken renders its view anew from the database.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager, suppress

from aiohttp import WSCloseCode, web

REFRESH_S = 10  # a view is rendered anew this often even when nothing happened: time has passed
PING_S = 15  # seconds between signs of life on a quiet socket
SLOW_S = 5  # a reader that takes longer than this for one state is sent away; it comes back
MAX_MESSAGE = 1_024  # bytes; pages have nothing to say on this socket

Render = Callable[[], Awaitable[dict[str, str]]]
Beat = Callable[[], Awaitable[None]]

FLOOR = "floor"  # the topic of everything that changes the waiting room as a whole


def visit_topic(visit: str) -> str:
    """The topic of one visit."""
    return f"visit/{visit}"


class Hub:
    """Wakes whoever listens to a topic. A wake-up carries no content, so none can be lost."""

    def __init__(self) -> None:
        self.sockets: set[web.WebSocketResponse] = set()
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def publish(self, topics: Iterable[str]) -> None:
        """Wake every listener of these topics, once each."""
        for topic in set(topics):
            for wake in self._listeners.get(topic, ()):
                wake.set()

    async def close(self, _app: web.Application) -> None:
        """Send everybody away politely: the service restarts, and their pages come back."""
        for socket in list(self.sockets):
            await socket.close(code=WSCloseCode.SERVICE_RESTART)

    @contextmanager
    def listen(self, *topics: str) -> Generator[asyncio.Event]:
        """An event that is set when one of the topics is published."""
        wake = asyncio.Event()
        for topic in topics:
            self._listeners[topic].add(wake)
        try:
            yield wake
        finally:
            for topic in topics:
                self._listeners[topic].discard(wake)
                if not self._listeners[topic]:
                    del self._listeners[topic]


HUB = web.AppKey[Hub]("HUB")


async def stream(
    request: web.Request, topics: Iterable[str], render: Render, *, beat: Beat | None = None
) -> web.WebSocketResponse:
    """Send the whole view at once, and again whenever it has become another.

    `beat` is called as often as the view is rendered, for as long as the page is there.
    """
    socket = web.WebSocketResponse(heartbeat=PING_S, compress=False, max_msg_size=MAX_MESSAGE)
    await socket.prepare(request)
    hub = request.app[HUB]
    with hub.listen(*topics) as wake:
        hub.sockets.add(socket)
        gone = asyncio.create_task(_until_gone(socket))
        try:
            await _send_states(socket, wake, gone, render, beat)
        finally:
            hub.sockets.discard(socket)
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
    return socket


async def _send_states(
    socket: web.WebSocketResponse,
    wake: asyncio.Event,
    gone: "asyncio.Task[None]",
    render: Render,
    beat: Beat | None,
) -> None:
    shown = ""
    while not gone.done():
        wake.clear()
        if beat is not None:
            await beat()
        state = json.dumps(await render(), ensure_ascii=False)
        if state != shown:
            try:
                await asyncio.wait_for(socket.send_str(state), SLOW_S)
            except (TimeoutError, ConnectionError):
                await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
                return
            shown = state
        waiting = asyncio.create_task(wake.wait())
        await asyncio.wait({waiting, gone}, timeout=REFRESH_S, return_when="FIRST_COMPLETED")
        waiting.cancel()


async def _until_gone(socket: web.WebSocketResponse) -> None:
    """Read, and forget, until the page is left: reading is how a socket learns that."""
    async for _message in socket:
        pass
