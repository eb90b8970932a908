"""A statement to SQLite is one trip to the driver's thread, and everything else is as it was."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from venterom.server.db import make_engine

pytestmark = pytest.mark.adapter
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncGenerator[AsyncEngine]:
    """With one table."""
    made = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'trips.db'}")
    async with made.begin() as db:
        await db.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL)"))
    yield made
    await made.dispose()


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the thread was asked to do."""
    asked: list[str] = []
    go: Any = aiosqlite.Connection._execute

    async def noted(self: aiosqlite.Connection, do: Any, *more: Any, **named: Any) -> Any:
        asked.append(do.__name__)
        return await go(self, do, *more, **named)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", noted)
    return asked


async def test_each_statement_is_one_trip(engine: AsyncEngine, trips: list[str]) -> None:
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO note (words) VALUES ('a')"))
        await db.execute(text("INSERT INTO note (words) VALUES (:w)"), [{"w": "b"}, {"w": "c"}])
        assert (await db.scalars(text("SELECT words FROM note ORDER BY id"))).all() == [*"abc"]
    begin, statements = ["_done"], ["_done"] * 3
    assert trips == [*begin, *statements, "commit", "rollback"]  # the last one is the pool's


async def test_what_is_known_of_a_statement_outlives_its_cursor(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO note (words) VALUES ('a'), ('b')"))
        done = await db.execute(text("UPDATE note SET words = 'c'"))
        assert done.rowcount == 2
        rows = (await db.execute(text("SELECT id, words FROM note"))).mappings().all()
    assert [dict(row) for row in rows] == [{"id": 1, "words": "c"}, {"id": 2, "words": "c"}]


async def test_what_the_database_refuses_is_raised_and_the_connection_goes_on(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as db:
        with pytest.raises(IntegrityError):
            await db.execute(text("INSERT INTO note (words) VALUES (NULL)"))
        assert await db.scalar(text("SELECT count(*) FROM note")) == 0


async def test_rows_can_still_be_had_one_after_the_other(engine: AsyncEngine) -> None:
    async with engine.connect() as db:
        rows = await db.stream(text(NUMBERS.format(5) + "SELECT i FROM n"))
        assert [row.i async for row in rows] == [1, 2, 3, 4, 5]


async def test_a_statement_that_nobody_waits_for_any_more_hurts_no_other(
    engine: AsyncEngine, trips: list[str]
) -> None:
    async def long() -> None:
        async with engine.begin() as db:
            await db.execute(text(NUMBERS.format(200_000) + "SELECT count(*) FROM n"))

    task = asyncio.create_task(long())
    while len(trips) < 2:  # it has begun its transaction, and is counting
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO note (words) VALUES ('a')"))
        assert await db.scalar(text("SELECT count(*) FROM note")) == 1
