"""What every command that asks the database does first and last."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from venterom.server.config import Settings, database_url
from venterom.server.db import Sessions, make_engine, make_sessions, make_snapshots
from venterom.server.migrations.migrate import refuse_other_version

T = TypeVar("T")


@asynccontextmanager
async def database(settings: Settings) -> AsyncGenerator[AsyncEngine]:
    """The database that is set, if it is of this version. Raises SettingsError."""
    async with opened(database_url(settings.database)) as engine:
        await refuse_other_version(engine)
        yield engine


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[AsyncEngine]:
    """Any database, whoever has made it. Raises SettingsError."""
    engine = make_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


def ask(settings: Settings, question: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """The answer, found or written in one transaction. Raises SettingsError."""
    return _ask(settings, lambda engine: make_sessions(engine)[0], question)


def ask_of_one_moment(settings: Settings, question: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """The answer to what reads for long and writes nothing: all of it as it was when it began.
    Raises SettingsError."""
    return _ask(settings, make_snapshots, question)


def _ask(
    settings: Settings,
    sessions: Callable[[AsyncEngine], Sessions],
    question: Callable[[AsyncSession], Awaitable[T]],
) -> T:
    async def run() -> T:
        async with database(settings) as engine, sessions(engine)() as db, db.begin():
            return await question(db)

    return asyncio.run(run())
