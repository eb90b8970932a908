"""The room's web socket: text in, `rtc.room`, text out. docs/protocol.md is the manual.

The rules of a room are pure and live in `rtc/room.py`; here their effects are carried out: what is
said to a page at once, what is asked of media one after the other, room by room.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from types import TracebackType
from typing import Protocol

import structlog
from aiohttp import web

from venterom.rtc import effects, protocol, reports, ticket
from venterom.rtc.effects import Effect
from venterom.rtc.errors import BadMessage, NotAdmitted, OutOfTurn, RtcError
from venterom.rtc.figures import Kept
from venterom.rtc.protocol import VERSION, Join, Network, Refused
from venterom.rtc.room import Room
from venterom.rtc.seat import Welcome
from venterom.rtc.states import State
from venterom.rtc.ticket import Role, Ticket
from venterom.server.gauges import Gauges
from venterom.server.headers import origin_of
from venterom.server.line import MAX_BYTES, Line, Patience
from venterom.server.media import Media
from venterom.server.tasks import Tasks
from venterom.web.sockets import Socket

TICK_EVERY = 1.0  # seconds

log = structlog.get_logger()


class Observer(Protocol):
    """Who wants to know what happens in the rooms."""

    async def seated(self, visit: str, role: Role, person: str) -> None:
        """Somebody took a seat, or came back to it."""

    async def talking(self, visit: str) -> None:
        """Both are seen or heard."""

    async def gone(self, visit: str, role: Role) -> None:
        """Somebody left, or has been coming back for too long."""

    async def measured(self, visit: str, kept: Sequence[Kept]) -> None:
        """A call is over; these are its figures."""


class Signaling:
    """All rooms of this process. An async context manager: inside it time passes in them."""

    def __init__(
        self,
        *,
        media: Media,
        ticket_key: bytes,
        clock: Callable[[], datetime],
        observer: Observer,
        may_enter: Callable[[Ticket], Awaitable[Welcome | None]],
        public_url: str,
        steady: Callable[[], float] = time.monotonic,
        patience: Patience = Patience(),  # noqa: B008  # frozen
    ) -> None:
        self._media = media
        self._key = ticket_key
        self._clock = clock
        self._observer = observer
        self._may_enter = may_enter
        self._origin = origin_of(public_url)
        self._steady = steady
        self._patience = patience
        self._rooms: dict[str, Room] = {}
        self._gauges = Gauges(observer.measured, steady)
        self._changes = 0  # of who may enter
        self._lines: dict[int, Line] = {}
        self._numbers = count(1)
        self._tasks = Tasks()
        media.listen(self._report)

    async def __aenter__(self) -> "Signaling":
        self._tasks.start(self._time_passes)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._gauges.all_over()
        await self._tasks.cancel()

    async def handler(self, request: web.Request) -> web.WebSocketResponse:
        """GET /visit/{visit}/signal"""
        if request.headers.get("Origin") != self._origin:
            raise web.HTTPForbidden
        socket = Socket(max_bytes=MAX_BYTES, autoping=False, part_within=self._patience.part)
        await socket.prepare(request)
        line = Line(next(self._numbers), socket, self._patience, self._steady)
        self._lines[line.number] = line
        pump = asyncio.create_task(line.pump())
        try:
            await self._converse(request.match_info["visit"], line)
            line.close(effects.DONE)  # unless it is closed already, or another code stands in line
            await pump
        finally:
            del self._lines[line.number]
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        return socket

    async def close_room(self, visit: str, reason: str) -> None:
        """The visit's room is over: everybody is told, and media stops."""
        self._changes += 1
        room = self._rooms.pop(visit, Room())
        self._carry_out(visit, room.end(reason))
        await self._gauges.over(visit)

    def let_in(self, visit: str) -> None:
        """The doctor lets the guest in."""
        self._changes += 1
        self._happens(visit, lambda room: room.let_in(self._steady()))

    def show_out(self, visit: str) -> None:
        """The doctor takes the guest out of the call."""
        self._changes += 1
        self._happens(visit, lambda room: room.show_out(self._steady()))

    def sign_out(self, ended: Collection[str]) -> None:
        """These sign-ins have been ended: their seats are given up, and media stops."""
        self._changes += bool(ended)
        for visit in [*self._rooms] if ended else []:
            self._happens(visit, lambda room: room.sign_out(ended, self._steady()))

    async def close_all(self, _app: web.Application) -> None:
        """The service stops: sockets are sent away, and their pages come back."""
        for line in self._lines.values():
            line.close(effects.GOING_AWAY)

    def tick(self) -> None:
        """Time has passed. To be called about once a second; inside the context it is."""
        now = self._steady()
        for visit in [*self._rooms]:
            self._happens(visit, lambda room: room.tick(now))

    # ---- one socket

    async def _converse(self, visit: str, line: Line) -> None:
        try:
            if (first := await self._first(line)) is not None:
                await self._join(visit, line, first)
                while (text := await line.text()) is not None:
                    self._receive(visit, line, text)
        except RtcError as error:
            line.send(Refused(error.code, error.text, 0))
            bad = isinstance(error, BadMessage | OutOfTurn)
            line.close(effects.PROTOCOL if bad else effects.REFUSED)
        except Exception:
            log.exception("room_socket_failed")
            line.close(effects.INTERNAL)
        finally:
            self._happens(visit, lambda room: room.dropped(line.number, self._steady()))

    async def _first(self, line: Line) -> str | None:
        """The first message. Who is too slow with it is sent away, and comes back: None."""
        try:
            return await line.first()
        except TimeoutError:
            line.close(effects.GOING_AWAY)
            return None

    async def _join(self, visit: str, line: Line, text: str) -> None:
        message = protocol.parse_incoming(text)
        if not isinstance(message, Join) or message.version != VERSION:
            raise OutOfTurn
        right = ticket.read(message.ticket, self._key, visit=visit, now=self._clock())
        welcome = await self._welcome(right)
        room = self._rooms.setdefault(visit, Room())
        joined = room.join(
            right.role,
            right.person,
            line.number,
            self._steady(),
            message.encryption,
            welcome,
            right.sign_in,
        )
        self._carry_out(visit, joined)

    async def _welcome(self, right: Ticket) -> Welcome:
        """Ask whether the visit is open to them, and how they come in; again when a door was closed
        or opened meanwhile, lest it be this.

        Raises NotAdmitted.
        """
        while True:
            before = self._changes
            welcome = await self._may_enter(right)
            if welcome is None:
                raise NotAdmitted
            if before == self._changes:
                return welcome

    def _receive(self, visit: str, line: Line, text: str) -> None:
        message = protocol.parse_incoming(text)
        room = self._rooms.get(visit)
        if room is not None:
            self._carry_out(visit, room.receive(line.number, message, self._steady()))

    # ---- what a room wants done

    def _happens(self, visit: str, what: Callable[[Room], Iterable[Effect]]) -> None:
        """Something happens to a room, if there is one. A fault in it stays with this room."""
        room = self._rooms.get(visit)
        try:
            self._carry_out(visit, what(room) if room is not None else ())
        except Exception:
            log.exception("room_failed")

    def _carry_out(self, visit: str, wanted: Iterable[Effect]) -> None:
        """Never waits, so that pages hear of a room's states in the order in which they came."""
        for effect in wanted:
            self._do(visit, effect)
        room = self._rooms.get(visit)
        if room is not None and room.state is State.EMPTY and not room.seats:
            del self._rooms[visit]  # everybody has left; whoever comes back finds it made anew
            self._do(visit, effects.Shut())

    def _do(self, visit: str, effect: Effect) -> None:
        match effect:
            case effects.Send(socket, message):
                if socket in self._lines:
                    self._lines[socket].send(message)
            case effects.Close(socket, code):
                if socket in self._lines:
                    self._lines[socket].close(code)
            case effects.Answer() | effects.Admit() | effects.Unseat() | effects.Shut():
                self._ask_media(visit, effect)
            case effects.Seated(role, person):
                self._tasks.start(partial(self._observer.seated, visit, role, person))
            case effects.Talking():
                self._gauges.talking(visit)
                self._tasks.start(partial(self._observer.talking, visit))
            case effects.Gone(role):
                self._tasks.start(partial(self._observer.gone, visit, role))
            case effects.Measured(role, figures):
                self._tell_network(visit, self._gauges.measured(visit, role, figures))

    def _tell_network(self, visit: str, lines: dict[str, str]) -> None:
        """Everybody, at every sample: so whoever has just come back knows it soon, too."""
        sockets = self._rooms[visit].sockets if lines else []
        self._carry_out(visit, [effects.Send(each, Network(lines)) for each in sockets])

    # ---- what is asked of media

    def _ask_media(self, visit: str, effect: effects.Media) -> None:
        """One after the other in each room: a seat that is given up must be gone before the next
        offer for it is answered."""
        self._tasks.queue(visit, partial(self._media_does, visit, effect))

    async def _media_does(self, visit: str, effect: effects.Media) -> None:
        match effect:
            case effects.Answer():
                await self._answer(visit, effect)
            case effects.Admit(roles):
                await self._media.admit(visit, roles)
            case effects.Unseat(role):
                await self._media.leave(visit, role)
            case effects.Shut():
                await self._media.close(visit)

    async def _answer(self, visit: str, wanted: effects.Answer) -> None:
        """The answer, or why there is none; silence when a newer offer has come meanwhile."""
        room = self._rooms.get(visit, Room())
        if not room.awaits(wanted.socket, wanted.connection):
            return
        try:
            sdp = await self._media.answer(visit, wanted.role, wanted.sdp)
        except RtcError as error:
            done = room.unanswered(wanted.socket, wanted.connection, error)
        else:
            done = room.answered(wanted.socket, wanted.connection, sdp)
        if room.awaits(wanted.socket, wanted.connection):
            self._carry_out(visit, done)

    def _report(self, report: reports.Report) -> None:
        if isinstance(report, reports.Counted):
            return
        if isinstance(report, reports.Connected) and report.room in self._rooms:
            self._gauges.connected(report.room, report.seat)
        self._happens(report.room, lambda room: room.media(report, self._steady()))

    # ---- time

    async def _time_passes(self) -> None:
        while True:
            await asyncio.sleep(TICK_EVERY)
            self.tick()
