"""The room's web socket: text in, `rtc.room`, text out. docs/protocol.md is the manual.

The rules of a room are pure and live in `rtc/room.py`; here their effects are carried out. Nobody
waits for a slow reader: who cannot keep up is sent away, and comes back.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Protocol

import structlog
from aiohttp import WSMsgType, web

from venterom.rtc import effects, protocol, reports, ticket
from venterom.rtc.effects import Effect
from venterom.rtc.errors import BadMessage, NotAdmitted, OutOfTurn, RtcError, TooFast
from venterom.rtc.limits import Bucket
from venterom.rtc.protocol import MAX_CHARACTERS, VERSION, Join, Outgoing, Refused
from venterom.rtc.room import Room
from venterom.rtc.ticket import Role, Ticket
from venterom.server.headers import origin_of
from venterom.server.media import Media

JOIN_WITHIN = 5.0  # seconds for the first message
TICK_EVERY = 1.0  # seconds
RATE, BURST = 20.0, 60.0  # messages a second, and how many at once
WAITING = 64  # messages a socket may have unsent; a reader with more is too slow

log = structlog.get_logger()


class Observer(Protocol):
    """Who wants to know what happens in the rooms."""

    async def seated(self, visit: str, role: Role, person: str) -> None:
        """Somebody took a seat, or came back to it."""

    async def talking(self, visit: str) -> None:
        """Both are seen or heard."""

    async def gone(self, visit: str, role: Role) -> None:
        """Somebody left, or has been coming back for too long."""


class Line:
    """One web socket and what is still to be sent on it."""

    def __init__(self, number: int, socket: web.WebSocketResponse, now: float) -> None:
        self.number = number
        self.socket = socket
        self.bucket = Bucket(RATE, BURST, now)
        self.outgoing: asyncio.Queue[str | int] = asyncio.Queue(WAITING)

    def send(self, message: Outgoing) -> None:
        """Put a message in line; a full line is the end of it."""
        try:
            self.outgoing.put_nowait(protocol.dump(message))
        except asyncio.QueueFull:
            self.close(effects.TOO_SLOW)

    def close(self, code: int) -> None:
        """Close after what is in line; a number in the queue is a close code."""
        if self.outgoing.full():
            self.outgoing.get_nowait()
        self.outgoing.put_nowait(code)

    async def pump(self) -> None:
        """Send what is in line until the line is closed."""
        with contextlib.suppress(ConnectionError):
            while isinstance(item := await self.outgoing.get(), str):
                await self.socket.send_str(item)
            await self.socket.close(code=item)


class Signaling:
    """All rooms of this process. An async context manager: inside it time passes in them."""

    def __init__(
        self,
        *,
        media: Media,
        ticket_key: bytes,
        clock: Callable[[], datetime],
        observer: Observer,
        may_enter: Callable[[Ticket], Awaitable[bool]],
        public_url: str,
    ) -> None:
        self._media = media
        self._key = ticket_key
        self._clock = clock
        self._observer = observer
        self._may_enter = may_enter
        self._origin = origin_of(public_url)
        self._rooms: dict[str, Room] = {}
        self._lines: dict[int, Line] = {}
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        media.listen(self._report)

    async def __aenter__(self) -> "Signaling":
        self._later(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def handler(self, request: web.Request) -> web.WebSocketResponse:
        """GET /visit/{visit}/signal"""
        if request.headers.get("Origin") != self._origin:
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(compress=False, max_msg_size=MAX_CHARACTERS * 4)
        await socket.prepare(request)
        line = Line(next(self._numbers), socket, self._now())
        self._lines[line.number] = line
        pump = asyncio.create_task(line.pump())
        try:
            await self._converse(request.match_info["visit"], line)
            await asyncio.wait({pump}, timeout=JOIN_WITHIN)
        finally:
            del self._lines[line.number]
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        return socket

    async def close_room(self, visit: str, reason: str) -> None:
        """The visit's room is over: everybody is told, and media stops."""
        room = self._rooms.pop(visit, Room())
        await self._carry_out(visit, room.end(reason))

    async def close_all(self, _app: web.Application) -> None:
        """The service stops: sockets are sent away, and their pages come back."""
        for line in self._lines.values():
            line.close(effects.GOING_AWAY)

    # ---- one socket

    async def _converse(self, visit: str, line: Line) -> None:
        try:
            await self._join(visit, line)
            while (text := await self._text(line)) is not None:
                await self._receive(visit, line, text)
        except RtcError as error:
            line.send(Refused(error.code, error.text, 0))
            bad = isinstance(error, BadMessage | OutOfTurn)
            line.close(effects.PROTOCOL if bad else effects.REFUSED)
        room = self._rooms.get(visit)
        if room is not None:
            await self._carry_out(visit, room.dropped(line.number, self._now()))

    async def _join(self, visit: str, line: Line) -> None:
        try:
            async with asyncio.timeout(JOIN_WITHIN):
                text = await self._text(line)
        except TimeoutError:
            raise OutOfTurn from None
        message = protocol.parse_incoming(text or "")
        if not isinstance(message, Join) or message.version != VERSION:
            raise OutOfTurn
        right = ticket.read(message.ticket, self._key, visit=visit, now=self._clock())
        if not await self._may_enter(right):
            raise NotAdmitted
        room = self._rooms.setdefault(visit, Room())
        joined = room.join(right.role, right.person, line.number, self._now())
        await self._carry_out(visit, joined)

    async def _receive(self, visit: str, line: Line, text: str) -> None:
        if not line.bucket.take(1, self._now()):
            raise TooFast
        message = protocol.parse_incoming(text)
        room = self._rooms.get(visit)
        if room is not None:
            await self._carry_out(visit, room.receive(line.number, message, self._now()))

    async def _text(self, line: Line) -> str | None:
        """The next message, or None at the end. Raises BadMessage for what is no text."""
        message = await line.socket.receive()
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            raise BadMessage
        return None

    # ---- what a room wants done

    async def _carry_out(self, visit: str, wanted: Iterable[Effect]) -> None:
        for effect in wanted:
            await self._do(visit, effect)

    async def _do(self, visit: str, effect: Effect) -> None:
        match effect:
            case effects.Send(socket, message):
                if socket in self._lines:
                    self._lines[socket].send(message)
            case effects.Close(socket, code):
                if socket in self._lines:
                    self._lines[socket].close(code)
            case effects.Answer():
                self._later(self._answer(visit, effect))
            case effects.Admit(roles):
                await self._media.admit(visit, roles)
            case effects.Unseat(role):
                await self._media.leave(visit, role)
            case effects.Shut():
                await self._media.close(visit)
            case effects.Seated(role, person):
                self._later(self._observer.seated(visit, role, person))
            case effects.Talking():
                self._later(self._observer.talking(visit))
            case effects.Gone(role):
                self._later(self._observer.gone(visit, role))

    async def _answer(self, visit: str, wanted: effects.Answer) -> None:
        room = self._rooms.get(visit)
        if room is None:
            return
        try:
            sdp = await self._media.answer(visit, wanted.role, wanted.sdp)
        except RtcError as error:
            done = room.unanswered(wanted.socket, wanted.connection, error)
        else:
            done = room.answered(wanted.socket, wanted.connection, sdp)
        await self._carry_out(visit, done)

    def _report(self, report: reports.Report) -> None:
        if isinstance(report, reports.Counted):
            return
        room = self._rooms.get(report.room)
        if room is not None:
            self._later(self._carry_out(report.room, room.media(report, self._now())))

    # ---- time

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_EVERY)
            for visit, room in [*self._rooms.items()]:
                await self._carry_out(visit, room.tick(self._now()))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("room_task_failed", exc_info=task.exception())
