"""Who is listening: bounded wake-ups by topic, and web sockets that are sent whole states.

Nothing is remembered here. A listener that is woken renders its view anew from the database.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator, Hashable, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from aiohttp import WSCloseCode, web

from venterom.web.sockets import PART_WITHIN, Socket

# Seconds between questions whether a page is there still. Each is sent something every ten, and a
# wire that has broken fails on that; this is for those that only sleep.
PING_S = 60
MAX_MESSAGE = 1_024  # bytes; pages have nothing to say on this socket
STILL = "{}"  # all is as it was: by this, a page knows a quiet socket from a dead one

Render = Callable[[], Awaitable[dict[str, str]]]
Beat = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be shown. For as long as `what` is the same, so is the text, and is not made.

    `part` is given what a page shows, and makes the text that brings it up to date, where less than
    the whole will do.
    """

    what: Hashable
    text: Callable[[], str]
    part: Callable[[Hashable], str | None] = lambda _shown: None

    def since(self, shown: Hashable) -> str:
        """What a page is sent that shows something else."""
        return self.part(shown) or self.text()


Glance = Callable[[], Awaitable[Seen | None]]


def rendered(state: dict[str, str]) -> Seen:
    """A state that is made already."""
    text = as_text(state)
    return Seen(text, lambda: text)


def as_text(state: dict[str, str]) -> str:
    """A state as it is sent; or of its `html` only what stands in the element whose `data-part` is
    its `part`."""
    return json.dumps(state, ensure_ascii=False)


RELOAD = {"view": "reload", "html": ""}  # a view that no page has: it loads itself anew
AWAY = rendered(RELOAD)
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
    # For so long a glance is enough without asking who reads, and that the sign-in is in use: far
    # less than it may be idle. That somebody has signed out is told at once (sign_in_topic).
    glances: float = 300.0
    slow: float = 5.0  # for one state; a page that takes longer is sent away, and comes back
    part: float = PART_WITHIN


class Wake(asyncio.Event):
    """Set when a topic is published that somebody listens to."""

    def __init__(self) -> None:
        super().__init__()
        self._topics: set[str] = set()

    def call(self, topic: str) -> None:
        """Something happened to this topic."""
        self._topics.add(topic)
        self.set()

    async def within(self, seconds: float) -> None:
        """Wait until something has happened, and no longer than this. A timer of the loop costs a
        third of `asyncio.timeout`, and pages wait all the time."""
        timer = asyncio.get_running_loop().call_later(seconds, self.set)
        try:
            await self.wait()
        finally:
            timer.cancel()

    def taken(self) -> set[str]:
        """What it was set for; it is set no more."""
        topics, self._topics = self._topics, set()
        self.clear()
        return topics


class Hub:
    """Wakes whoever listens to a topic. A wake-up carries no content, so none can be lost."""

    def __init__(self, pace: Pace = Pace()) -> None:  # noqa: B008  # frozen
        self.pace = pace
        self.sockets: set[Socket] = set()
        self.changes = 0  # of the waiting room, so far
        self._listeners: defaultdict[str, set[Wake]] = defaultdict(set)

    def publish(self, topics: Iterable[str]) -> None:
        """Wake every listener of these topics, once each."""
        changed = set(topics)
        self.changes += FLOOR in changed
        for topic in changed:
            for wake in self._listeners.get(topic, ()):
                wake.call(topic)

    async def close(self, _app: web.Application) -> None:
        """Send everybody away politely: the service restarts, and their pages come back."""
        parting = (socket.part(WSCloseCode.SERVICE_RESTART) for socket in [*self.sockets])
        await asyncio.gather(*parting)

    @contextmanager
    def listen(self, *topics: str) -> Generator[Wake]:
        """An event that is set when one of the topics is published."""
        wake = Wake()
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
    request: web.Request,
    topics: Iterable[str],
    render: Render,
    *,
    beat: Beat,
    glance: Glance | None = None,
) -> web.WebSocketResponse:
    """Send the whole view at once, and again whenever it has become another.

    `beat` is called before each `render`, for as long as the page is there. It says whether its
    reader is still signed in: who is not, is sent nothing more. `glance` sees what the view would
    be without asking who reads, when nothing but time and the waiting room has changed since that
    was asked, `Pace.glances` seconds ago at most; by this request, to begin with. None from it:
    this once the view has to be rendered.
    """
    hub = request.app[HUB]
    socket = Socket(max_bytes=MAX_MESSAGE, heartbeat=PING_S, part_within=hub.pace.part)
    await socket.prepare(request)
    page = Page(socket, hub.pace, render, beat, glance)
    with hub.listen(*topics) as wake:
        hub.sockets.add(socket)
        gone = asyncio.create_task(_until_gone(socket, wake))
        try:
            await socket.part(await page.send_states(wake))
        finally:
            hub.sockets.discard(socket)
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone
    return socket


@dataclass(slots=True)
class Page:
    """One page that is open somewhere, and what it shows."""

    socket: Socket
    pace: Pace
    render: Render
    beat: Beat
    glance: Glance | None
    _shown: Hashable = None
    _ask_at: float = 0.0  # when it is asked again who reads, by the loop's clock

    async def send_states(self, wake: Wake) -> WSCloseCode:
        """Send states until the page is gone or has to go; returns the code to close with."""
        self._was_asked()
        try:
            while not self.socket.closed:
                if not await self._send_state(wake.taken()):
                    return WSCloseCode.POLICY_VIOLATION
                await wake.within(self.pace.refresh)
        except TimeoutError:
            return WSCloseCode.TRY_AGAIN_LATER
        except ConnectionError:
            return WSCloseCode.GOING_AWAY
        except Exception as error:
            log.exception("failed", code=type(error).__name__)
            return WSCloseCode.INTERNAL_ERROR
        return WSCloseCode.OK

    async def _send_state(self, why: set[str]) -> bool:
        """Send what has become another, and after a quiet time at least that all is as it was.
        Says whether the reader may be sent more."""
        seen = await self._glance(why) or await self._whole()
        is_same = seen.what == self._shown
        if not why or not is_same:
            text = STILL if is_same else seen.since(self._shown)
            async with asyncio.timeout(self.pace.slow):
                await self.socket.send_str(text)
        self._shown = seen.what
        return seen.what != AWAY.what

    async def _glance(self, why: set[str]) -> Seen | None:
        is_known = asyncio.get_running_loop().time() < self._ask_at
        return await self.glance() if self.glance and is_known and why <= {FLOOR} else None

    async def _whole(self) -> Seen:
        self._was_asked()
        return rendered(await self.render()) if await self.beat() else AWAY

    def _was_asked(self) -> None:
        """Those who came at once are not asked again at once."""
        within = self.pace.glances * random.uniform(0.5, 1)
        self._ask_at = asyncio.get_running_loop().time() + within


async def _until_gone(socket: Socket, wake: asyncio.Event) -> None:
    """Read, and forget, until the page is left: reading is how a socket learns that."""
    async for _message in socket:
        pass
    wake.set()
