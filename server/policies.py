"""`venterom insurer load`: the policies of one insurer from a file."""

import argparse
import asyncio
import csv
import os
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, TextIO

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from venterom.queue.coverage import loading, policy_file
from venterom.queue.coverage.errors import NotPolicies, TooManyEnd
from venterom.queue.coverage.loads import HEAD, Outcome, Report, Source, may_end
from venterom.queue.coverage.policies import Cover
from venterom.queue.coverage.policy_file import Known
from venterom.queue.coverage.products import products_of
from venterom.queue.coverage.tables import APART
from venterom.server.clock import utcnow
from venterom.server.commands import database
from venterom.server.config import Settings, SettingsError
from venterom.server.db import READING, make_sessions
from venterom.server.progress import Progress
from venterom.web.text import today

LOAD = """\
Takes the policies of one insurer from a file into the register: all that can be taken, or nothing.
The service need not be stopped. A million lines take a minute or two, and much less when little has
changed.

FILE is CSV in UTF-8, with cells apart by semicolons, commas or tabs. Its first line names the
columns, in any order: number, product, holder_birth_date, valid_from, valid_until and, where not
every policy of a product is alike, covers_children (yes or no). Days are written 2026-12-31 or
31.12.2026. docs/insurers.md has the Norwegian names, and examples. Products are told beforehand:
see `venterom insurer product --help`.

A file of more than six million lines is refused before any is read.

A line that is wrong is refused with its column and the reason, and the others are taken. --report
writes a CSV that says of every line what became of it; it is safe to open in a spreadsheet. A file
that is cut off, or is another kind of file, is refused whole. --dry-run says what would be done.

Policies that are not in the file stay as they are. With --full the file is said to hold all of
them, and those that are missing end today; not as long as a line is refused, and not more than a
tenth of them at once, unless --many-may-end is said.

It ends with 0 when every line was taken, with 1 when some were refused, with 2 when nothing was.

  venterom insurer load fjell.csv --insurer "Fjellprøve Forsikring" --dry-run
  venterom insurer load fjell.csv --insurer "Fjellprøve Forsikring" --report what-became.csv
"""

ROOM_KB = 48 * 1024  # in memory for the register, and as much for the file's lines
PART = 1024 * 1024  # bytes of the file, while lines are counted
NAMED = 20  # refused lines that are named one by one on the screen


def load(settings: Settings, chosen: argparse.Namespace) -> None:
    """Load one file and print what became of it. Raises SettingsError; exits with 1."""
    try:
        report = asyncio.run(_load(settings, chosen))
    except OSError as error:
        raise SettingsError(f"{error.filename}: {error.strerror}") from None
    except NotPolicies as fault:
        raise SettingsError(f"{chosen.file}: {fault}. Nothing was taken.") from None
    except TooManyEnd as fault:
        raise SettingsError(
            f"{chosen.file}: {fault.ended} of {fault.in_force} policies are missing from it. "
            "If they have ended, say so with --many-may-end. Nothing was changed."
        ) from None
    if report.refused:
        sys.exit(1)


async def _load(settings: Settings, chosen: argparse.Namespace) -> Report:
    """The lines are read without a lock on the register; only then it is changed, at one stroke."""
    day, shown = today(utcnow()), Progress(sys.stderr)
    async with database(settings) as engine, engine.connect() as connection:
        known = Known(chosen.insurer, await _products_known(engine, chosen.insurer), day)
        with (
            chosen.file.open("rb") as file,
            _report_to(chosen.report, file) as sheet,
            TemporaryDirectory(prefix="venterom-load-") as folder,
        ):
            if file.seekable():
                policy_file.refuse_too_many(iter(lambda: file.read(PART), b""))
                file.seek(0)
            lines = shown.reading(_lines(file), os.fstat(file.fileno()).st_size)
            async with _session(connection, reading=True) as db:
                await loading.set_apart(db, Path(folder, "lines.db"))
                await _give_room(db)
                await loading.stage(db, policy_file.read(lines, known))
            shown.say("Comparing with the register …")
            async with _session(connection, reading=False) as db:
                report = await loading.settle(
                    db,
                    day,
                    insurer=chosen.insurer,
                    source=Source.FILE,
                    full=chosen.full,
                    many_may_end=chosen.many_may_end,
                    dry_run=chosen.dry_run,
                )
            shown.end()
            print("\n".join(_summary(report, chosen)))
            async with _session(connection, reading=True) as db:
                await _tell(db, sheet, report)
    return report


async def _give_room(db: AsyncSession) -> None:
    """The databases' own few megabytes would be filled anew for nearly every line that is compared.
    It is for this connection alone, which goes with the command."""
    if db.get_bind().dialect.name == "sqlite":
        room = [f"PRAGMA {store}.cache_size = -{ROOM_KB}" for store in ("main", APART)]
    else:
        room = [f"SET {store} = '{ROOM_KB}kB'" for store in ("work_mem", "temp_buffers")]
    for each in room:
        await db.execute(text(each))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """One by one, and none longer than it may be."""
    return iter(lambda: file.readline(policy_file.LONGEST + 1), b"")


def _summary(report: Report, chosen: argparse.Namespace) -> Iterator[str]:
    """Counts, in words."""
    dry = ", and nothing was changed: a dry run" if chosen.dry_run else ""
    yield f"{report.lines} lines{dry}"
    for outcome in Outcome:
        yield f"  {outcome.value:<10} {getattr(report, outcome.value)}"
    if chosen.full:
        kept = "" if may_end(report.refused) else ": as long as a line is refused, none ends"
        yield f"  ended      {report.ended}{kept}"


async def _tell(db: AsyncSession, sheet: TextIO | None, report: Report) -> None:
    """Each line into the report, and the first refused ones on the screen."""
    if sheet:
        writer = csv.writer(sheet, delimiter=";")
        writer.writerow(HEAD)
        async for line in loading.told(db):
            writer.writerow(line.row)
    if report.refused:
        for line in await loading.refused(db, NAMED):
            print(f"  line {line.line}: {' '.join(filter(None, line.row[3:]))}")


def _report_to(path: Path | None, file: BinaryIO) -> AbstractContextManager[TextIO | None]:
    """A file that only its owner may read: it holds policy numbers."""
    if path is None:
        return nullcontext()
    if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
        raise SettingsError(f"{path}: the report would take the place of the policies")
    own = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    return open(own, "w", encoding="utf-8", newline="")


async def _products_known(engine: AsyncEngine, insurer: str) -> Mapping[str, Cover]:
    async with make_sessions(engine)[1]() as db:
        products = await products_of(db, insurer)
    if not products:
        raise SettingsError(
            f"no product of {insurer} is known: see `venterom insurer product --help`"
        )
    return products


@asynccontextmanager
async def _session(connection: AsyncConnection, *, reading: bool) -> AsyncGenerator[AsyncSession]:
    """A transaction on a connection that goes on to be ours."""
    await connection.execution_options(**{READING: reading})
    async with AsyncSession(connection) as db, db.begin():
        yield db
