"""The database: one engine, sessions that write, sessions that only read.

SQLite is the embedded default, PostgreSQL the production engine. The same SQL runs on both.
"""

import asyncio
import os
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Dialect, event, make_url, text
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from venterom.server import sqlite, trips
from venterom.server.config import SettingsError

DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
BUSY_MS = 20_000  # how long a writer waits: SQLite lets waiters overtake each other, so be patient
KEPT = 15  # connections at most; all are kept, for a new one costs more than most units of work
RESTED_S = 5.0  # seconds after which a connection to PostgreSQL is tried before it is used
RESTS = "venterom_rests"  # since when one is not used, in its pool's own record
WAL = sqlite.safe_for_wal(sqlite.VERSION)
READING = "venterom_reading"  # execution option of sessions that never write

Sessions = async_sessionmaker[AsyncSession]


def make_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`, with our rules set.

    Raises SettingsError for any other address, and for a file that cannot be made.
    """
    parsed = _read(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_async_engine(
            parsed, hide_parameters=True, pool_recycle=1_800, pool_size=KEPT, max_overflow=0
        )
        event.listen(engine.sync_engine, "checkin", _rests)
        event.listen(engine.sync_engine, "checkout", partial(_try, engine.sync_engine.dialect))
        return engine
    if parsed.database:
        _prepare_file(Path(parsed.database))
    engine = create_async_engine(
        parsed,
        hide_parameters=True,  # an error may be logged
        pool_size=KEPT,
        max_overflow=0,
        module=sqlite.driver(),
        connect_args={"async_creator_fn": sqlite.opened},
    )
    event.listen(engine.sync_engine, "do_connect", trips.connect)
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def make_sessions(engine: AsyncEngine) -> tuple[Sessions, Sessions]:
    """Sessions that write, and sessions that only read."""
    reading = engine.execution_options(**{READING: True})
    return (
        async_sessionmaker(engine, expire_on_commit=False),
        async_sessionmaker(reading, expire_on_commit=False),
    )


def make_snapshots(engine: AsyncEngine) -> Sessions:
    """Sessions that only read, and see one moment for as long as their transaction lasts."""
    one_moment = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    reading = engine.execution_options(**{READING: True}, **one_moment)
    return async_sessionmaker(reading, expire_on_commit=False)


def make_line(engine: AsyncEngine) -> AbstractAsyncContextManager[None]:
    """Where units of work wait before they begin: first come, first served.

    SQLite has one writer at a time and lets those who wait overtake each other, so that one of many
    may be passed over until it gives up. PostgreSQL needs no line.
    """
    return asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()


async def empty_log(db: AsyncSession) -> None:
    """Bring what was written ahead to its place and empty the log: until then, what was deleted
    goes on standing in it. `db` only reads and has read nothing yet.

    Nobody waits for it: while others write or read, it is left for the next time.
    """
    if db.get_bind().dialect.name != "sqlite":
        return
    await db.execute(text("PRAGMA busy_timeout = 0"))
    try:
        await db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    finally:
        await db.execute(text(f"PRAGMA busy_timeout = {BUSY_MS}"))


def insert_only_ddl(dialect: str, tables: Iterable[str]) -> list[str]:
    """The triggers by which the database refuses to change or delete rows of these tables."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            for table in tables
            for verb in ("update", "delete")
        ]
    refuse = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    return [refuse] + [
        f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in tables
    ]


def _read(address: str) -> URL:
    """Says nothing of what the address holds: there may be a password in it."""
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in DRIVERS:
        raise SettingsError(f"a database's address begins with {':// or '.join(DRIVERS)}://")
    return url


def _prepare_file(path: Path) -> None:
    """The folder exists, and nobody but its owner may read the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


def _set_pragmas(connection: Any, _record: object) -> None:
    # The driver must not open transactions of its own: `_begin` does, and says which kind.
    connection.isolation_level = None
    connection.ahead = WAL
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    # A commit waits for the disk once; with the rollback journal five times. That one is emptied by
    # a commit: deleting it costs two changes of the folder on the disk; leaving it as it is
    # (PERSIST) costs least, but what was deleted would go on standing in it.
    cursor.execute(f"PRAGMA journal_mode = {'WAL' if WAL else 'TRUNCATE'}")
    cursor.execute("PRAGMA synchronous = FULL")  # before a commit is told
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    # Without it a row of an insert-only table could be replaced: no trigger would see it go.
    cursor.execute("PRAGMA recursive_triggers = ON")
    cursor.close()


def _rests(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[RESTS] = monotonic()


def _try(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that has rested may have been cut, or its server started anew. To try it each
    time (`pool_pre_ping`) would be three more questions in every unit of work, of five to eight."""
    since = record.info.get(RESTS)
    if since is None or monotonic() - since < RESTED_S:
        return
    assert dialect.dbapi is not None, "it has connected"
    try:
        dialect.do_ping(connection)
    except dialect.dbapi.Error:
        raise InvalidatePoolError from None  # the pool makes new ones, and goes on


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes may fail at once with "database is locked";
    # one that says beforehand that it will write waits for its turn.
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
