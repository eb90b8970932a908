"""The network between one browser and the house, which can die without a word.

It is a SOCKS proxy (RFC 1928): whatever the browser asks of the house comes through here. Media
takes a way of its own, and is cut off by the browser itself.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Page, ProxySettings

HOUSE = b"127.0.0.1"
CHUNK = 64 * 1024  # bytes
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Network:
    """Connections as they are made, and which of them still carry anything."""

    def __init__(self) -> None:
        self.port = 0
        self._alive = asyncio.Event()
        self._alive.set()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def proxy(self) -> ProxySettings:
        """What the browser is told to go through."""
        return ProxySettings(server=f"socks5://127.0.0.1:{self.port}")

    def changes(self) -> None:
        """Another network: what is connected hears nothing any more, and new connections work."""
        self._alive.clear()
        self._alive = asyncio.Event()
        self._alive.set()

    async def close(self) -> None:
        """End every connection."""
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One more connection of the browser's."""
        connection = asyncio.create_task(_join((reader, writer), self._alive))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)


async def _join(near: Stream, alive: asyncio.Event) -> None:
    ends = [near]
    try:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            ends.append(await _reach(*near))
            await asyncio.gather(
                *(_carry(*pair, alive) for pair in zip(ends, reversed(ends), strict=True))
            )
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
    assert bytes(host) == HOUSE, "this network leads to the house and nowhere else"
    far = await asyncio.open_connection(HOUSE.decode(), high << 8 | low)
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    return far


async def _carry(source: Stream, target: Stream, alive: asyncio.Event) -> None:
    """Pass bytes on while the connection lives. A dead one swallows them, and its end as well."""
    while data := await source[0].read(CHUNK):
        if alive.is_set():
            target[1].write(data)
            await target[1].drain()
    if alive.is_set():
        target[1].close()


@asynccontextmanager
async def network() -> AsyncGenerator[Network]:
    """A network, up."""
    built = Network()
    server = await asyncio.start_server(built.accept, "127.0.0.1", 0)
    built.port = server.sockets[0].getsockname()[1]
    async with server:
        yield built
        await built.close()


@asynccontextmanager
async def without_network(page: Page) -> AsyncGenerator[None]:
    """What the browser calls offline, its media included."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    unlimited = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    for offline, loss in ((True, 100), (False, 0)):
        conditions = {**unlimited, "offline": offline, "packetLoss": loss}
        await session.send("Network.emulateNetworkConditions", conditions)
        if offline:
            yield
    await session.detach()
