"""Claims under a rush: sixteen workers take ten thousand patients, each for another doctor, on
SQLite and on PostgreSQL. Nobody is taken twice, and the rate stands beside that of a bare
`UPDATE … RETURNING` on the same rows in the same run. Prints one line of JSON last
(`double`, and for each database `claims_per_s` and `ratio_bare`)."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.manual import takes_nothing  # noqa: E402, the line above makes it importable
from tests.postgres import cluster  # noqa: E402
from tests.queue.make import NOON  # noqa: E402
from venterom.queue import desk  # noqa: E402
from venterom.queue.floor import Kind  # noqa: E402
from venterom.queue.promise import Decision  # noqa: E402
from venterom.queue.states import Phase, State  # noqa: E402
from venterom.queue.tables import EntryRow, PromiseRow, ShiftRow  # noqa: E402
from venterom.server.db import make_engine, make_line, make_sessions  # noqa: E402
from venterom.server.tables import create_tables  # noqa: E402

PATIENTS = 10_000
WORKERS = 16
NOW = NOON + timedelta(minutes=1)
PART = 500  # rows of one INSERT

Sessions = async_sessionmaker[AsyncSession]
Claim = Callable[[AsyncSession, int], Awaitable[str]]


async def fill(sessions: Sessions) -> None:
    """Everybody waits, and as many doctors are idle."""
    rows = range(PATIENTS)
    promise = {"quoted_at": NOON, "decision": Decision.PROMISE20, "p_keep": 1.0, "seed": 0}
    more = {"p_min_others": 1.0, "model": "bench", "state_json": "{}", "inputs_sha256": ""}
    entry = {"kind": Kind.DROPIN, "state": State.WAITING, "created_at": NOON, "release_at": NOON}
    shift = {"on_at": NOON, "off_at": NOON + timedelta(hours=8), "phase": Phase.IDLE}
    times = {"phase_since": NOON, "heartbeat_at": NOON}
    due = [NOON + timedelta(minutes=20, seconds=n) for n in rows]
    for first in range(0, PATIENTS, PART):
        part = rows[first : first + PART]
        async with sessions.begin() as db:
            lines = [
                {"id": f"p{n}", "deadline": due[n], **_who(n), **promise, **more} for n in part
            ]
            await db.execute(insert(PromiseRow), lines)
            places = [{"promise": f"p{n}", "deadline": due[n], **_who(n), **entry} for n in part]
            await db.execute(insert(EntryRow), places)
            shifts = [{"id": f"s{n}", "practitioner": f"d{n}", **shift, **times} for n in part]
            await db.execute(insert(ShiftRow), shifts)


def _who(n: int) -> dict[str, str]:
    return {"visit": f"v{n}", "patient": f"who{n}"}


async def ours(db: AsyncSession, n: int) -> str:
    """What the service does when a doctor presses «take next»."""
    return (await desk.claim(db, NOW, practitioner=f"d{n}")).visit


async def bare(db: AsyncSession, n: int) -> str:
    """The least that can be done about it."""
    first = select(EntryRow.visit).where(EntryRow.state == State.WAITING).limit(1)
    taken = await db.execute(
        update(EntryRow)
        .where(EntryRow.visit == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(state=State.CLAIMED, claimed_by=f"d{n}", lease_until=NOW)
        .returning(EntryRow.visit)
    )
    return str(taken.scalar_one())


async def rush(url: str, claim: Claim) -> tuple[float, int]:
    """Claims a second, and how many were taken twice."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(create_tables)
    sessions, _ = make_sessions(engine)
    await fill(sessions)
    line, doctors = make_line(engine), iter(range(PATIENTS))

    async def work() -> list[str]:
        taken = []
        for n in doctors:
            async with line, sessions.begin() as db:
                taken.append(await claim(db, n))
        return taken

    began = time.perf_counter()
    taken: Sequence[list[str]] = await asyncio.gather(*(work() for _ in range(WORKERS)))
    rate = PATIENTS / (time.perf_counter() - began)
    await engine.dispose()
    visits = [visit for each in taken for visit in each]
    assert len(visits) == PATIENTS
    return rate, PATIENTS - len(set(visits))


async def compare(name: str, urls: tuple[str, str]) -> tuple[dict[str, float], int]:
    """Ours and the bare loop on one kind of database."""
    rate, double = await rush(urls[0], ours)
    floor, _ = await rush(urls[1], bare)
    print(f"{name}: {rate:.0f} claims/s, bare update {floor:.0f}/s, taken twice: {double}")
    return {"claims_per_s": round(rate), "ratio_bare": round(rate / floor, 3)}, double


async def main() -> None:
    """Both databases, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        files = (f"sqlite+aiosqlite:///{folder}/{name}.db" for name in ("ours", "bare"))
        sqlite, twice = await compare("SQLite", (next(files), next(files)))
    with cluster() as one, cluster() as other:
        postgresql, again = await compare("PostgreSQL", (one, other))
    print(json.dumps({"double": twice + again, "sqlite": sqlite, "postgresql": postgresql}))


takes_nothing(__doc__)
asyncio.run(main())
