"""Whether the EPJ is there, written down: one row, so that every job and every start knows it."""

from datetime import datetime, timedelta

from sqlalchemy import Update, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import retry
from venterom.journal.retry import Line
from venterom.journal.rows import insert_new, one
from venterom.journal.tables import LineRow


async def load(db: AsyncSession) -> Line:
    """As it is known."""
    row = await one(db, LineRow, LineRow.id == 1)
    return Line() if row is None else Line(row.failures, row.since, row.rests_until, row.why)


async def missed(
    db: AsyncSession, now: datetime, failures: int, *, why: str, asked: timedelta
) -> None:
    """Nobody was there. Of several who tried at once, each of whom saw `failures`, one counts."""
    line = await load(db)
    await _store(db, failures, retry.line_after(line, now, why, asked))


async def there(db: AsyncSession) -> None:
    """They have answered: everything goes again."""
    await db.execute(_row().where(LineRow.failures > 0).values(_values(Line())))


async def hold(db: AsyncSession, line: Line, until: datetime) -> None:
    """One note is being tried: the others wait for what becomes of it."""
    await db.execute(_row().where(LineRow.failures == line.failures).values(rests_until=until))


async def ask_now(db: AsyncSession) -> None:
    """A person says that they are there again: do not wait any longer."""
    await db.execute(_row().values(rests_until=None))


async def _store(db: AsyncSession, failures: int, line: Line) -> None:
    if not await insert_new(db, LineRow, id=1, **_values(line)):
        await db.execute(_row().where(LineRow.failures == failures).values(_values(line)))


def _row() -> Update:
    return update(LineRow).execution_options(synchronize_session=False)


def _values(line: Line) -> dict[str, object]:
    return {name: getattr(line, name) for name in Line.__slots__}
