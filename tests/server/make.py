"""An application of parts for tests of what the service does by itself: real tables, and stand-ins
for what lies outside."""

from collections.abc import Callable, Collection
from datetime import datetime

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from tests.journal.make import KEYS
from venterom.journal.epj import Epj
from venterom.queue.hours import Hours
from venterom.server import db as database
from venterom.server.jobs import EPJ, POST, WATCH, Watch
from venterom.server.notify.feed import Post
from venterom.web.keys import CLOCK, HOURS, LINE, READING, RECORD_KEYS, ROOMS, SESSIONS, Rooms
from venterom.web.live import HUB, Hub
from venterom.web.outbox import OutboxRow, Stored, read_after
from venterom.web.work import look

Sessions = async_sessionmaker[AsyncSession]
POSTED = Post("https://vent.example", "inbox", b"l" * 32, b"s" * 32)


class FakeRooms:
    """Stands in for the rooms: notes which are closed."""

    def __init__(self) -> None:
        self.closed: list[tuple[str, str]] = []

    async def close_room(self, visit: str, reason: str) -> None:
        """Noted."""
        self.closed.append((visit, reason))

    def let_in(self, visit: str) -> None:
        """Nobody is at the door."""

    def show_out(self, visit: str) -> None:
        """Nobody is there."""

    def sign_out(self, ended: Collection[str]) -> None:
        """Nobody is there."""


def engine_of(sessions: Sessions) -> AsyncEngine:
    """The engine behind these sessions."""
    engine = sessions.kw["bind"]
    assert isinstance(engine, AsyncEngine)
    return engine


def parts(
    sessions: Sessions, clock: Callable[[], datetime], epj: Epj | None = None
) -> web.Application:
    """What jobs need."""
    app = web.Application()
    app[CLOCK] = clock
    app[SESSIONS], app[READING] = database.make_sessions(engine_of(sessions))
    app[LINE] = database.make_line(engine_of(sessions))
    app[HUB] = Hub()
    rooms: Rooms = FakeRooms()
    app[ROOMS] = rooms
    app[RECORD_KEYS] = KEYS
    app[HOURS] = Hours.STANDARD
    app[POST] = POSTED
    app[WATCH] = Watch()
    if epj is not None:
        app[EPJ] = epj
    return app


async def happened(app: web.Application) -> list[Stored]:
    """Every event that was stored."""
    async with look(app) as unit:
        names = set(await unit.db.scalars(select(OutboxRow.name)))
        return await read_after(unit.db, 0, names=names)
