"""Who is listening: bounded wake-ups by topic, and web sockets that are sent whole states.

Nothing is remembered here. A listener that is woken renders its view anew from the database.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from aiohttp import WSCloseCode, web

from venterom.web.sockets import PART_WITHIN, Socket

PING_S = 15  # seconds between signs of life on a quiet socket
MAX_MESSAGE = 1_024  # bytes; pages have nothing to say on this socket
STILL = "{}"  # all is as it was: by this, a page knows a quiet socket from a dead one

Render = Callable[[], Awaitable[dict[str, str]]]
Beat = Callable[[], Awaitable[bool]]

RELOAD = {"view": "reload", "html": ""}  # a view that no page has: it loads itself anew
FLOOR = "floor"  # the topic of everything that changes the waiting room as a whole

log = structlog.get_logger()


def visit_topic(visit: str) -> str:
    """The topic of one visit."""
    return f"visit/{visit}"


def sign_in_topic(session: str) -> str:
    """The topic of one sign-in."""
    return f"sign-in/{session}"


@dataclass(frozen=True, slots=True)
class Pace:
    """How many seconds pass between states, and for how long a page is waited for."""

    refresh: float = 10.0  # a view is rendered anew when nothing happened: time has passed
    slow: float = 5.0  # for one state; a page that takes longer is sent away, and comes back
    part: float = PART_WITHIN


class Hub:
    """Wakes whoever listens to a topic. A wake-up carries no content, so none can be lost."""

    def __init__(self, pace: Pace = Pace()) -> None:  # noqa: B008  # frozen
        self.pace = pace
        self.sockets: set[Socket] = set()
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def publish(self, topics: Iterable[str]) -> None:
        """Wake every listener of these topics, once each."""
        for topic in set(topics):
            for wake in self._listeners.get(topic, ()):
                wake.set()

    async def close(self, _app: web.Application) -> None:
        """Send everybody away politely: the service restarts, and their pages come back."""
        parting = (socket.part(WSCloseCode.SERVICE_RESTART) for socket in [*self.sockets])
        await asyncio.gather(*parting)

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
    request: web.Request, topics: Iterable[str], render: Render, *, beat: Beat
) -> web.WebSocketResponse:
    """Send the whole view at once, and again whenever it has become another.

    `beat` is called as often as the view is rendered, for as long as the page is there. It says
    whether its reader is still signed in: who is not, is sent nothing more.
    """
    hub = request.app[HUB]
    socket = Socket(max_bytes=MAX_MESSAGE, heartbeat=PING_S, part_within=hub.pace.part)
    await socket.prepare(request)
    with hub.listen(*topics) as wake:
        hub.sockets.add(socket)
        gone = asyncio.create_task(_until_gone(socket, wake))
        try:
            await socket.part(await _send_states(socket, wake, hub.pace, render, beat))
        finally:
            hub.sockets.discard(socket)
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
    return socket


async def _send_states(
    socket: Socket, wake: asyncio.Event, pace: Pace, render: Render, beat: Beat
) -> WSCloseCode:
    """Send states until the page is gone or has to go; returns the code to close with."""
    shown = ""
    try:
        while not socket.closed:
            quiet = not wake.is_set()
            wake.clear()
            signed_in = await beat()
            state = json.dumps(await render() if signed_in else RELOAD, ensure_ascii=False)
            if state != shown or quiet:
                async with asyncio.timeout(pace.slow):
                    await socket.send_str(state if state != shown else STILL)
                shown = state
            if not signed_in:
                return WSCloseCode.POLICY_VIOLATION
            with suppress(TimeoutError):
                async with asyncio.timeout(pace.refresh):
                    await wake.wait()
    except TimeoutError:
        return WSCloseCode.TRY_AGAIN_LATER
    except ConnectionError:
        return WSCloseCode.GOING_AWAY
    except Exception as error:
        log.exception("failed", code=type(error).__name__)
        return WSCloseCode.INTERNAL_ERROR
    return WSCloseCode.OK


async def _until_gone(socket: Socket, wake: asyncio.Event) -> None:
    """Read, and forget, until the page is left: reading is how a socket learns that."""
    async for _message in socket:
        pass
    wake.set()
