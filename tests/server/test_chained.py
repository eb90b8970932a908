"""The log has no gap and nothing twice, and its end is what it says: the database sees to it."""

import asyncio
import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal import many
from tests.journal.make import KEYS, NOON, person, signed, written
from venterom.journal import audit, chart
from venterom.journal.chain import Head
from venterom.journal.tables import AuditRow, DraftRow, EntryRow

pytestmark = pytest.mark.adapter
Sessions = async_sessionmaker[AsyncSession]
NOT_NEXT = "comes behind the last one|UNIQUE constraint failed: record_audit.n"


@pytest.fixture
async def end(session_factory: Sessions) -> Head:
    """Where the log of one signed note ends."""
    async with session_factory() as db, db.begin():
        await signed(db)
        return await audit.head(db)


def line(n: int, mark: bytes = b"h") -> dict[str, object]:
    """A line that says nothing."""
    said = dict.fromkeys(("actor", "role", "action", "visit", "patient", "purpose", "content"), "")
    return {"n": n, "at": NOON, "salt": b"", "leaf": b"", "hash": mark, **said}


async def end_of(sessions: Sessions) -> Head:
    async with sessions() as db:
        return await audit.head(db)


@pytest.mark.parametrize("further", [-1, 0, 2, 1_000])
async def test_a_line_that_is_not_the_next_is_refused(
    session_factory: Sessions, end: Head, further: int
) -> None:
    with pytest.raises(DBAPIError, match=NOT_NEXT):
        async with session_factory() as db, db.begin():
            await db.execute(insert(AuditRow).values(line(end.n + further)))
    assert await end_of(session_factory) == end


async def test_the_end_follows_each_line_of_a_statement(
    session_factory: Sessions, end: Head
) -> None:
    several = [line(end.n + n, bytes([n])) for n in (1, 2, 3)]
    async with session_factory() as db, db.begin():
        await db.execute(insert(AuditRow).values(several))
        assert await audit.head(db) == Head(end.n + 3, b"\3")
    with pytest.raises(DBAPIError, match=NOT_NEXT):
        async with session_factory() as db, db.begin():
            await db.execute(insert(AuditRow).values([line(end.n + 4), line(end.n + 6)]))
    assert await end_of(session_factory) == Head(end.n + 3, b"\3")


async def test_two_who_add_the_same_line_without_waiting_for_each_other_do_not_both(
    session_factory: Sessions, end: Head
) -> None:
    async def add(mark: bytes) -> None:
        async with session_factory() as db, db.begin():
            await db.execute(insert(AuditRow).values(line(end.n + 1, mark)))

    failed = await asyncio.gather(add(b"a"), add(b"b"), return_exceptions=True)
    [refused] = [each for each in failed if each is not None]
    assert isinstance(refused, DBAPIError) and re.search(NOT_NEXT, str(refused))
    assert (await end_of(session_factory)).n == end.n + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE chain_head SET n = n + 1",
        "UPDATE chain_head SET n = 2, hash = (SELECT hash FROM record_audit WHERE n = 2)",
        "UPDATE chain_head SET hash = leaf FROM record_audit",
        "DELETE FROM chain_head",
        "INSERT INTO chain_head VALUES (1, 3, '')",
    ],
)
async def test_nobody_moves_the_end_but_a_line(
    session_factory: Sessions, end: Head, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="chain_head follows record_audit"):
        async with session_factory() as db, db.begin():
            await db.execute(text(statement))
    assert await end_of(session_factory) == end


async def test_a_log_without_lines_has_no_end_but_the_first(session_factory: Sessions) -> None:
    with pytest.raises(DBAPIError, match="chain_head follows record_audit"):
        async with session_factory() as db, db.begin():
            await db.execute(text("INSERT INTO chain_head VALUES (1, 7, '')"))
    async with session_factory() as db, db.begin():
        assert (await audit.lock_head(db)).n == 0


async def drafts(db: AsyncSession) -> set[str]:
    return set(await db.scalars(select(DraftRow.visit)))


async def test_the_draft_of_a_note_ends_with_its_first_version(db: AsyncSession) -> None:
    mine, other = [await written(db, by=person(f"p{n}")) for n in range(2)]
    note = many.Signed(mine, "p0", NOON)
    _, rows = many.rows_of(await audit.head(db), [note], {"p0": secrets.token_bytes(32)})
    [entry] = rows.entries
    await db.execute(insert(EntryRow), [entry | {"version": 2}])
    assert await drafts(db) == {mine, other}
    await db.execute(insert(EntryRow), [entry])
    assert await drafts(db) == {other}


async def test_many_notes_that_are_written_row_by_row_hold(session_factory: Sessions) -> None:
    await many.written(session_factory, many.notes(20, 4, NOON, timedelta(seconds=1)))
    async with session_factory() as db:
        verdict = await chart.verify(db, KEYS)
    assert (verdict.ok, verdict.lines) == (True, 20)
