"""The record of a house, read from outside: with its keys, beside the service that writes it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from tests.house import House
from venterom.journal.keys import Keys
from venterom.journal.verifying import Verdict, verify
from venterom.server import config, reading
from venterom.server.app import build
from venterom.server.db import make_engine, make_sessions
from venterom.web.keys import RECORD_KEYS


@asynccontextmanager
async def record(house: House) -> AsyncGenerator[tuple[AsyncSession, Keys]]:
    """A session that only reads, and the keys of this house."""
    settings = reading.load(None, house.environment)
    engine = make_engine(config.database_url(settings.database))
    _, sessions = make_sessions(engine)
    try:
        async with sessions() as db, db.begin():
            yield db, build(settings)[RECORD_KEYS]
    finally:
        await engine.dispose()


async def verdict(house: House) -> Verdict:
    """Whether the whole record is as it was written."""
    async with record(house) as (db, keys):
        return await verify(db, keys)
