"""Which of SQLite's statements go to the driver's thread.

aiosqlite sends everything to a thread of its own, and one statement four times: to open a cursor,
to execute, to fetch, to close. Such a trip takes longer than most of our statements, since a thread
has to be woken for it. So what waits for nobody is done here, where the loop runs: to begin to
read, to read for as long as the loop can spare, to be done with it, and to insert a few rows. All
else is one trip: what waits for another writer or for the disk (to begin to write, to commit), and
what may take long.

SQLAlchemy's adapter is told so. Its parts have private names: `tests/server/test_trips.py` says
when another release has others.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)

TO_READ = "BEGIN"  # and no more: `BEGIN IMMEDIATE` is to write
SPARED_S = 0.002  # for one statement: everybody else waits for the loop meanwhile
IN_A_ROW = 8  # statements, each with what is thought between them: then the others get the loop
STEPS = 500  # of SQLite's machine from one look at the clock to the next: some 20 µs
FEW = 200  # values of rows to insert: a hundred rows take a millisecond or two


class Connection(AsyncAdapt_aiosqlite_connection):
    """One that knows what its thread has to do for it."""

    __slots__ = ("ahead", "in_a_row", "reading")

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.ahead = False  # with a write-ahead log, so that those who read wait for nobody
        self.in_a_row = 0  # done here since the others had the loop
        self.reading = False

    @property
    def writing(self) -> bool:
        """A transaction that writes has begun."""
        return not self.reading and bool(self._connection.in_transaction)

    async def let_others(self) -> None:
        """They get the loop now and then, too."""
        self.in_a_row = (self.in_a_row + 1) % IN_A_ROW
        if not self.in_a_row:
            await asyncio.sleep(0)

    def commit(self) -> None:
        """A trip, if anything may have been written."""
        self._end(super().commit, lambda database: database.commit())

    def rollback(self) -> None:
        """The same. The pool asks for it each time, when all is over."""
        self._end(super().rollback, lambda database: database.rollback())

    def _end(self, there: Callable[[], None], here: Callable[[Any], None]) -> None:
        database = self._connection._connection
        if database is None:  # closed
            return
        if self.writing:
            there()
        else:
            here(database)


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds what was fetched. Its own cursor lives for one statement only."""

    __slots__ = ()
    _adapt_connection: Connection

    def _make_new_cursor(self, connection: Any) -> Any:
        return None

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        if operation.startswith("BEGIN"):
            self._adapt_connection.reading = operation == TO_READ
        if self._is_done_here(operation, parameters or ()):
            await self._adapt_connection.let_others()
        else:
            await self._trip(lambda cursor: cursor.execute(operation, parameters or ()))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._trip(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def _is_done_here(self, operation: str, parameters: Sequence[Any]) -> bool:
        if not self._adapt_connection.ahead:
            return False
        if operation.startswith("SELECT"):
            return self._has_read(operation, parameters)
        few = operation.startswith("INSERT") and " VALUES " in operation and len(parameters) < FEW
        if operation == TO_READ or (few and self._adapt_connection.writing):
            self._here(operation, parameters)
            return True
        return False

    def _has_read(self, operation: str, parameters: Sequence[Any]) -> bool:
        """False if it takes longer than the loop can spare: then it has come to nothing."""
        until, late = monotonic() + SPARED_S, False

        def is_late() -> bool:
            nonlocal late
            late = monotonic() > until
            return late

        database = self._connection._conn
        database.set_progress_handler(is_late, STEPS)
        try:
            self._here(operation, parameters)
        except self._adapt_connection.dbapi.OperationalError:
            if not late:
                raise
        finally:
            database.set_progress_handler(None, STEPS)
        return not late

    def _here(self, operation: str, parameters: Sequence[Any]) -> None:
        self._rows = deque(self._done(lambda cursor: cursor.execute(operation, parameters)))

    async def _trip(self, execute: Callable[[Any], object]) -> None:
        async with self._adapt_connection._execute_mutex:
            self._rows = deque(await self._connection._execute(self._done, execute))

    def _done(self, execute: Callable[[Any], object]) -> Sequence[Any]:
        self._cursor = cursor = self._connection._conn.cursor()
        try:
            execute(cursor)
            return cursor.fetchall() if cursor.description else ()
        finally:
            cursor.close()  # what it says of its rows outlives it

    async def _async_soft_close(self) -> None:
        """It is closed already."""

    def close(self) -> None:
        """Forget what was fetched."""
        self._rows.clear()


Connection._cursor_cls = Cursor


def connect(dialect: Dialect, _record: object, arguments: Any, named: Any) -> Connection:
    """A new connection, as SQLAlchemy's event `do_connect` asks for one."""
    made = dialect.connect(*arguments, **named)
    return Connection(made.dbapi, made._connection)
