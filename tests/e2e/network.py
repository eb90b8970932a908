"""The network between one browser and the house, which can change, or be away, without a word.

What the browser asks of the house comes through a SOCKS proxy (RFC 1928). Sound and picture come
through relays of datagrams: the room's answers are told to the page with our ports in them.
"""

import asyncio
import json
import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

from playwright.async_api import Page, ProxySettings, Route, WebSocketRoute

HOUSE = "127.0.0.1"
CHUNK = 64 * 1024  # bytes
MEDIA = b"\x80"  # the first byte of sound, picture and reports, at least (RFC 7983)
CANDIDATE = re.compile(rf"(?m)^(a=candidate:\S+ 1 udp \d+ {re.escape(HOUSE)} )(\d+)( )")
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Address = tuple[str, int]


class Network:
    """Connections as they are made, and which of them still carry anything."""

    def __init__(self) -> None:
        self.port = 0
        self.carries_media = True
        self.loses = 0  # of so many packets of sound and picture that come to the browser, one
        self._alive = asyncio.Event()  # that of the connections that are made now
        self._alive.set()
        self._connections: set[asyncio.Task[None]] = set()
        self._relays: list[Relay] = []

    @property
    def proxy(self) -> ProxySettings:
        """What the browser is told to go through."""
        return ProxySettings(server=f"socks5://{HOUSE}:{self.port}")

    async def lead_media(self, page: Page) -> None:
        """From here on this page's sound and picture come through us, too."""
        await page.route_web_socket("**/signal", self._overhear)

    async def lead_echo(self, page: Page) -> None:
        """So do the packets of a technical test."""
        await page.route("**/echo", self._overhear_echo)

    def changes(self) -> None:
        """Another network: what is connected hears nothing any more, and new connections work."""
        self.goes_away()
        self.comes_back()

    def goes_away(self) -> None:
        """Nothing gets through, and nobody is told."""
        self._alive.clear()
        self._alive = asyncio.Event()
        self.carries_media = False

    def comes_back(self) -> None:
        """What is begun from now on gets through, and so do datagrams."""
        self._alive.set()
        self.carries_media = True

    async def close(self) -> None:
        """End every connection."""
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        for relay in self._relays:
            relay.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One more connection of the browser's."""
        connection = asyncio.create_task(_join((reader, writer), self._alive))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    def _overhear(self, page: WebSocketRoute) -> None:
        room = page.connect_to_server()
        room.on_message(lambda text: page.send(self._through_us(str(text))))

    async def _overhear_echo(self, route: Route) -> None:
        answer = await route.fetch()
        told = CANDIDATE.sub(self._relayed, await answer.text())
        await route.fulfill(response=answer, body=told)

    def _through_us(self, text: str) -> str:
        message = json.loads(text)
        if message["type"] == "answer":
            message["sdp"] = CANDIDATE.sub(self._relayed, message["sdp"])
        return json.dumps(message)

    def _relayed(self, candidate: re.Match[str]) -> str:
        before, port, after = candidate.groups()
        self._relays.append(Relay(self, int(port)))
        return f"{before}{self._relays[-1].port}{after}"


class Relay:
    """A port that stands for one of the media worker's."""

    def __init__(self, network: Network, target: int) -> None:
        self._network = network
        self._target = target
        self._came = 0
        self._loop = asyncio.get_running_loop()
        self._near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._near.bind((HOUSE, 0))
        self._far: dict[Address, socket.socket] = {}  # one for each port of the browser's
        self._listen(self._near, self._outwards)

    @property
    def port(self) -> int:
        """Where the browser sends."""
        port: int = self._near.getsockname()[1]
        return port

    def close(self) -> None:
        """Carry nothing any more."""
        for each in (self._near, *self._far.values()):
            self._loop.remove_reader(each)
            each.close()

    def _listen(self, end: socket.socket, carry: Callable[[], None]) -> None:
        end.setblocking(False)
        self._loop.add_reader(end, carry)

    def _outwards(self) -> None:
        data, sender = self._near.recvfrom(CHUNK)
        if sender not in self._far:
            far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            far.connect((HOUSE, self._target))
            self._far[sender] = far
            self._listen(far, partial(self._inwards, far, sender))
        with suppress(OSError):  # a worker that is gone refuses
            if self._network.carries_media:
                self._far[sender].send(data)

    def _inwards(self, far: socket.socket, receiver: Address) -> None:
        with suppress(OSError):
            data = far.recv(CHUNK)
            is_media = data[:1] >= MEDIA
            self._came += is_media
            lost = is_media and self._network.loses and self._came % self._network.loses == 0
            if self._network.carries_media and not lost:
                self._near.sendto(data, receiver)


async def _join(near: Stream, alive: asyncio.Event) -> None:
    ends = [near]
    try:
        await alive.wait()
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            ends.append(await _reach(*near))
            near, far = ends
            await asyncio.gather(_carry(near, far, alive), _carry(far, near, alive))
    finally:
        for _, writer in ends:
            writer.close()


async def _reach(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Stream:
    """The house, by the port that the browser asks for. Chromium writes every host as a name."""
    _version, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(b"\x05\x00")  # nobody has to say who they are
    *_, length = await reader.readexactly(5)
    *host, high, low = await reader.readexactly(length + 2)
    if bytes(host) != HOUSE.encode():  # browsers ask their makers now and then
        raise ConnectionRefusedError("this network leads to the house and nowhere else")
    far = await asyncio.open_connection(HOUSE, high << 8 | low)
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    return far


async def _carry(source: Stream, target: Stream, alive: asyncio.Event) -> None:
    """Pass bytes on while the connection lives. A dead one swallows them, and its end as well.

    Only a web socket dies in silence: a browser whose network changes gives its other connections
    up by itself, and asks again.
    """
    is_socket = False
    while data := await source[0].read(CHUNK):
        is_socket = is_socket or b"Sec-WebSocket" in data
        if alive.is_set():
            target[1].write(data)
            await target[1].drain()
        elif not is_socket:
            raise ConnectionResetError
    if alive.is_set():
        target[1].close()


@asynccontextmanager
async def network() -> AsyncGenerator[Network]:
    """A network, up."""
    built = Network()
    server = await asyncio.start_server(built.accept, HOUSE, 0)
    built.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield built
        finally:
            await built.close()
