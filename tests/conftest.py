"""What every test may ask for: a clock that is set by hand, and a database of either kind."""

import asyncio
import gc
import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from venterom.server import db as database
from venterom.server.tables import create_tables

# Rows of insert-only tables can be deleted only past their triggers, which a replica does not run.
# TRUNCATE would do as well, and takes twenty times as long; so would RESTART of a sequence.
EMPTY_ALL = """DO $$ DECLARE it text; filled boolean; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR it IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || it || ')' INTO filled;
        IF filled THEN EXECUTE 'DELETE FROM ' || it; END IF; END LOOP;
    PERFORM setval(oid, 1, false) FROM pg_class
        WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
    FOR it IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgenabled = 'D' LOOP
        EXECUTE 'ALTER TABLE ' || it || ' ENABLE TRIGGER USER'; END LOOP;
END $$"""

# Nothing is asserted by timing: machines are noisy.
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")

# Statements are built anew for each test and soon thrown away: to look through all that lives after
# every 700 of their parts takes an eighth of the time of all tests.
gc.set_threshold(100_000, 50, 100)


class Statements(dict[tuple[Any, ...], Any]):
    """SQL as SQLAlchemy has compiled it, of use to every engine of one kind.

    It names the engine's own dialect first in each key, and each test has an engine of its own.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """What was compiled, by whichever engine."""
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


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


@pytest.fixture
def no_collector() -> Generator[None]:
    """What is over has to be freed by itself: nobody looks for rings."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def postgresql() -> Generator[str]:
    """A private PostgreSQL cluster, started once for the run."""
    from tests.postgres import cluster

    with cluster() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def empty_postgresql(postgresql: str) -> Generator[Callable[[], str]]:
    """Has our tables in the cluster and nothing in them, whenever it is asked for its address.

    By one connection for the whole run: a new one has to get to know every table first.
    """
    engine, runner = database.make_engine(postgresql), asyncio.Runner()
    with ThreadPoolExecutor(1) as aside:  # away from the loops of the tests

        def emptied() -> str:
            aside.submit(runner.run, _make_or_empty(engine)).result()
            return postgresql

        yield emptied
        aside.submit(runner.run, engine.dispose()).result()
        aside.submit(runner.close).result()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        create_tables(connection)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def compiled_statements() -> dict[str, Statements]:
    """Every SQL statement, compiled once for the run, by the kind of database."""
    return {"sqlite": Statements(), "postgresql": Statements()}


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
async def session_factory(
    request: pytest.FixtureRequest, tmp_path: Path, compiled_statements: dict[str, Statements]
) -> AsyncGenerator[async_sessionmaker[AsyncSession]]:
    """Sessions that write, on empty tables, on each kind of database in turn."""
    if request.param == "sqlite":
        path = tmp_path / "care.db"
        shutil.copyfile(request.getfixturevalue("empty_sqlite"), path)
        engine = database.make_engine(f"sqlite+aiosqlite:///{path}")
    else:
        engine = database.make_engine(request.getfixturevalue("empty_postgresql")())
    try:
        engine = engine.execution_options(compiled_cache=compiled_statements[request.param])
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
