"""Live views: whole states, sent when they have become others, and nobody waits for a page."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSCloseCode, WSMsgType, web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from venterom.web.live import HUB, RELOAD, STILL, Hub, Pace, Seen, as_text, stream

WITHIN = 30.0  # seconds until a test gives up; nothing is asserted by it
QUIET = Pace(refresh=3600)  # nothing is rendered unless something happens
TOO_MUCH = "x" * 32_000_000


@dataclass
class Rig:
    """A page that shows one word, and how often it was made."""

    pace: Pace
    word: str = "one"
    rendered: int = 0
    beats: int = 0
    signed_in: bool = True
    glances: list[str | None] = field(default_factory=list)  # what those are that are to come
    glanced: int = 0
    made: int = 0  # texts, of what a glance saw
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None
    flooded: str = ""  # the one page whose view is more than the machine will hold for it
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Serve it."""
        self.hub = Hub(self.pace)
        self.goes_on.set()
        self.app = web.Application()
        self.app[HUB] = self.hub
        self.app.router.add_get("/live/{name}", self._handler)
        self.app.on_shutdown.append(self.hub.close)
        self.server = await self.stack.enter_async_context(TestServer(self.app))
        self.http = await self.stack.enter_async_context(ClientSession())

    async def _handler(self, request: web.Request) -> web.WebSocketResponse:
        render = partial(self._render, request.match_info["name"])
        topics = ("floor", "visit/1")
        return await stream(request, topics, render, beat=self._beat, glance=self._glance)

    async def _render(self, name: str) -> dict[str, str]:
        word = self.word + (TOO_MUCH if name == self.flooded else "")
        self.rendered += 1
        assert self.beats == self.rendered, "a sign of life comes before each view"
        await self.goes_on.wait()
        if self.fault is not None:
            raise self.fault
        return RELOAD if word == "not here" else {"view": "page", "html": word}

    async def _glance(self) -> Seen | None:
        word = self.glances.pop(0) if self.glances else None
        self.glanced += word is not None
        return None if word is None else Seen(word, partial(self._text, word))

    def _text(self, word: str) -> str:
        self.made += 1
        return as_text({"view": "page", "html": word})

    async def _beat(self) -> bool:
        self.beats += 1
        return self.signed_in

    async def page(self, name: str = "page") -> ClientWebSocketResponse:
        """A page that listens."""
        url = self.server.make_url(f"/live/{name}")
        socket = await self.http.ws_connect(url, max_msg_size=0)
        return await self.stack.enter_async_context(socket)

    def becomes(self, word: str, *topics: str) -> None:
        """The view changes, and these topics are published."""
        self.word = word
        self.hub.publish(topics)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something. Raises TimeoutError."""
        async with asyncio.timeout(WITHIN):
            while not holds():
                await asyncio.sleep(0.001)

    @property
    def connections(self) -> int:
        """How many browsers are connected, as the server sees it."""
        assert self.server.runner is not None and self.server.runner.server is not None
        return len(self.server.runner.server.connections)


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncGenerator[Rig]:
    """Served at a quiet pace, or at the one that the test asks for."""
    built = Rig(getattr(request, "param", QUIET))
    async with built.stack:
        await built.start()
        yield built


def at(**pace: float) -> pytest.MarkDecorator:
    """Serve at this pace."""
    return pytest.mark.parametrize("rig", [Pace(**{"refresh": 3600.0, **pace})], indirect=True)


async def shows(socket: ClientWebSocketResponse) -> str:
    """What the next state shows, after whatever says that all is as it was."""
    while (text := await socket.receive_str(timeout=WITHIN)) == STILL:
        pass
    state: dict[str, str] = json.loads(text)
    assert state["view"] == "page"
    return state["html"]


async def ended(socket: ClientWebSocketResponse) -> int:
    """The code that the socket is closed with, whatever comes before it."""
    async with asyncio.timeout(WITHIN):
        while (message := await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert message.type is WSMsgType.CLOSE, message
    code: int = message.data
    return code


async def stalled(rig: Rig) -> tuple[ClientWebSocketResponse, asyncio.Transport]:
    """A page that reads nothing after its first state, and its wire."""
    page = await rig.page("stalled")
    await shows(page)
    assert page._conn is not None
    wire = page._conn.transport
    assert isinstance(wire, asyncio.Transport)
    wire.pause_reading()
    rig.flooded = "stalled"
    return page, wire


async def test_the_whole_view_comes_at_once(rig: Rig) -> None:
    assert await shows(await rig.page()) == "one"


@pytest.mark.parametrize("topic", ["floor", "visit/1"])
async def test_a_view_is_sent_again_when_it_has_become_another(rig: Rig, topic: str) -> None:
    page = await rig.page()
    assert await shows(page) == "one"
    rig.becomes("two", topic)
    assert await shows(page) == "two"


async def test_a_view_that_is_the_same_is_not_sent_again(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    rig.becomes("one", "floor")
    await rig.until(lambda: rig.rendered == 2)
    rig.becomes("two", "floor")
    assert await shows(page) == "two"


async def test_other_topics_wake_nobody(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    rig.becomes("two", "visit/2")
    rig.becomes("three", "floor")
    assert await shows(page) == "three"
    assert rig.rendered == 2


async def test_what_happens_while_a_view_is_made_is_not_missed(rig: Rig) -> None:
    rig.goes_on.clear()
    page = await rig.page()
    await rig.until(lambda: rig.rendered == 1)  # the old word has been read, and is not sent yet
    rig.becomes("two", "floor")
    rig.goes_on.set()
    assert [await shows(page), await shows(page)] == ["one", "two"]


async def test_many_events_at_once_are_one_view(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    for number in range(100):
        rig.becomes(str(number), "floor", "visit/1")
    assert await shows(page) == "99"
    assert rig.rendered == 2


async def test_when_only_the_waiting_room_changes_a_glance_is_enough(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    rig.glances = ["second", None, "third"]
    rig.becomes("", "floor")
    assert await shows(page) == "second"
    rig.becomes("all of it", "floor")  # a glance says nothing here
    assert await shows(page) == "all of it"
    rig.becomes("own", "floor", "visit/1")  # the visit has changed, too
    assert await shows(page) == "own"
    rig.becomes("", "floor")
    assert await shows(page) == "third"
    assert (rig.beats, rig.glanced) == (3, 2)


async def test_changes_of_the_waiting_room_are_counted_and_nothing_is_kept_of_other_topics() -> (
    None
):
    hub = Hub()
    hub.publish(["floor", "visit/1"])
    hub.publish(["sign-in/1"])
    hub.publish(["floor"])
    assert hub.changes == 2


async def test_the_first_glance_is_enough_for_who_has_just_been_let_in(rig: Rig) -> None:
    rig.glances = ["first"]
    assert await shows(await rig.page()) == "first"
    assert (rig.beats, rig.rendered) == (0, 0)


@at(refresh=0.01)
async def test_what_a_glance_has_seen_before_is_not_made_again(rig: Rig) -> None:
    rig.glances.extend(["first"] * 3 + ["second"] * 50)
    page = await rig.page()
    assert await shows(page) == "first"
    assert [await page.receive_str(timeout=WITHIN) for _ in range(2)] == [STILL, STILL]
    assert await shows(page) == "second"
    assert (rig.beats, rig.made) == (0, 2)


def test_a_page_is_sent_a_part_where_that_will_do() -> None:
    seen = Seen("now", lambda: "whole", lambda shown: "part" if shown == "before" else None)
    assert (seen.since("before"), seen.since("long before")) == ("part", "whole")
    assert Seen("now", lambda: "whole").since("before") == "whole"


@at(glances=0.0)
async def test_a_glance_is_not_enough_when_it_is_long_since_that_it_was_asked_who_reads(
    rig: Rig,
) -> None:
    rig.glances.extend(["another's"] * 50)
    page = await rig.page()
    assert await shows(page) == "one"
    rig.signed_in = False
    rig.becomes("two", "floor")
    assert await page.receive_json(timeout=WITHIN) == RELOAD
    assert rig.glanced == 0


async def test_a_glance_is_not_enough_when_something_happened_to_the_sign_in(rig: Rig) -> None:
    rig.glances = ["first", "another's"]
    page = await rig.page()
    assert await shows(page) == "first"
    rig.signed_in = False
    rig.hub.publish(["floor", "visit/1"])
    assert await page.receive_json(timeout=WITHIN) == RELOAD
    assert await ended(page) == WSCloseCode.POLICY_VIOLATION


@at(refresh=0.01)
async def test_a_view_changes_with_time_when_nothing_happens(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    rig.word = "later"
    assert await shows(page) == "later"


@at(refresh=0.01)
async def test_a_quiet_page_hears_that_the_line_lives(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    assert [await page.receive_str(timeout=WITHIN) for _ in range(2)] == [STILL, STILL]


async def test_each_page_is_sent_its_own_view(rig: Rig) -> None:
    pages = [await rig.page() for _ in range(3)]
    assert [await shows(page) for page in pages] == ["one"] * 3
    rig.becomes("two", "floor")
    assert [await shows(page) for page in pages] == ["two"] * 3


async def test_a_page_that_is_left_is_forgotten(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    await page.close()
    await rig.until(lambda: not rig.hub.sockets)
    rig.becomes("two", "floor")
    assert rig.rendered == 1


async def test_what_a_page_says_is_not_listened_to(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    await page.send_str("hello")
    await page.send_bytes(b"\x00")
    rig.becomes("two", "floor")
    assert await shows(page) == "two"
    await page.send_str("x" * 2_000)
    assert await ended(page) == WSCloseCode.MESSAGE_TOO_BIG


@at(slow=0.05, part=WITHIN)
async def test_a_page_that_reads_too_slowly_is_sent_away_and_no_other(rig: Rig) -> None:
    other = await rig.page()
    await shows(other)
    slow, wire = await stalled(rig)
    rig.becomes("two", "floor")
    assert await shows(other) == "two"
    await rig.until(lambda: len(rig.hub.sockets) == 1)
    wire.resume_reading()
    assert await ended(slow) == WSCloseCode.TRY_AGAIN_LATER
    rig.becomes("three", "floor")
    assert await shows(other) == "three"


@at(slow=0.05, part=0.05)
async def test_a_page_that_never_reads_is_cut_off(rig: Rig) -> None:
    _, wire = await stalled(rig)
    rig.becomes("two", "floor")
    await rig.until(lambda: rig.connections == 0)
    wire.resume_reading()


@at(slow=3600.0, part=0.5)
async def test_shutdown_sends_everybody_away_and_waits_for_nobody(rig: Rig) -> None:
    other = await rig.page()
    await shows(other)
    _, wire = await stalled(rig)
    rig.becomes("two", "floor")
    assert await shows(other) == "two"
    await asyncio.wait_for(rig.hub.close(rig.app), WITHIN)
    assert await ended(other) == WSCloseCode.SERVICE_RESTART
    await rig.until(lambda: rig.connections == 0)
    wire.resume_reading()


async def test_a_view_that_cannot_be_made_ends_its_own_socket(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    rig.fault = RuntimeError("the database is away")
    with capture_logs() as logs:
        rig.becomes("two", "floor")
        assert await ended(page) == WSCloseCode.INTERNAL_ERROR
    assert [(log["event"], log["code"]) for log in logs] == [("failed", "RuntimeError")]
    rig.fault = None
    assert await shows(await rig.page()) == "two"


async def test_who_is_no_longer_signed_in_is_told_to_load_the_page_anew_and_nothing_else(
    rig: Rig,
) -> None:
    page = await rig.page()
    await shows(page)
    rig.signed_in = False
    rig.becomes("two", "floor")
    assert await page.receive_json(timeout=WITHIN) == RELOAD
    assert await ended(page) == WSCloseCode.POLICY_VIOLATION
    assert rig.rendered == 1


async def test_whose_view_is_another_page_by_now_is_told_so_and_nothing_else(rig: Rig) -> None:
    page = await rig.page()
    await shows(page)
    rig.becomes("not here", "floor")
    assert await page.receive_json(timeout=WITHIN) == RELOAD
    assert await ended(page) == WSCloseCode.POLICY_VIOLATION
