"""The record: how long it takes to sign a note, and how often a second beside a bare insert of the
same rows (entry, line, delivery; ready-made) with the same sync in the same run; to verify 100,000
entries; to deliver 5,000 after an outage; to open all notes of a patient who has 500; and to tell a
patient all of who looked, on 100,000 lines: the page's, and the whole file that she takes out. On
SQLite, as it is set for care (every commit is on the disk).

Beside each figure stands a floor of the same run, for a busy machine is slow at everything. Prints
one line of JSON last: `p99_ms`, `ratio_bare` (the insert by the rows' classes, the ordinary way),
`ratio_tables` (by statements about tables, as a signature writes), `verify_100k_s`,
`deliver_per_s`, `open_500_ms`, `log_100k_ms`. `--signed`, `--verified`, `--delivered`, `--opened`
and `--logged` make it smaller; then `verify_100k_s` is what 100,000 would take, and `log_100k_ms`
what so many lines do.
"""

import argparse
import asyncio
import json
import math
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.journal_log import log_ms  # noqa: E402, the line above makes them importable
from tests.conftest import FakeClock  # noqa: E402
from tests.journal import many  # noqa: E402
from tests.journal.make import DOCTOR, KARI, KEYS, NOON, person, written  # noqa: E402
from tests.server.make import parts  # noqa: E402
from venterom.journal import audit, chart, entry, vault  # noqa: E402
from venterom.journal.chain import EMPTY, Action  # noqa: E402
from venterom.journal.epj_answer import Receipt, content_hash  # noqa: E402
from venterom.journal.fhir import Resource  # noqa: E402
from venterom.journal.rows import table  # noqa: E402
from venterom.journal.states import Delivery  # noqa: E402
from venterom.journal.tables import AuditRow, DeliveryRow, EntryRow  # noqa: E402
from venterom.journal.verifying import verify  # noqa: E402
from venterom.journal.writing import entry_place  # noqa: E402
from venterom.rtc import heap  # noqa: E402
from venterom.server import jobs  # noqa: E402
from venterom.server.db import make_engine, make_sessions  # noqa: E402
from venterom.server.tables import create_tables  # noqa: E402

ROW_BYTES = 1_500  # of a bare row: about what a sealed note takes
PER_PATIENT = 20
WARM = 5  # signatures before those that count: a service has signed before
SECOND = timedelta(seconds=1)
OPENINGS = 11  # the middle one counts
BARE = Table("bare", MetaData(), Column("id", String, primary_key=True), Column("it", LargeBinary))
Sessions = async_sessionmaker[AsyncSession]


@asynccontextmanager
async def store(
    folder: str, name: str, make: Callable[[Connection], None] = create_tables
) -> AsyncGenerator[Sessions]:
    """An empty database of its own."""
    engine = make_engine(f"sqlite+aiosqlite:///{folder}/{name}.db")
    async with engine.begin() as connection:
        await connection.run_sync(make)
        await connection.run_sync(BARE.metadata.create_all)
    yield make_sessions(engine)[0]
    await engine.dispose()


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def signing(folder: str, notes: int) -> tuple[float, float, float]:
    """What 99 of a hundred signatures do not exceed, in ms, and their rate as a share of the bare
    insert's, by classes and by tables. All take turns, so that they meet the same machine."""
    kinds = (EntryRow, AuditRow, DeliveryRow)
    by_class = [insert(kind) for kind in kinds]
    by_table = [insert(table(kind)) for kind in kinds]
    names = ("sign and store", "bare insert", "bare insert by tables", "one bare row")
    took: dict[str, list[float]] = {name: [] for name in names}
    bare = EntryRow.metadata.create_all  # without our triggers
    async with (
        store(folder, "signing") as ours,
        store(folder, "bare", bare) as theirs,
        store(folder, "tables", bare) as tables,
    ):
        async with ours() as db, db.begin():
            visits = [await written(db, by=person(f"p{n}")) for n in range(WARM + notes)]
        some = WARM + notes
        _, rows = many.rows_of(EMPTY, many.notes(some, some, NOON, SECOND), {})
        made = list(zip(rows.entries, rows.lines, rows.deliveries, strict=True))
        heap.keep()  # as the service does

        async def sign(n: int) -> None:
            async with ours() as db, db.begin():
                await chart.sign(db, KEYS, NOON, visit=visits[n], author=DOCTOR)

        async def same_rows(n: int) -> None:
            async with theirs() as db, db.begin():
                for statement, row in zip(by_class, made[n], strict=True):
                    await db.execute(statement, row)

        async def by_tables(n: int) -> None:
            async with tables() as db, db.begin():
                for statement, row in zip(by_table, made[n], strict=True):
                    await db.execute(statement, row)

        async def one_row(n: int) -> None:
            async with theirs() as db, db.begin():
                row = {"id": str(n), "it": secrets.token_bytes(ROW_BYTES)}
                await db.execute(insert(BARE).values(row))

        for n in range(some):
            for name, work in zip(took, (sign, same_rows, by_tables, one_row), strict=True):
                took[name].append(await timed(lambda n=n, work=work: work(n)))  # type: ignore[misc]
    took = {name: each[WARM:] for name, each in took.items()}
    for name, each in took.items():
        print(f"{name}: {1000 * middle(each):.1f} ms, 99 of 100 in {1000 * p99(each):.1f} ms")
    ours_s, by_class_s, by_table_s, _ = (sum(each) for each in took.values())
    return 1000 * p99(took["sign and store"]), by_class_s / ours_s, by_table_s / ours_s


def middle(took: list[float]) -> float:
    """The one in the middle."""
    return sorted(took)[len(took) // 2]


def p99(took: list[float]) -> float:
    """What 99 of a hundred do not exceed."""
    return sorted(took)[math.ceil(len(took) * 0.99) - 1]


async def verification(folder: str, notes: int) -> float:
    """Seconds that 100,000 entries take; the floor reads the same rows and looks at nothing."""
    async with store(folder, "verified") as sessions:
        await many.written(sessions, many.notes(notes, notes // PER_PATIENT, NOON, SECOND))

        async def walk() -> None:
            async with sessions() as db:
                verdict = await verify(db, KEYS)
            assert verdict.ok and verdict.lines == notes, verdict

        async def read() -> None:
            async with sessions() as db:
                rows = await db.stream_scalars(select(EntryRow).execution_options(yield_per=1_000))
                async for _ in rows:
                    pass

        began = time.process_time()
        took = await timed(walk)
        busy = time.process_time() - began
        floor = await timed(read)
    print(f"verify {notes} entries: {took:.1f} s, of a processor {busy:.1f} s")
    print(f"  only to read them {floor:.1f} s, only their signatures {signatures(notes):.1f} s")
    return took * 100_000 / notes


def signatures(notes: int) -> float:
    """Seconds that the library takes for so many signatures and nothing else."""
    text, kind = b"x" * 400, ec.ECDSA(hashes.SHA256())
    signed, key = KEYS.signing.sign(text, kind), KEYS.signing.public_key()
    began = time.perf_counter()
    for _ in range(notes):
        key.verify(signed, text, kind)
    return time.perf_counter() - began


class AtOnce:
    """An EPJ that takes everything at once: what is measured is our side."""

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        """Yes."""
        document = bundle["entry"][3]["resource"]
        return Receipt(encounter, content_hash(document), "DocumentReference/1", NOON)


async def delivering(folder: str, notes: int) -> float:
    """Notes a second that come into the journal when the EPJ is there again."""
    async with store(folder, "delivered") as sessions:
        await many.written(sessions, many.notes(notes, notes // PER_PATIENT, NOON, SECOND))
        clock = FakeClock(NOON + timedelta(days=3))
        app = parts(sessions, clock, AtOnce())
        took = await timed(lambda: jobs.deliver(app))
        async with sessions() as db:
            arrived = DeliveryRow.state == Delivery.IN_THE_JOURNAL
            there = await db.scalar(select(func.count()).where(arrived))

        async def commit_twice() -> None:
            for n in range(100):
                for half in "ab":
                    async with sessions() as db, db.begin():
                        await db.execute(insert(BARE).values({"id": f"{n}{half}", "it": b""}))

        floor = 100 / await timed(commit_twice)
    assert there == notes
    print(f"deliver {notes}: {notes / took:.0f}/s, two bare commits each {floor:.0f}/s")
    return notes / took


async def opening(folder: str, notes: int) -> float:
    """Milliseconds until all notes of one patient are read, with the line in the log."""
    async with store(folder, "opened") as sessions:
        await many.written(sessions, many.notes(notes, 1, NOON, SECOND))

        async def read() -> None:
            async with sessions() as db, db.begin():
                rows = await db.scalars(select(EntryRow).where(EntryRow.patient == "patient0"))
                parents = await vault.patient_keys(db, KEYS, ["patient0"])
                opened = [
                    entry.unpack(vault.opened(parents, entry_place(row), row)) for row in rows
                ]
                await audit.append(
                    db,
                    NOON,
                    actor=KARI,
                    action=Action.NOTE_READ,
                    visit="many0",
                    patient="patient0",
                )
            assert len(opened) == notes

        took = [await timed(read) for _ in range(OPENINGS)]
    print(f"open {notes}: {1000 * middle(took):.0f} ms")
    return 1000 * middle(took)


async def main() -> None:
    """One after the other."""
    arguments = argparse.ArgumentParser()
    for name, default in (("signed", 1_000), ("verified", 100_000), ("delivered", 5_000)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--opened", type=int, default=500)
    arguments.add_argument("--logged", type=int, default=100_000)
    size = arguments.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        p99_ms, ratio, ratio_tables = await signing(folder, size.signed)
        verify_s = await verification(folder, size.verified)
        deliver_per_s = await delivering(folder, size.delivered)
        open_ms = await opening(folder, size.opened)
        async with store(folder, "logged") as sessions:
            whole_log_ms = await log_ms(sessions, size.logged)
    print(
        json.dumps(
            {
                "p99_ms": round(p99_ms, 1),
                "ratio_bare": round(ratio, 3),
                "ratio_tables": round(ratio_tables, 3),
                "verify_100k_s": round(verify_s, 1),
                "deliver_per_s": round(deliver_per_s),
                "open_500_ms": round(open_ms),
                "log_100k_ms": round(whole_log_ms),
            }
        )
    )


asyncio.run(main())
