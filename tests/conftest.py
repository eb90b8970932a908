"""What every test may ask for: a clock that is set by hand, and a database of either kind."""

import importlib
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from venterom.server import db as database


class FakeClock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **by: float) -> datetime:
        """Move on by `minutes=`, `seconds=` and so on, and say what time it has become."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    """An ordinary Tuesday, 12:00 in Oslo."""
    return FakeClock(datetime(2026, 11, 24, 11, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgresql() -> Generator[str]:
    """A private PostgreSQL cluster, started once for the run."""
    from tests.postgres import cluster

    with cluster() as dsn:
        yield dsn


@pytest.fixture(params=["sqlite", "postgresql"])
async def session_factory(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[async_sessionmaker[AsyncSession]]:
    """Sessions that write, on fresh tables, on each kind of database in turn."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'care.db'}"
    else:
        url = request.getfixturevalue("postgresql")
    engine = database.make_engine(url)
    try:
        async with engine.begin() as connection:
            if request.param == "postgresql":
                await connection.execute(text("DROP SCHEMA public CASCADE"))
                await connection.execute(text("CREATE SCHEMA public"))
            await connection.run_sync(_create_tables)
        writing, _ = database.make_sessions(engine)
        yield writing
    finally:
        await engine.dispose()


@pytest.fixture
async def db(session_factory: async_sessionmaker[AsyncSession]) -> AsyncGenerator[AsyncSession]:
    """One session inside a transaction."""
    async with session_factory() as session, session.begin():
        yield session


def _create_tables(connection: Connection) -> None:
    # Transitional while the folders are being built: takes what exists.
    folders = ("queue", "queue.coverage", "journal", "web.identity", "server.notify")
    for name in (*(f"{folder}.tables" for folder in folders), "web.outbox"):
        try:
            module = importlib.import_module(f"venterom.{name}")
        except ModuleNotFoundError:
            continue
        module.metadata.create_all(connection)
        names = getattr(module, "INSERT_ONLY", ())
        for statement in database.insert_only_ddl(connection.dialect.name, names):
            connection.execute(text(statement))
