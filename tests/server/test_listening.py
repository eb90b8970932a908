"""Our port, with real sockets: who is slow, who is too many, and what is no request at all."""

import asyncio
import contextlib
import re
import resource
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from weakref import WeakSet

import pytest
from aiohttp import ClientSession, TCPConnector, web
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from tests.server.service import built, port_of, settings, taken_port
from venterom.server import run
from venterom.server.callers import House, Waits
from venterom.server.headers import security_headers
from venterom.server.listening import Entrance, listening
from venterom.web.address import Proxies
from venterom.web.sockets import Socket

SHORT = Waits(head=0.4, proxy=60.0, body=0.3, look=0.1, most=5_000, most_each=200)
LARGE = 8 * 1024 * 1024  # bytes: more than a kernel keeps for a reader
HELLO = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
SECRET = "12345678901"  # what must not be repeated, to nobody


@dataclass
class Line:
    """One connection of a caller who need not be polite."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *words: bytes) -> None:
        """Send this."""
        self.writer.write(b"".join(words))
        await self.writer.drain()

    async def rest(self) -> bytes:
        """Everything that comes until the other side ends the call."""
        heard = bytearray()
        async with asyncio.timeout(60):  # only so that a broken rule ends the test
            with contextlib.suppress(ConnectionError):
                while part := await self.reader.read(65_536):
                    heard += part
        return bytes(heard)

    async def answer(self) -> bytes:
        """One answer with a length."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head + await self.reader.readexactly(length)


@dataclass
class Port:
    """The service behind its own port."""

    number: int
    entrance: Entrance
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    lines: list[Line] = field(default_factory=list)
    sockets: WeakSet[Socket] = field(default_factory=WeakSet)

    async def call(self, source: str = "127.0.0.1", **how: int) -> Line:
        """A new connection from this address."""
        line = Line(
            *await asyncio.open_connection("127.0.0.1", self.number, local_addr=(source, 0), **how)
        )
        self.lines.append(line)
        return line

    async def until_the_silent_are_gone(self) -> None:
        """So long that whoever began before has had all the time there is."""
        await (await self.call()).rest()


def _add_pages(app: web.Application, port: Port) -> None:
    async def wait(_request: web.Request) -> web.Response:
        await port.go_on.wait()
        return web.Response(text="waited")

    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=bytes(LARGE))

    async def echo(request: web.Request) -> Socket:
        answer = Socket(max_bytes=100, heartbeat=60)
        port.sockets.add(answer)
        await answer.prepare(request)
        async for message in answer:
            await answer.send_str(message.data)
        return answer

    app.router.add_get("/wait", wait)
    app.router.add_get("/large", large)
    app.router.add_get("/talk", echo)


@pytest.fixture(autouse=True)
def files() -> Iterator[None]:
    """Both ends of every call are in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8_192)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def waits() -> Waits:
    """How long this test's callers are waited for."""
    return SHORT


@pytest.fixture
def proxies() -> Proxies:
    """Nobody speaks for others."""
    return Proxies(())


@pytest.fixture
async def port(
    tmp_path: Path, clock: FakeClock, waits: Waits, proxies: Proxies
) -> AsyncGenerator[Port]:
    at = taken_port()
    app = await built(tmp_path, clock, port_of(at))
    headers = security_headers(f"http://127.0.0.1:{port_of(at)}")
    house = House(waits.most, waits.most_each)
    own = Port(port_of(at), Entrance(waits, house, proxies, headers))
    _add_pages(app, own)
    async with listening(app, own.entrance, at):
        yield own
        for line in own.lines:
            line.writer.transport.abort()


def ours(port: Port, method: str, path: str, *headers: str) -> bytes:
    """A request as a page of ours makes it."""
    own = f"127.0.0.1:{port.number}"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {own}", f"Origin: http://{own}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


async def talking(port: Port) -> Line:
    """A web socket."""
    line = await port.call()
    key = ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGVzdCBvZiBhIHNvY2tldA==")
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", *key)
    await line.say(ours(port, "GET", "/talk", *upgrade))
    assert b" 101 " in await line.reader.readuntil(b"\r\n\r\n")
    return line


GOOD_BYE = b"\x88\x80\x00\x00\x00\x00"  # masked


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("last", [GOOD_BYE, b"\x8f", b""], ids=["good-bye", "nonsense", "nothing"])
async def test_a_web_socket_that_is_over_is_freed_at_once(port: Port, last: bytes) -> None:
    line = await talking(port)
    assert len(port.sockets) == 1
    await line.say(last)
    line.writer.close()
    async with asyncio.timeout(30):  # only so that a ring ends the test
        while port.sockets:
            await asyncio.sleep(0.01)


TOO_SLOW = {
    "nothing": b"",
    "half a line": b"GET /hea",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    "a call kept for later": HELLO,
    "the next one begun": HELLO + b"GET /",
}


async def test_who_does_not_get_to_the_point_is_shown_out(port: Port) -> None:
    for name, said in TOO_SLOW.items():
        line = await port.call()
        await line.say(said)
        assert statuses(await line.rest()) == [200] * said.count(b"\r\n\r\n"), name


async def test_one_line_of_a_head_after_the_other_does_not_help(port: Port) -> None:
    line = await port.call()
    await line.say(b"GET /healthz HTTP/1.1\r\n")
    ended = asyncio.create_task(line.rest())
    for n in count():
        if ended.done() or line.writer.is_closing():
            break
        line.writer.write(b"X-%d: y\r\n" % n)
        await asyncio.wait([ended], timeout=0.02)
    assert await ended == b""


async def test_who_is_being_served_is_not_shown_out(port: Port) -> None:
    line, socket = await port.call(), await talking(port)
    await line.say(ours(port, "GET", "/wait"))
    await port.until_the_silent_are_gone()
    port.go_on.set()
    assert (await line.answer()).endswith(b"waited")
    await socket.say(b"\x81\x82\x00\x00\x00\x00hi")  # a masked text of two characters
    assert await socket.reader.readexactly(4) == b"\x81\x02hi"
    assert await line.rest() == b""  # and afterwards is waited for as everybody is


async def test_a_body_that_does_not_come_is_answered_408_and_the_call_ended(port: Port) -> None:
    for already in (b"", b"csrf="):
        line = await port.call()
        form = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 1000")
        await line.say(ours(port, "POST", "/sign-out", *form), already)
        heard = await line.rest()
        assert heard.startswith(b"HTTP/1.1 408 "), heard[:200]
        assert "Forbindelsen var for treg" in heard.decode()


async def test_who_does_not_read_the_answer_is_shown_out(port: Port) -> None:
    line = await port.call(limit=1_024)
    line.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport
    await line.say(ours(port, "GET", "/large"))
    for _ in range(3):
        await port.until_the_silent_are_gone()
    line.writer.transport.resume_reading()  # type: ignore[attr-defined]
    assert len(await line.rest()) < LARGE


async def test_who_reads_at_leisure_gets_all_of_it(port: Port) -> None:
    line = await port.call()
    await line.say(ours(port, "GET", "/large", "Connection: close"))
    heard = 0
    async with asyncio.timeout(60):
        while part := await line.reader.read(1 << 20):
            heard += len(part)
    assert heard > LARGE


async def honest(port: Port, times: int) -> list[int]:
    """What somebody hears who only wants to see a doctor, each time on a new connection."""
    url = f"http://127.0.0.1:{port.number}"
    async with ClientSession(connector=TCPConnector(force_close=True)) as http:
        heard = []
        for _ in range(times):
            for path in ("/", "/healthz", "/static/css/app.css"):
                async with http.get(url + path, allow_redirects=False) as answer:
                    heard.append(answer.status)
    return heard


def addresses() -> Iterator[str]:
    """This machine has sixteen million of them."""
    return (f"127.{n // 62500 + 1}.{n // 250 % 250}.{n % 250 + 1}" for n in count())


async def crowd(port: Port, size: int) -> list[Line]:
    """So many who are slow in every way, each from an address of its own."""
    ways = [*TOO_SLOW.values(), ours(port, "POST", "/sign-out", "Content-Length: 1000")]
    lines = []
    for n, source in zip(range(size), addresses(), strict=False):
        line = await port.call(source, limit=1_024)
        reads_nothing = n % 50 == 0  # each of them costs memory, here
        line.writer.write(ours(port, "GET", "/large") if reads_nothing else ways[n % len(ways)])
        lines.append(line)
    return lines


class TestACrowd:
    """A thousand slow callers."""

    @pytest.fixture
    def waits(self) -> Waits:
        return replace(SHORT, head=30.0, body=30.0)

    @pytest.mark.slow
    async def test_a_thousand_slow_callers_keep_nobody_out(self, port: Port) -> None:
        lines = await crowd(port, 1_000)
        assert len(lines) == 1_000
        assert await honest(port, 20) == [200] * 60


class TestAFullHouse:
    """No room for all of them."""

    @pytest.fixture
    def waits(self) -> Waits:
        return replace(SHORT, head=30.0, body=30.0, most=300)

    @pytest.mark.slow
    async def test_a_full_house_makes_room_for_who_asks_for_something(self, port: Port) -> None:
        await crowd(port, 600)
        assert await honest(port, 20) == [200] * 60
        assert len(port.entrance.house) <= 300


@pytest.mark.slow
async def test_a_slow_crowd_is_gone_soon(port: Port) -> None:
    lines = await crowd(port, 350)
    heard = await asyncio.gather(*(line.rest() for line in lines))
    assert len(heard) == 350
    assert await honest(port, 1) == [200] * 3
    await port.until_the_silent_are_gone()
    assert len(port.entrance.house) == 0


class TestOneAddress:
    """Not more than its share."""

    @pytest.fixture
    def waits(self) -> Waits:
        return replace(SHORT, head=30.0, most_each=10)

    async def test_one_address_has_so_many_calls_and_others_come_in(self, port: Port) -> None:
        mine = [await port.call("127.9.9.9") for _ in range(10)]
        assert await (await port.call("127.9.9.9")).rest() == b""
        assert await honest(port, 1) == [200] * 3
        await mine[0].say(HELLO)
        assert b" 200 " in await mine[0].answer()


class TestAProxy:
    """It calls for others."""

    @pytest.fixture
    def waits(self) -> Waits:
        return replace(SHORT, most_each=1)

    @pytest.fixture
    def proxies(self) -> Proxies:
        return Proxies.named(("127.9.9.9",))

    async def test_a_proxy_has_many_calls_and_keeps_them(self, port: Port) -> None:
        held = [await port.call("127.9.9.9") for _ in range(20)]
        await port.until_the_silent_are_gone()
        for line in held:
            await line.say(HELLO)
            assert b" 200 " in await line.answer()


NOT_HTTP = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00" + SECRET.encode(),
    "no such version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a long address": b"GET /" + SECRET.encode() * 2_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 1_000 + b"\r\n",
    "a name with a space": b"GET / HTTP/1.1\r\nHost: x\r\nX y: z\r\n\r\n",
    "a zero byte": b"GET / HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n",
}
HIDDEN = b"GET /healthz?hidden HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = {
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 50\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "a length that is none": b"Content-Length: +0\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "chunks of another name": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks with a space": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "chunks that are not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a chunk with a sign": b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
    "a folded line": b"X: y\r\n Content-Length: 44\r\n\r\n",
    "two hosts": b"Host: other\r\n\r\n",
    "a bare carriage return": b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


async def test_what_is_no_request_is_answered_plainly_and_repeated_to_nobody(port: Port) -> None:
    for name, said in NOT_HTTP.items():
        line = await port.call()
        with capture_logs() as logs:
            await line.say(said)
            heard = await line.rest()
        head, _, body = heard.partition(b"\r\n\r\n")
        assert (statuses(heard), body) == ([400], b"400\n"), name
        for header in security_headers("http://x"):
            assert f"\r\n{header}:".encode().lower() in head.lower(), (name, header)
        assert b"aiohttp" not in heard.lower() and b"python" not in heard.lower(), name
        assert SECRET not in repr(logs) and SECRET.encode() not in heard, name
        assert [entry["event"] for entry in logs] == ["refused"], name


def statuses(heard: bytes) -> list[int]:
    """How each request was answered."""
    return [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3}) ", heard)]


async def test_no_request_is_hidden_in_another(port: Port) -> None:
    own = f"Host: 127.0.0.1:{port.number}\r\n".encode()
    for name, rest in SMUGGLED.items():
        line = await port.call()
        await line.say(b"POST /healthz HTTP/1.1\r\n", own, rest, HIDDEN)
        assert statuses(await line.rest()) == [400], name


async def test_what_follows_a_socket_that_is_refused_is_a_request_of_its_own(port: Port) -> None:
    line = await port.call()
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Content-Length: 0")
    await line.say(ours(port, "GET", "/nowhere", *upgrade), HIDDEN)
    assert statuses(await line.rest()) == [404, 200]


async def test_an_expectation_that_we_do_not_know_is_refused_with_all_headers(port: Port) -> None:
    line = await port.call()
    await line.say(ours(port, "POST", "/sign-out", "Expect: miracles", "Connection: close"))
    heard = (await line.rest()).lower()
    assert heard.startswith(b"http/1.1 417 ")
    for name in security_headers("http://x"):
        assert f"\r\n{name}:".encode().lower() in heard, name
    assert b"aiohttp" not in heard


def test_the_service_lets_in_as_many_as_it_can_open_files_for(tmp_path: Path) -> None:
    chosen = settings(tmp_path, 8080)
    entrance = run.entrance(chosen)
    assert entrance.waits.most <= Waits().most
    assert entrance.proxies.include("127.0.0.1") and not entrance.proxies.include("10.0.0.1")
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == resource.RLIM_INFINITY or soft > entrance.waits.most
