"""Taking policies in, from a file or from a program: all of a load, or nothing.

Public here, in the order in which a large load goes:

- `set_apart(db, file)`: on SQLite, where the lines will lie; without it, in memory.
- `stage(db, entries)`: the lines, as `policy_file` reads them, into a table that only this
  connection sees. No lock is held on the register meanwhile, so the service goes on.
- `settle(db, day, …)`: compares with the register, changes it, and writes the history. One
  transaction, begun by the caller; it may be rolled back.
- `told(db)`: what became of each line, or `refused(db, most)`: of those alone. `unstage(db)` at the
  end.

A small batch needs one call: `take_in(db, day, entries, insurer=…, source=…)`. Its entries are made
by `policy_file.read_cells`, which judges what a program sends as it judges a line of a file.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy import literal as value
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from venterom.queue.coverage.errors import TooManyEnd
from venterom.queue.coverage.loads import (
    Kind,
    Outcome,
    Refused,
    Report,
    Source,
    Taken,
    Told,
    Why,
    may_end,
    too_many,
)
from venterom.queue.coverage.tables import (
    APART,
    STAGED,
    STAGED_APART,
    ChangeRow,
    LoadRow,
    PolicyRow,
    upsert,
)

BATCH = 5_000  # lines in one statement: a megabyte or two of memory
FACTS = ("number", "product", "holder_birth_date", "valid_from", "valid_until", "covers_children")
_TERMS = FACTS[1:]
_INSERT = f"INSERT INTO {STAGED.name} VALUES ({', '.join('?' * len(STAGED.columns))})"
_INDEX = f"policy_staged_number ON {STAGED.name} (number)"

_UNCHANGED = Outcome.UNCHANGED.value
_CHANGES = (Outcome.TAKEN.value, Outcome.CHANGED.value)
_Row = tuple[object, ...]


async def take_in(
    db: AsyncSession,
    day: date,
    entries: Iterable[Taken | Refused],
    *,
    insurer: str,
    source: Source,
    full: bool = False,
) -> tuple[Report, tuple[Told, ...]]:
    """A batch in the caller's transaction, and what became of each line. Raises TooManyEnd."""
    await stage(db, entries)
    report = await settle(db, day, insurer=insurer, source=source, full=full)
    lines = tuple([line async for line in told(db)])
    await unstage(db)
    return report, lines


async def set_apart(db: AsyncSession, file: Path) -> None:
    """The lines will lie in this new file until the connection ends."""
    if db.get_bind().dialect.name == "sqlite":
        await db.execute(text(f"ATTACH DATABASE :file AS {APART}"), {"file": str(file)})


async def stage(db: AsyncSession, entries: Iterable[Taken | Refused]) -> None:
    """Keep the lines for this connection alone. Raises what reading them raises."""
    connection = await db.connection()
    apart = await _is_set_apart(db)
    table = STAGED_APART if apart else STAGED
    await connection.run_sync(lambda sync: table.create(sync, checkfirst=False))
    if connection.dialect.name == "postgresql":
        await _copy(connection, (_row(entry, _itself) for entry in entries))
        await db.execute(text(f"ANALYZE {STAGED.name}"))  # it would plan for a few lines
    else:
        await _insert(connection, (_row(entry, date.isoformat) for entry in entries))
        await db.execute(text(f"CREATE INDEX {APART + '.' if apart else ''}{_INDEX}"))


async def _is_set_apart(db: AsyncSession) -> bool:
    if db.get_bind().dialect.name != "sqlite":
        return False
    return APART in {row.name for row in await db.execute(text("PRAGMA database_list"))}


async def settle(
    db: AsyncSession,
    day: date,
    *,
    insurer: str,
    source: Source,
    full: bool = False,
    many_may_end: bool = False,
    dry_run: bool = False,
) -> Report:
    """Take what was staged into the register, on `day`. A dry run only says what would be.

    With `full`, policies of the insurer that are not in the load end: their last day is `day`, and
    those that have not begun are taken out. Raises TooManyEnd.
    """
    await _wait_for_others(db)
    await _compare(db, insurer)
    report = await _counted(db)
    if full and may_end(report.refused):
        report = await _with_ended(db, report, insurer, day, many_may_end)
    if dry_run:
        return report
    load = await _write_load(db, day, insurer, source, report)
    if report.ended:
        await _end(db, load, insurer, day)
    if report.taken or report.changed:
        await _change(db, load, insurer)
    return report


async def told(db: AsyncSession) -> AsyncIterator[Told]:
    """What became of each line, in the order of the file."""
    last = 0
    while lines := await _lines(db, BATCH, STAGED.c.line > last):
        for line in lines:
            yield line
        last = lines[-1].line


async def refused(db: AsyncSession, most: int) -> Sequence[Told]:
    """The first so many of the lines that were refused."""
    return await _lines(db, most, STAGED.c.outcome == Outcome.REFUSED.value)


async def unstage(db: AsyncSession) -> None:
    """Forget the lines."""
    connection = await db.connection()
    await connection.run_sync(lambda sync: STAGED.drop(sync, checkfirst=False))


async def _lines(db: AsyncSession, most: int, which: ColumnElement[bool]) -> Sequence[Told]:
    columns = (STAGED.c.line, STAGED.c.number, STAGED.c.outcome, STAGED.c.flaw, STAGED.c.why)
    rows = await db.execute(select(*columns).where(which).order_by(STAGED.c.line).limit(most))
    return [
        Told(line, number, Outcome(outcome), flaw, Why(why) if why else None)
        for line, number, outcome, flaw, why in rows
    ]


def _itself(day: date) -> date:
    return day


def _row(entry: Taken | Refused, day: Callable[[date], object]) -> _Row:
    """In the order of STAGED's columns; `day` says how the database's driver takes a day."""
    if isinstance(entry, Refused):
        why = (Outcome.REFUSED.value, entry.column, entry.why.value)
        return (entry.line, entry.number, None, None, None, None, None, *why)
    it = entry.policy
    days = (day(it.holder_birth_date), day(it.valid_from), day(it.valid_until))
    return (entry.line, it.number, it.product, *days, it.covers_children, _UNCHANGED, "", "")


async def _insert(connection: AsyncConnection, rows: Iterator[_Row]) -> None:
    while batch := list(islice(rows, BATCH)):
        await connection.exec_driver_sql(_INSERT, batch)


async def _copy(connection: AsyncConnection, rows: Iterator[_Row]) -> None:
    """PostgreSQL's own way for many rows, a tenth of the time of as many inserts. It takes them
    while the next ones are read."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None, "it is connected"
    await driver.copy_records_to_table(STAGED.name, records=rows)


async def _wait_for_others(db: AsyncSession) -> None:
    """One load at a time, so that what is compared is what is changed. Who reads does not wait;
    SQLite has one writer anyway."""
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(text(f"LOCK TABLE {PolicyRow.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


async def _compare(db: AsyncSession, insurer: str) -> None:
    """A line is unchanged until something else is found: in a register that is sent anew most are,
    and what is found is written only for the others."""
    so_far = STAGED.c.outcome == _UNCHANGED
    twice = (
        select(STAGED.c.number)
        .where(STAGED.c.number != "")
        .group_by(STAGED.c.number)
        .having(func.count() > 1)
    )
    refused = {"outcome": Outcome.REFUSED.value, "flaw": "number", "why": Why.TWICE.value}
    await db.execute(update(STAGED).where(so_far, STAGED.c.number.in_(twice)).values(**refused))
    found = _differing(insurer).where(so_far).subquery()
    verdict = {name: found.c[name] for name in ("outcome", "flaw", "why")}
    await db.execute(update(STAGED).where(STAGED.c.line == found.c.line).values(**verdict))


def _differing(insurer: str) -> Select[tuple[int, str, str, str]]:
    """The lines that are not in the register as they stand, and what that makes of them."""
    new, foreign = PolicyRow.number.is_(None), PolicyRow.insurer != insurer
    other = or_(*(getattr(PolicyRow, name) != STAGED.c[name] for name in _TERMS))
    taken, changed = _CHANGES
    outcome = case((new, taken), (foreign, Outcome.REFUSED.value), else_=changed)
    return (
        select(
            STAGED.c.line,
            outcome.label("outcome"),
            case((foreign, "number"), else_="").label("flaw"),
            case((foreign, Why.NOT_YOURS.value), else_="").label("why"),
        )
        .join(PolicyRow, PolicyRow.number == STAGED.c.number, isouter=True)
        .where(or_(new, foreign, other))
    )


async def _counted(db: AsyncSession) -> Report:
    query = select(STAGED.c.outcome, func.count()).group_by(STAGED.c.outcome)
    return Report(**{outcome: count for outcome, count in await db.execute(query)})


async def _with_ended(
    db: AsyncSession, report: Report, insurer: str, day: date, many_may_end: bool
) -> Report:
    count = select(func.count()).select_from(PolicyRow)
    in_force = await db.scalar(count.where(_going_on(insurer, day))) or 0
    ended = await db.scalar(count.where(_going_on(insurer, day), _missing())) or 0
    if too_many(ended, in_force) and not many_may_end:
        raise TooManyEnd(ended, in_force)
    return Report(report.taken, report.changed, report.unchanged, report.refused, ended)


def _going_on(insurer: str, day: date) -> ColumnElement[bool]:
    return and_(PolicyRow.insurer == insurer, PolicyRow.valid_until > day)


def _missing() -> ColumnElement[bool]:
    return ~exists().where(STAGED.c.number == PolicyRow.number)


async def _write_load(
    db: AsyncSession, day: date, insurer: str, source: Source, report: Report
) -> int:
    counts = {name: getattr(report, name) for name in Report.__slots__}
    row = insert(LoadRow).values(insurer=insurer, day=day, source=source, **counts)
    return (await db.execute(row.returning(LoadRow.id))).scalar_one()


async def _end(db: AsyncSession, load: int, insurer: str, day: date) -> None:
    going = (_going_on(insurer, day), _missing())
    was = [getattr(PolicyRow, name) for name in ("insurer", *FACTS)]
    await db.execute(
        insert(ChangeRow).from_select(
            ["load", "kind", "insurer", *FACTS],
            select(value(load), value(Kind.ENDED.value), *was).where(*going),
        )
    )
    unseen = {"synchronize_session": False}
    not_begun = delete(PolicyRow).where(*going, PolicyRow.valid_from > day)
    await db.execute(not_begun.execution_options(**unseen))
    begun = update(PolicyRow).where(*going).values(valid_until=day)
    await db.execute(begun.execution_options(**unseen))


async def _change(db: AsyncSession, load: int, insurer: str) -> None:
    """In the order of their numbers, so that an index grows at its end."""
    facts = [STAGED.c[name] for name in FACTS]
    changed = STAGED.c.outcome.in_(_CHANGES)
    rows = select(*facts, value(insurer)).where(changed).order_by(STAGED.c.number)
    into = upsert(db, PolicyRow).from_select([*FACTS, "insurer"], rows)
    terms = {name: into.excluded[name] for name in _TERMS}
    await db.execute(into.on_conflict_do_update(index_elements=["number"], set_=terms))
    history = select(value(load), STAGED.c.outcome, *facts, value(insurer))
    await db.execute(
        insert(ChangeRow).from_select(
            ["load", "kind", *FACTS, "insurer"], history.where(changed).order_by(STAGED.c.number)
        )
    )
