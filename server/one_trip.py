"""SQLite's statements in one trip to the driver's thread each.

aiosqlite goes there and back to open a cursor, to execute, to fetch and to close: four times, and a
trip takes longer than most of our statements. SQLAlchemy's adapter is told to do all in one. Its
parts have private names: `tests/server/test_one_trip.py` says when another release has others.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds what was fetched. Its own cursor lives in the thread for one statement only."""

    __slots__ = ()

    def _make_new_cursor(self, connection: Any) -> Any:
        return None

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._trip(lambda cursor: cursor.execute(operation, parameters or ()))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._trip(lambda cursor: cursor.executemany(operation, seq_of_parameters))

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


class Connection(AsyncAdapt_aiosqlite_connection):
    """One whose cursors are those above."""

    __slots__ = ()
    _cursor_cls = Cursor


def connect(dialect: Dialect, _record: object, arguments: Any, named: Any) -> Connection:
    """A new connection, as SQLAlchemy's event `do_connect` asks for one."""
    made = dialect.connect(*arguments, **named)
    return Connection(made.dbapi, made._connection)
