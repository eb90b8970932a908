"""What every test may ask for: a clock that is set by hand, and a database of either kind."""

import gc
import shutil
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from venterom.server import db as database
from venterom.server.tables import create_tables

# Rows of insert-only tables can be deleted only past their triggers, which a replica does not run.
# TRUNCATE would do as well, and takes twenty times as long.
EMPTY_ALL = """DO $$ DECLARE it text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR it IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'DELETE FROM ' || it; END LOOP;
    FOR it IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' LOOP
        EXECUTE 'ALTER SEQUENCE ' || it || ' RESTART'; END LOOP;
    FOR it IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgenabled = 'D' LOOP
        EXECUTE 'ALTER TABLE ' || it || ' ENABLE TRIGGER USER'; END LOOP;
END $$"""

# Nothing is asserted by timing: machines are noisy.
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")

# Statements are built anew for each test and soon thrown away: to look through all that lives after
# every 700 of their parts takes an eighth of the time of all tests.
gc.set_threshold(100_000, 50, 100)


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


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        create_tables(connection)
    engine.dispose()
    return path


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
async def session_factory(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[async_sessionmaker[AsyncSession]]:
    """Sessions that write, on empty tables, on each kind of database in turn."""
    if request.param == "sqlite":
        path = tmp_path / "care.db"
        shutil.copyfile(request.getfixturevalue("empty_sqlite"), path)
        engine = database.make_engine(f"sqlite+aiosqlite:///{path}")
    else:
        engine = database.make_engine(request.getfixturevalue("postgresql"))
        await _make_or_empty(engine)
    try:
        writing, _ = database.make_sessions(engine)
        yield writing
    finally:
        await engine.dispose()


@pytest.fixture
async def db(session_factory: async_sessionmaker[AsyncSession]) -> AsyncGenerator[AsyncSession]:
    """One session inside a transaction."""
    async with session_factory() as session, session.begin():
        yield session


async def _make_or_empty(engine: AsyncEngine) -> None:
    """Our tables, with nothing in them: made once a cluster, since making them takes a second."""
    async with engine.begin() as connection:
        if await connection.run_sync(lambda sync: inspect(sync).has_table("outbox")):
            await connection.execute(text(EMPTY_ALL))
        else:
            await connection.run_sync(create_tables)
