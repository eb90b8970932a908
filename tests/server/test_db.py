"""The engine's rules: who waits for whom, what may not be changed, what is gone."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from venterom.server import db as engines
from venterom.server.db import empty_log, insert_only_ddl, make_engine, make_sessions
from venterom.server.sqlite import VERSION, safe_for_wal

needs_wal = pytest.mark.skipif(not safe_for_wal(VERSION), reason="this SQLite has the fault")


@pytest.mark.parametrize("wal", [pytest.param(True, marks=needs_wal), False])
async def test_what_was_deleted_is_gone_from_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wal: bool
) -> None:
    monkeypatch.setattr(engines, "WAL", wal)
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'care.db'}")
    sessions, reading = make_sessions(engine)
    for statement in (
        "CREATE TABLE told (words TEXT)",
        "INSERT INTO told VALUES ('kanarihalsvondt')",
        "DELETE FROM told",
    ):
        async with sessions.begin() as db:
            await db.execute(text(statement))
    beside = tmp_path / ("care.db-wal" if wal else "care.db-journal")
    assert (b"kanari" in beside.read_bytes()) is wal
    async with reading() as db:
        await empty_log(db)
    assert beside.read_bytes() == b""
    assert b"kanari" not in (tmp_path / "care.db").read_bytes()
    async with sessions.begin() as db:
        assert await db.scalar(text("PRAGMA journal_mode")) == ("wal" if wal else "truncate")
        assert await db.scalar(text("PRAGMA synchronous")) == 2  # FULL: before a commit is told
        assert await db.scalar(text("PRAGMA busy_timeout")) == engines.BUSY_MS
    await engine.dispose()


@needs_wal
async def test_the_log_is_emptied_when_nobody_reads_and_nobody_waits_for_that(
    tmp_path: Path,
) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'care.db'}")
    sessions, reading = make_sessions(engine)
    log = tmp_path / "care.db-wal"
    async with sessions.begin() as db:
        await db.execute(text("CREATE TABLE told (words TEXT)"))
    async with reading() as reader:
        await reader.execute(text("SELECT * FROM told"))
        async with sessions.begin() as db:
            await db.execute(text("INSERT INTO told VALUES ('a')"))
        async with reading() as db:
            await empty_log(db)
        assert log.stat().st_size > 0
    async with reading() as db:
        await empty_log(db)
    assert log.stat().st_size == 0
    await engine.dispose()


@pytest.mark.postgresql
async def test_a_connection_that_was_cut_while_it_rested_is_not_handed_out(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, other = make_engine(postgresql), make_engine(postgresql)
    sessions, _ = make_sessions(engine)
    own = text("SELECT pg_backend_pid()")
    async with sessions() as db:
        first = await db.scalar(own)
    async with sessions() as db:
        assert await db.scalar(own) == first
    async with other.begin() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
    monkeypatch.setattr(engines, "RESTED_S", 0.0)  # it has rested for long
    async with sessions() as db:
        assert await db.scalar(own) != first
    await engine.dispose()
    await other.dispose()


@pytest.mark.adapter
async def test_writers_wait_for_each_other(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async with session_factory() as db, db.begin():
        await db.execute(text("CREATE TABLE counted (n INTEGER)"))
        await db.execute(text("INSERT INTO counted VALUES (0)"))

    async def count() -> None:
        async with session_factory() as db, db.begin():
            await db.execute(text("UPDATE counted SET n = n + 1"))

    await asyncio.gather(*(count() for _ in range(20)))
    async with session_factory() as db:
        assert (await db.execute(text("SELECT n FROM counted"))).scalar_one() == 20


@pytest.mark.adapter
@pytest.mark.parametrize("statement", ["UPDATE outbox SET name = 'other'", "DELETE FROM outbox"])
async def test_what_happened_cannot_be_changed(db: AsyncSession, statement: str) -> None:
    await db.execute(
        text("INSERT INTO outbox (at, name, visit, body) VALUES (0, 'Joined', 'v', '{}')")
    )
    with pytest.raises(DBAPIError, match="insert-only"):
        await db.execute(text(statement))


@pytest.mark.adapter
async def test_an_error_of_the_database_does_not_say_what_was_to_be_written(
    db: AsyncSession,
) -> None:
    statement = text("INSERT INTO outbox (at, name, visit, body) VALUES (:at, :name, :visit, NULL)")
    with pytest.raises(DBAPIError) as failed:
        await db.execute(statement, {"at": 0, "name": "Joined", "visit": "Kari Prøvdal"})
    assert "outbox" in str(failed.value) and "Kari" not in str(failed.value)


async def test_what_is_insert_only_cannot_be_replaced_either(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'kept.db'}")
    async with engine.begin() as db:
        await db.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY, words TEXT)"))
        for statement in insert_only_ddl("sqlite", ["kept"]):
            await db.execute(text(statement))
        await db.execute(text("INSERT INTO kept VALUES (1, 'a')"))
    with pytest.raises(DBAPIError, match="insert-only"):
        async with engine.begin() as db:
            await db.execute(text("REPLACE INTO kept VALUES (1, 'b')"))
    await engine.dispose()
