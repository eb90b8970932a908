"""Which SQLite we use, and how SQLAlchemy's driver is told.

Python comes with the SQLite of the system, and that of most has the WAL-reset fault, so that only
its rollback journal can be trusted. pysqlite3 brings one of its own where it has a wheel.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

OWN = (  # names that the driver would take from Python's own SQLite
    "sqlite_version",
    "sqlite_version_info",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
)
ROWS = 64  # that aiosqlite fetches at a time; ours come all at once (trips.py)


def best() -> ModuleType:
    """Ours where it is installed, else the one that Python comes with."""
    return import_module("pysqlite3.dbapi2" if find_spec("pysqlite3") else "sqlite3")


SQLITE = best()
VERSION: tuple[int, ...] = SQLITE.sqlite_version_info


def safe_for_wal(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset fault (sqlite.org/wal.html#walresetbug)."""
    if version >= (3, 51, 3):
        return True
    return (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51)


def driver() -> AsyncAdapt_aiosqlite_dbapi:
    """SQLAlchemy's driver for our SQLite: its errors, and not those of Python's own."""
    made = AsyncAdapt_aiosqlite_dbapi(aiosqlite, SQLITE)
    for name in OWN:
        setattr(made, name, getattr(SQLITE, name))
    return made


def opened(path: str, **named: Any) -> aiosqlite.Connection:
    """A connection of ours, in a thread that does not keep the program alive."""
    connect: Callable[..., Any] = SQLITE.connect
    named |= {"check_same_thread": False}  # what is short is done in another (trips.py)
    made = aiosqlite.Connection(lambda: connect(path, **named), ROWS)
    made._thread.daemon = True
    return made
