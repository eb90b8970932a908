"""One web socket of a room, and what is still to be sent on it.

Nobody waits for a slow reader: who cannot keep up is sent away, and comes back.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import WSMsgType

from venterom.rtc import effects, protocol
from venterom.rtc.errors import BadMessage, TooFast
from venterom.rtc.limits import Bucket
from venterom.rtc.protocol import MAX_CHARACTERS, Outgoing
from venterom.web.sockets import PART_WITHIN, Socket

RATE, BURST = 20.0, 60.0  # messages a second, and how many at once
WAITING = 64  # messages a socket may have unsent; a reader with more is too slow
MAX_BYTES = MAX_CHARACTERS * 4  # the longest message when every character is a rare one
ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a room waits for a page."""

    join: float = 5.0  # for its first message
    send: float = 5.0  # until it has taken one message; as long as it may be silent
    part: float = PART_WITHIN


class Line:
    """A page's line to its room. Its owner reads `text`, and keeps `pump` running beside that."""

    def __init__(
        self, number: int, socket: Socket, patience: Patience, steady: Callable[[], float]
    ) -> None:
        self.number = number
        self._socket = socket
        self._patience = patience
        self._steady = steady
        self._bucket = Bucket(RATE, BURST, steady())
        self._outgoing: asyncio.Queue[str | int] = asyncio.Queue(WAITING)

    async def first(self) -> str | None:
        """The first message, as `text`. Raises TimeoutError."""
        async with asyncio.timeout(self._patience.join):
            return await self.text()

    async def text(self) -> str | None:
        """The next message, or None at the end. Raises TooFast, and BadMessage for what is no text.

        Pings of the socket itself are counted too: they are work like any other message.
        """
        while True:
            message = await self._socket.receive()
            if message.type in ENDS:
                return None
            if not self._bucket.take(1, self._steady()):
                raise TooFast
            if message.type is WSMsgType.TEXT:
                return str(message.data)
            if message.type is WSMsgType.BINARY:
                raise BadMessage
            if message.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await self._socket.pong(message.data)

    def send(self, message: Outgoing) -> None:
        """Put a message in line; a full line is the end of it."""
        try:
            self._outgoing.put_nowait(protocol.dump(message))
        except asyncio.QueueFull:
            while not self._outgoing.empty():
                self._outgoing.get_nowait()  # all of it is old; the page is told anew when back
            self.close(effects.TOO_SLOW)

    def close(self, code: int) -> None:
        """Close after what is in line; a number in the queue is a close code."""
        if self._outgoing.full():
            self._outgoing.get_nowait()
        self._outgoing.put_nowait(code)

    async def pump(self) -> None:
        """Send what is in line until the line is closed, or its reader is too slow."""
        code = effects.TOO_SLOW
        with contextlib.suppress(TimeoutError, ConnectionError):
            code = await self._send_until_closed()
        await self._socket.part(code)

    async def _send_until_closed(self) -> int:
        while isinstance(item := await self._outgoing.get(), str):
            async with asyncio.timeout(self._patience.send):
                await self._socket.send_str(item)
        return item
