"""The rooms' web sockets for tests: the real handler, real sockets, and stand-ins behind them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer

from tests.conftest import FakeClock
from venterom.rtc import protocol, ticket
from venterom.rtc.errors import RtcError
from venterom.rtc.figures import Kept
from venterom.rtc.protocol import Joined, Message, Room
from venterom.rtc.reports import Report
from venterom.rtc.seat import WELCOME, Welcome
from venterom.rtc.ticket import Role, Ticket
from venterom.server.line import Patience
from venterom.server.media import Media
from venterom.server.signaling import Signaling

OURS = "http://127.0.0.1:8080"  # what people type; a test's real port is another
KEY = b"t" * 32
VISIT, PATIENT, DOCTOR = "visit-1", "kari", "dr-berg"
PERSONS = {Role.PATIENT: PATIENT, Role.DOCTOR: DOCTOR}
WITHIN = 30.0  # seconds until a test gives up; nothing is asserted by it


class FakeMedia(Media):
    """Stands in for the media workers: no process, no packet. Strict: a room is asked for one thing
    at a time, and only seats that have a connection are admitted, both together."""

    def __init__(self) -> None:
        super().__init__(Path(), workers=0, addresses=())
        self.asked: list[tuple[str, ...]] = []
        self.open = asyncio.Event()  # nothing is carried out while it is not set
        self.open.set()
        self.refuses: RtcError | None = None
        self.says = "v=0"
        self._seats: set[tuple[str, str]] = set()
        self._busy: set[str] = set()

    def report(self, report: Report) -> None:
        """What a worker tells."""
        self._listener(report)

    async def answer(self, room: str, seat: str, sdp: str) -> str:
        """An answer, or the refusal that the test has chosen."""
        await self._do(room, "answer", seat, sdp)
        if self.refuses is not None:
            raise self.refuses
        self._seats.add((room, seat))
        return self.says

    async def admit(self, room: str, seats: Iterable[str]) -> None:
        """Packets flow from now on."""
        both = sorted(seats)
        assert both == ["doctor", "patient"], both
        await self._do(room, "admit")
        assert {seat for of, seat in self._seats if of == room} <= set(both)

    async def leave(self, room: str, seat: str) -> None:
        """A seat is given up."""
        await self._do(room, "leave", seat)
        self._seats.discard((room, seat))

    async def close(self, room: str) -> None:
        """A room is over."""
        await self._do(room, "close")
        self._seats = {(of, seat) for of, seat in self._seats if of != room}

    async def _do(self, room: str, *what: str) -> None:
        assert room not in self._busy, f"{room} is asked for two things at once"
        self._busy.add(room)
        self.asked.append((room, *what))
        await self.open.wait()
        self._busy.discard(room)


class FakeFloor:
    """Stands in for the waiting room: the doors that are open, and what it was told."""

    def __init__(self) -> None:
        self.open_to = {(VISIT, PATIENT), (VISIT, DOCTOR)}
        self.guests: dict[str, Welcome] = {}
        self.told: list[tuple[str, ...]] = []
        self.kept: dict[str, list[Kept]] = {}
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.fault: Exception | None = None

    async def may_enter(self, right: Ticket) -> Welcome | None:
        """As it was when it was asked, however long the answer takes."""
        if self.fault is not None:
            raise self.fault
        is_open = (right.visit, right.person) in self.open_to
        self.asked.set()
        await self.may_answer.wait()
        return self.guests.get(right.person, WELCOME) if is_open else None

    async def seated(self, visit: str, role: Role, person: str) -> None:
        """Noted."""
        self.told.append(("seated", visit, role, person))

    async def talking(self, visit: str) -> None:
        """Noted."""
        self.told.append(("talking", visit))

    async def gone(self, visit: str, role: Role) -> None:
        """Noted."""
        self.told.append(("gone", visit, role))
        if self.fault is not None:
            raise self.fault

    async def measured(self, visit: str, kept: Sequence[Kept]) -> None:
        """Kept."""
        if self.fault is not None:
            raise self.fault
        self.kept[visit] = [*kept]


@dataclass
class Page:
    """A browser's end of the socket."""

    socket: ClientWebSocketResponse

    async def says(self, message: Message) -> None:
        """Send one message."""
        await self.socket.send_str(protocol.dump(message))

    async def sends(self, what: str | bytes) -> None:
        """Send anything, message or not."""
        if isinstance(what, str):
            await self.socket.send_str(what)
        else:
            await self.socket.send_bytes(what)

    async def hears(self) -> Message:
        """The next message."""
        async with asyncio.timeout(WITHIN):
            frame = await self.socket.receive()
        assert frame.type is WSMsgType.TEXT, (frame.type, self.socket.close_code)
        return protocol.parse(frame.data)

    async def hears_room(self) -> tuple[str, str, str]:
        """The room's next state: its own, the patient's and the doctor's."""
        told = await self.hears()
        assert isinstance(told, Room | Joined), told
        return told.state, told.seats["patient"], told.seats["doctor"]

    async def ended(self) -> tuple[list[Message], int]:
        """What else was said until the socket closed, and with which code."""
        said, code = await self._rest()
        return [protocol.parse(text) for text in said], code

    async def frames(self) -> tuple[int, int]:
        """The same for messages that are longer than any real one: how many, and the code."""
        said, code = await self._rest()
        return len(said), code

    async def _rest(self) -> tuple[list[str], int]:
        said: list[str] = []
        async with asyncio.timeout(WITHIN):
            while (frame := await self.socket.receive()).type is WSMsgType.TEXT:
                said.append(frame.data)
        assert frame.type is WSMsgType.CLOSE, frame
        return said, frame.data

    async def answers(self) -> None:
        """This page and its room are alive: a ping is answered, and nothing else was said."""
        await self.says(protocol.Ping(7))
        assert await self.hears() == protocol.Pong(7)


@dataclass
class Rig:
    """What a test of the sockets needs."""

    clock: FakeClock
    patience: Patience
    media: FakeMedia = field(default_factory=FakeMedia)
    floor: FakeFloor = field(default_factory=FakeFloor)
    seconds: float = 1000.0  # of the steady clock, moved by hand
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> "Rig":
        self.signaling = Signaling(
            media=self.media,
            ticket_key=KEY,
            clock=self.clock,
            observer=self.floor,
            may_enter=self.floor.may_enter,
            public_url=OURS,
            steady=lambda: self.seconds,
            patience=self.patience,
        )
        self.app = web.Application()
        self.app.router.add_get("/visit/{visit}/signal", self.signaling.handler)
        self.app.on_shutdown.append(self.signaling.close_all)
        await self.stack.enter_async_context(self.signaling)
        self.server = await self.stack.enter_async_context(TestServer(self.app))
        self.url = self.server.make_url("/visit")
        self.http = await self.stack.enter_async_context(ClientSession())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stack.aclose()

    @property
    def connections(self) -> int:
        """How many browsers are connected, as the server sees it."""
        assert self.server.runner is not None and self.server.runner.server is not None
        return len(self.server.runner.server.connections)

    def ticket(self, role: Role, **changes: object) -> str:
        """A right to enter, from now and for an hour."""
        now = self.clock()
        fields = {
            "visit": VISIT,
            "person": PERSONS[role],
            "role": role,
            "not_before": now,
            "expires": now + timedelta(hours=1),
        }
        return ticket.sign(Ticket(**fields | changes), KEY)  # type: ignore[arg-type]  # real fields

    async def page(self, visit: str = VISIT, headers: dict[str, str] | None = None) -> Page:
        """A page of ours that has said nothing yet."""
        url = self.url / visit / "signal"
        headers = {"Origin": OURS} if headers is None else headers
        socket = await self.http.ws_connect(url, headers=headers, max_msg_size=0)
        await self.stack.enter_async_context(socket)
        return Page(socket)

    async def enter(self, role: Role, visit: str = VISIT) -> Page:
        """Somebody who has just taken a seat, and been told so."""
        page = await self.page(visit)
        right = self.ticket(role, visit=visit)
        await page.says(protocol.Join(right, protocol.VERSION, protocol.Encryption.END_TO_END))
        joined = await page.hears()
        assert isinstance(joined, Joined) and joined.role == role, joined
        return page

    async def pair(self, visit: str = VISIT) -> tuple[Page, Page]:
        """Patient and doctor in the room, both told how it stands."""
        patient = await self.enter(Role.PATIENT, visit)
        assert await patient.hears_room() == ("waiting", "here", "away")
        doctor = await self.enter(Role.DOCTOR, visit)
        for page in (patient, doctor):
            assert await page.hears_room() == ("connecting", "here", "here")
        return patient, doctor

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what happens beside the sockets. Raises TimeoutError."""
        async with asyncio.timeout(WITHIN):
            while not holds():
                await asyncio.sleep(0.001)


@asynccontextmanager
async def rooms(clock: FakeClock, patience: Patience | None = None) -> AsyncGenerator[Rig]:
    """Rooms with pages that may come."""
    async with Rig(clock, patience or Patience()) as rig:
        yield rig
