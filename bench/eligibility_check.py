"""A check of eligibility over HTTP with a million policies, on SQLite and on PostgreSQL.

`p99_ms` is what all but one of a hundred checks stay under when they come at a steady pace.
`ratio_bare` is how many checks a second there are when several callers ask without a pause, as a
share of the bare select by primary key through the same HTTP server and driver, in turn in the same
run. Every check shows a token, is written for the patient to see, and is on disk before it is
answered; the bare select does nothing of that. The limits against guessing are set wide.

Prints one line of JSON last, with both for each database."""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from aiohttp import web
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.postgres import cluster  # noqa: E402, the line above makes them importable
from venterom.queue.coverage.tables import PolicyRow  # noqa: E402
from venterom.server.db import make_engine, make_line, make_sessions  # noqa: E402
from venterom.server.tables import create_tables  # noqa: E402
from venterom.web import keys  # noqa: E402
from venterom.web.insurer_api import clients, tokens  # noqa: E402
from venterom.web.insurer_api.guard import Guard, Meter  # noqa: E402
from venterom.web.insurer_api.refusals import answers_for_programs  # noqa: E402
from venterom.web.insurer_api.routes import routes  # noqa: E402
from venterom.web.insurer_api.scopes import Scope  # noqa: E402
from venterom.web.insurer_api.setup import API, Api  # noqa: E402
from venterom.web.live import HUB, Hub  # noqa: E402

OWN, CLIENT = "Fjellprøve Forsikring", "bench"
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
BORN = date(1988, 2, 3)
PART = 2_000  # rows of one INSERT
KEY = b"k" * 32
CHECK, BARE = "/insurer/v1/eligibility", "/bare"
WIDE = timedelta(microseconds=1)


def number(n: int) -> str:
    """The n-th policy's."""
    return f"FJP-{n:08}"


async def fill(engine: AsyncEngine, policies: int) -> None:
    """So many policies of the insurer's, and its client."""
    async with engine.begin() as connection:
        await connection.run_sync(create_tables)
    same = {"insurer": OWN, "product": "Helse", "holder_birth_date": BORN, "covers_children": True}
    days = {"valid_from": date(2026, 1, 1), "valid_until": date(2027, 1, 1)}
    for first in range(0, policies, PART):
        part = range(first, min(first + PART, policies))
        async with engine.begin() as connection:
            rows = [{"number": number(n), **same, **days} for n in part]
            await connection.execute(insert(PolicyRow), rows)
    sessions, _ = make_sessions(engine)
    async with sessions.begin() as db:
        may = frozenset(Scope)
        await clients.add(db, NOW.date(), client=CLIENT, insurer=OWN, may=may, keys="{}")


def application(engine: AsyncEngine) -> web.Application:
    """The insurers' addresses as the service has them, and beside them the bare select."""
    app = web.Application(middlewares=[answers_for_programs])
    app[keys.SESSIONS], app[keys.READING] = make_sessions(engine)
    app[keys.LINE], app[keys.CLOCK], app[HUB] = make_line(engine), lambda: NOW, Hub()
    guard = Guard(Meter(10**9, WIDE), Meter(10**9, WIDE))
    app[API] = Api("http://127.0.0.1", KEY, guard=guard)
    app.add_routes([*routes(), web.post(BARE, bare)])
    return app


async def bare(request: web.Request) -> web.Response:
    """The least that can be done about it: read the question, select, answer."""
    asked = json.loads(await request.read())
    table = PolicyRow.__table__.c
    async with request.app[keys.READING]() as db:
        query = select(table.insurer, table.valid_until).where(table.number == asked["number"])
        row = (await db.execute(query)).one()
    return web.json_response({"insurer": row.insurer, "valid_until": str(row.valid_until)})


@asynccontextmanager
async def served(engine: AsyncEngine) -> AsyncGenerator[int]:
    """The port of the running application."""
    runner = web.AppRunner(application(engine), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def rush(
    port: int, path: str, policies: int, seconds: float, callers: int, pause: float = 0.0
) -> list[float]:
    """How long each question took, in seconds, when so many callers ask one after the other. With a
    `pause`, each of them begins one so often, and what waits for the last one waits, too."""
    token = tokens.write(KEY, tokens.right(CLIENT, frozenset(Scope), NOW))
    until, chance = time.perf_counter() + seconds, random.Random(7)
    heads = f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
    heads += "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"

    async def one() -> list[float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        took, due = [], time.perf_counter() + pause * chance.random()
        while (begun := due if pause else time.perf_counter()) < until:
            await asyncio.sleep(begun - time.perf_counter())  # at once, if that is past
            due += pause
            asked = {"number": number(chance.randrange(policies)), "holder_birth_date": str(BORN)}
            body = json.dumps(asked)
            writer.write((heads.format(len(body)) + body).encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200 "), head
            at = head.index(b"content-length:") + len(b"content-length:")
            await reader.readexactly(int(head[at : head.index(b"\r", at)]))
            took.append(time.perf_counter() - begun)
        writer.close()
        return took

    asked = await asyncio.gather(*(one() for _ in range(callers)))
    return [each for many in asked for each in many]


async def measure(url: str, chosen: argparse.Namespace) -> dict[str, float]:
    """Both in turn, several times; the slowest check of a hundred, and the ratio of the rates."""
    engine = make_engine(url)
    try:
        begun = time.perf_counter()
        await fill(engine, chosen.policies)
        print(f"  {chosen.policies} policies in {time.perf_counter() - begun:.0f} s")
        async with served(engine) as port:
            return await _rounds(port, chosen)
    finally:
        await engine.dispose()


async def _rounds(port: int, chosen: argparse.Namespace) -> dict[str, float]:
    ratios, paced = list[float](), list[float]()
    ask = partial(rush, port, policies=chosen.policies, seconds=chosen.seconds)
    pause = chosen.callers / chosen.pace
    for _ in range(chosen.rounds):
        ours = len(await ask(path=CHECK, callers=chosen.callers)) / chosen.seconds
        least = len(await ask(path=BARE, callers=chosen.callers)) / chosen.seconds
        now = await ask(path=CHECK, callers=chosen.callers, pause=pause)
        ratios.append(ours / least)
        paced += now
        print(
            f"  checks {ours:.0f}/s, bare {least:.0f}/s;"
            f" at {chosen.pace}/s p50 {median(now) * 1_000:.1f}, p99 {p99_ms(now):.1f} ms"
        )
    return {"p99_ms": round(p99_ms(paced), 2), "ratio_bare": round(median(ratios), 3)}


def p99_ms(took: Sequence[float]) -> float:
    """What all but one of a hundred stayed under, in milliseconds."""
    return quantiles(took, n=100)[-1] * 1_000


async def check_half(chosen: argparse.Namespace) -> dict[str, dict[str, float]]:
    """The figures of each kind of database."""
    figures = {}
    for kind in chosen.databases:
        print(kind)
        with tempfile.TemporaryDirectory() as folder:
            here = nullcontext(f"sqlite+aiosqlite:///{folder}/care.db")
            with here if kind == "sqlite" else cluster() as url:
                figures[kind] = await measure(url, chosen)
    return figures


def options() -> argparse.ArgumentParser:
    """What can be chosen."""
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("--policies", type=int, default=1_000_000, help="in the register")
    read.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    read.add_argument("--rounds", type=int, default=3, help="of both in turn")
    read.add_argument("--callers", type=int, default=32, help="who ask at the same time")
    read.add_argument("--pace", type=int, default=50, help="checks a second for p99_ms")
    read.add_argument(
        "--databases", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql")
    )
    return read


if __name__ == "__main__":
    print(json.dumps(asyncio.run(check_half(options().parse_args()))))
