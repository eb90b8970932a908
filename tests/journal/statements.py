"""Counts what is asked of a database."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.server.make import engine_of

WORD = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM|FROM) (\w+)")


@contextmanager
def statements(sessions: async_sessionmaker[AsyncSession]) -> Generator[list[str]]:
    """Each statement of the block in two words, and each commit."""
    engine, said = engine_of(sessions).sync_engine, []

    def asked(_c: Any, _cursor: Any, text: str, *_more: Any) -> None:
        if found := WORD.search(text):
            said.append(f"{found[1]} {found[2]}")

    def done(_c: Any) -> None:
        said.append("COMMIT")

    event.listen(engine, "before_cursor_execute", asked)
    event.listen(engine, "commit", done)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", asked)
        event.remove(engine, "commit", done)
