"""A statement to SQLite is one trip to the driver's thread or none, and all else is as it was."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.server.test_db import needs_wal
from venterom.server import db as engines
from venterom.server import trips
from venterom.server.db import make_engine, make_sessions

pytestmark = pytest.mark.adapter
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "

ALL = text("SELECT words FROM note ORDER BY id")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncGenerator[AsyncEngine]:
    """With one table."""
    made = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'trips.db'}")
    async with made.begin() as db:
        await db.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL)"))
    yield made
    await made.dispose()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the thread was asked to do."""
    noted: list[str] = []
    go: Any = aiosqlite.Connection._execute

    async def note(self: aiosqlite.Connection, do: Any, *more: Any, **named: Any) -> Any:
        noted.append(do.__name__)
        return await go(self, do, *more, **named)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", note)
    return noted


@needs_wal
async def test_what_writes_is_one_trip_and_what_is_short_is_none(
    engine: AsyncEngine, asked: list[str]
) -> None:
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO note (words) VALUES ('a')"))
        await db.execute(text("INSERT INTO note (words) VALUES (:w)"), [{"w": "b"}, {"w": "c"}])
        await db.execute(text("UPDATE note SET words = 'd' WHERE words = 'c'"))
        assert (await db.scalars(ALL)).all() == [*"abd"]
    begin, several, update = ["_done"] * 3
    assert asked == [begin, several, update, "commit"]


@needs_wal
async def test_who_only_reads_wakes_no_thread(engine: AsyncEngine, asked: list[str]) -> None:
    _, reading = make_sessions(engine)
    async with reading() as db, db.begin():
        assert (await db.scalars(ALL)).all() == []
    async with reading() as db:  # and closes it without a word
        assert (await db.scalars(ALL)).all() == []
    assert asked == []


@needs_wal
async def test_many_rows_to_insert_are_a_trip(engine: AsyncEngine, asked: list[str]) -> None:
    many = ", ".join(f"(:w{n})" for n in range(trips.FEW))
    async with engine.begin() as db:
        values = {f"w{n}": "a" for n in range(trips.FEW)}
        await db.execute(text(f"INSERT INTO note (words) VALUES {many}"), values)
        await db.execute(text("INSERT INTO note (words) SELECT words FROM note"))
    begin, many, copies = ["_done"] * 3
    assert asked == [begin, many, copies, "commit"]


@needs_wal
async def test_what_takes_longer_than_the_loop_can_spare_is_read_in_the_thread(
    engine: AsyncEngine, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trips, "SPARED_S", 0)
    long = text(f"SELECT count(*) FROM ({NUMBERS.format(20_000)} SELECT i FROM n)")
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO note (words) VALUES ('a')"))
        assert await db.scalar(long) == 20_000
        assert (await db.scalars(ALL)).all() == ["a"], "what was written before stands"
    begin, count = ["_done"] * 2
    assert asked == [begin, count, "commit"]


@needs_wal
async def test_others_get_the_loop_between_short_statements(engine: AsyncEngine) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    _, reading = make_sessions(engine)
    task = asyncio.create_task(other())
    async with reading() as db:
        for _ in range(10 * trips.IN_A_ROW):
            await db.scalar(ALL)
    task.cancel()
    assert turns >= 10


async def test_with_a_rollback_journal_everything_is_a_trip(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "WAL", False)
    made = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'journal.db'}")
    _, reading = make_sessions(made)
    for _ in range(2):
        asked.clear()  # those of a new connection
        async with reading() as db, db.begin():
            await db.execute(text("SELECT 1"))
    await made.dispose()
    begin, select = ["_done"] * 2
    assert asked[:2] == [begin, select]


async def test_who_gives_up_waiting_to_write_leaves_no_lock_behind(
    engine: AsyncEngine, asked: list[str]
) -> None:
    async def write(words: str) -> None:
        async with engine.begin() as db:
            await db.execute(text("INSERT INTO note (words) VALUES (:w)"), {"w": words})

    async with engine.begin() as db:
        task = asyncio.create_task(write("b"))
        while len(asked) < 2:  # it stands and waits to begin
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        await db.execute(text("INSERT INTO note (words) VALUES ('a')"))
    with pytest.raises(asyncio.CancelledError):
        await task
    for words in "cd":  # each of the pool's connections can write
        await write(words)
    async with engine.connect() as db:
        assert (await db.scalars(ALL)).all() == [*"acd"]


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
    engine: AsyncEngine, asked: list[str]
) -> None:
    async def long() -> None:
        async with engine.begin() as db:
            await db.execute(text(NUMBERS.format(200_000) + "SELECT count(*) FROM n"))

    task = asyncio.create_task(long())
    while len(asked) < 2:  # it has begun its transaction, and is counting
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO note (words) VALUES ('a')"))
        assert await db.scalar(text("SELECT count(*) FROM note")) == 1
