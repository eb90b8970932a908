"""What every command that asks the database does first and last."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from venterom.server.config import Settings, database_url
from venterom.server.db import make_engine, make_sessions
from venterom.server.migrations.migrate import refuse_other_version

T = TypeVar("T")


@asynccontextmanager
async def database(settings: Settings) -> AsyncGenerator[AsyncEngine]:
    """The database that is set, if it is of this version. Raises SettingsError."""
    engine = make_engine(database_url(settings.database))
    try:
        await refuse_other_version(engine)
        yield engine
    finally:
        await engine.dispose()


def ask(settings: Settings, question: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """The answer, found or written in one transaction. Raises SettingsError."""

    async def run() -> T:
        async with database(settings) as engine:
            writing, _ = make_sessions(engine)
            async with writing() as db, db.begin():
                return await question(db)

    return asyncio.run(run())
