"""The half of bench/eligibility.py that answers: checks over HTTP, and beside them the bare select
by primary key through the same HTTP server and driver, in turn in the same run.

Every check shows a token, is written for the patient to see, and is on disk before it is answered;
the bare select does nothing of that. The limits against guessing are set wide. Who asks is another
process (eligibility_ask.py), on the same machine.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from statistics import median, quantiles

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.eligibility_ask import Ask, Rush, ask
from venterom.queue.coverage.insurer import record_look_up
from venterom.queue.coverage.tables import PolicyRow
from venterom.rtc import heap
from venterom.server.db import make_engine, make_line, make_sessions
from venterom.web import keys
from venterom.web.insurer_api import clients, tokens
from venterom.web.insurer_api.guard import Guard, Meter
from venterom.web.insurer_api.refusals import answers_for_programs
from venterom.web.insurer_api.routes import routes
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API, Api
from venterom.web.live import HUB, Hub

CLIENT = "bench"
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KEY = b"k" * 32
CHECK, BARE = "/insurer/v1/eligibility", "/bare"
WIDE = timedelta(microseconds=1)
SECONDS = 5.0  # of each measurement without a pause
PACED_S = 10.0  # of each one at a pace: 1,500 questions in all, of which 15 are slower than p99
ALONE = 300  # rows that are written to see what one of them takes
ROUNDS = 3  # of all in turn


async def _register(engine: AsyncEngine, insurer: str) -> None:
    sessions, _ = make_sessions(engine)
    async with sessions.begin() as db:
        may = frozenset(Scope)
        await clients.add(db, NOW.date(), client=CLIENT, insurer=insurer, may=may, keys="{}")


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
    heap.keep()  # as the service does
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def measure(url: str, rush: Rush) -> dict[str, float]:
    """`p99_ms`: what all but one of a hundred checks stay under that come at a steady pace.
    `ratio_bare`: how many checks a second there are without a pause, as a share of the selects."""
    engine = make_engine(url)
    try:
        await _register(engine, rush.insurer)
        alone = await _alone(engine, rush.insurer)
        print(f"  a look-up alone: p50 {median(alone) * 1_000:.1f}, p99 {p99_ms(alone):.1f} ms")
        async with served(engine) as port:
            with ProcessPoolExecutor(1, get_context("spawn")) as asker:
                return await _rounds(asker, port, rush)
    finally:
        await engine.dispose()


async def _alone(engine: AsyncEngine, insurer: str) -> list[float]:
    """How long it takes, in seconds, to keep one look-up and nothing else: what the disk and the
    driver leave for a check."""
    sessions, took = make_sessions(engine)[0], list[float]()
    for _ in range(ALONE):
        begun = time.perf_counter()
        async with sessions.begin() as db:
            await record_look_up(db, NOW.date(), insurer=insurer, clerk=CLIENT, number="")
        took.append(time.perf_counter() - begun)
    return took


async def _rounds(asker: ProcessPoolExecutor, port: int, rush: Rush) -> dict[str, float]:
    ratios, paced = list[float](), list[float]()
    token = tokens.write(KEY, tokens.right(CLIENT, frozenset(Scope), NOW))

    async def asked(path: str, seconds: float = SECONDS, pause: float = 0.0) -> list[float]:
        what = Ask(port, path, token, seconds, pause)
        return await asyncio.get_running_loop().run_in_executor(asker, ask, rush, what)

    for _ in range(ROUNDS):
        ours, least = len(await asked(CHECK)) / SECONDS, len(await asked(BARE)) / SECONDS
        now = await asked(CHECK, PACED_S, rush.callers / rush.pace)
        ratios.append(ours / least)
        paced += now
        print(
            f"  checks {ours:.0f}/s, bare {least:.0f}/s;"
            f" at {rush.pace}/s p50 {median(now) * 1_000:.1f}, p99 {p99_ms(now):.1f} ms"
        )
    return {"p99_ms": round(p99_ms(paced), 2), "ratio_bare": round(median(ratios), 3)}


def p99_ms(took: Sequence[float]) -> float:
    """What all but one of a hundred stayed under, in milliseconds."""
    return quantiles(took, n=100)[-1] * 1_000
