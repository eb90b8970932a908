"""One unit of work: a transaction with its events, and the wake-up after it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web import outbox
from venterom.web.keys import CLOCK, LINE, READING, SESSIONS
from venterom.web.live import FLOOR, HUB, visit_topic


@dataclass(slots=True)
class Unit:
    """What a handler or a job works with: one session, one time, and what came of it."""

    db: AsyncSession
    now: datetime
    events: list[outbox.Event] = field(default_factory=list)


@asynccontextmanager
async def work(app: web.Application) -> AsyncGenerator[Unit]:
    """Change something. The change and its events are stored together, then told; or neither is."""
    async with app[LINE], app[SESSIONS]() as db, db.begin():
        unit = Unit(db, app[CLOCK]())
        yield unit
        await outbox.append(db, unit.now, unit.events)
    topics = {visit_topic(event.visit) for event in unit.events if event.visit}
    if unit.events:
        app[HUB].publish({FLOOR, *topics})


@asynccontextmanager
async def look(app: web.Application) -> AsyncGenerator[Unit]:
    """Read without changing anything."""
    async with app[READING]() as db, db.begin():
        yield Unit(db, app[CLOCK]())
