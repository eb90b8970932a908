"""The half of bench/eligibility.py that asks: checks over HTTP, and beside them the bare select by
primary key through the same HTTP server and driver, in turn in the same run.

Every check shows a token, is written for the patient to see, and is on disk before it is answered;
the bare select does nothing of that. The limits against guessing are set wide.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median, quantiles

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from venterom.queue.coverage.tables import PolicyRow
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
SECONDS = 5.0  # of each measurement
ROUNDS = 3  # of all in turn

Question = Mapping[str, str]  # what is asked about one policy


@dataclass(frozen=True, slots=True)
class Rush:
    """Who ask."""

    insurer: str
    question: Callable[[int], Question]  # about the n-th policy
    policies: int
    callers: int  # at the same time
    pace: int  # checks a second for `p99_ms`


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
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _ask(port: int, rush: Rush, path: str, pause: float = 0.0) -> list[float]:
    """How long each question took, in seconds, when the callers ask one after the other. With a
    `pause`, each of them begins one so often, and what waits for the last one waits, too."""
    token = tokens.write(KEY, tokens.right(CLIENT, frozenset(Scope), NOW))
    until, chance = time.perf_counter() + SECONDS, random.Random(7)
    heads = f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n"
    heads += "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"

    async def one() -> list[float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        took, due = [], time.perf_counter() + pause * chance.random()
        while (begun := due if pause else time.perf_counter()) < until:
            await asyncio.sleep(begun - time.perf_counter())  # at once, if that is past
            due += pause
            body = json.dumps(rush.question(chance.randrange(rush.policies)))
            writer.write((heads.format(len(body)) + body).encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.startswith(b"http/1.1 200 "), head
            at = head.index(b"content-length:") + len(b"content-length:")
            await reader.readexactly(int(head[at : head.index(b"\r", at)]))
            took.append(time.perf_counter() - begun)
        writer.close()
        return took

    asked = await asyncio.gather(*(one() for _ in range(rush.callers)))
    return [each for many in asked for each in many]


async def measure(url: str, rush: Rush) -> dict[str, float]:
    """`p99_ms`: what all but one of a hundred checks stay under that come at a steady pace.
    `ratio_bare`: how many checks a second there are without a pause, as a share of the selects."""
    engine = make_engine(url)
    try:
        await _register(engine, rush.insurer)
        async with served(engine) as port:
            return await _rounds(port, rush)
    finally:
        await engine.dispose()


async def _rounds(port: int, rush: Rush) -> dict[str, float]:
    ratios, paced = list[float](), list[float]()
    ask = partial(_ask, port, rush)
    for _ in range(ROUNDS):
        ours, least = len(await ask(CHECK)) / SECONDS, len(await ask(BARE)) / SECONDS
        now = await ask(CHECK, rush.callers / rush.pace)
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
