"""Days of the whole service, lived through its adapters on a database: whatever happens in whatever
order, what was acknowledged stays true, and after each event all ten invariants hold.

Each seed is one day from before seven until the next morning: shifts are planned, patients come,
wait, book, move, leave and do not answer; doctors take them, meet them, write, have breaks, are
lost, come back and forget to go home; notes reach an EPJ that does not always answer; strangers try
to read; the service goes down and comes back; and it does its rounds.
"""

import os
import random
import secrets
import sqlite3
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, redirect_stderr
from datetime import UTC, datetime
from io import StringIO

import pytest
import structlog
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from tests.conftest import FakeClock
from tests.days.calls import Calls
from tests.days.day import Day
from tests.days.invariants import Invariants
from tests.days.memory import memory
from tests.days.record import SECRET, Epj, Record
from tests.journal.make import KEYS
from tests.server.make import parts
from venterom.journal.epj import EmbeddedEpj
from venterom.journal.tables import epj_metadata
from venterom.server import log
from venterom.server.config import Log
from venterom.server.db import make_sessions
from venterom.server.jobs import EPJ
from venterom.server.rooms import Floor
from venterom.server.tables import create_tables
from venterom.web.keys import ROOMS

pytestmark = [pytest.mark.adapter, pytest.mark.slow]

SEEDS = int(os.environ.get("DAYS", "20"))  # more of them in a long night
CHUNK = 10  # seeds of one test, so that several run at once
SECRETS = (SECRET.encode(),)


@pytest.fixture(scope="module")
def files() -> tuple[bytes, bytes]:
    """Our tables and the EPJ's with nothing in them, to be copied."""
    made = []
    for make in (create_tables, epj_metadata.create_all):
        connection = sqlite3.connect(":memory:")
        engine = create_engine("sqlite://", creator=lambda c=connection: c, poolclass=StaticPool)
        with engine.begin() as db:
            make(db)
        made.append(connection.serialize())
        engine.dispose()
    return made[0], made[1]


@pytest.fixture
def told() -> Iterator[StringIO]:
    """What the service logs, as it would be written."""
    with redirect_stderr(StringIO()) as lines:
        log.configure(Log())
        yield lines
    structlog.reset_defaults()


@asynccontextmanager
async def lived(
    seed: int, files: tuple[bytes, bytes], told: StringIO
) -> AsyncGenerator[tuple[Day, Invariants]]:
    """A day that begins, and what watches over it."""
    (engine, care), (epj_engine, epj) = memory(files[0]), memory(files[1])
    clock = FakeClock(datetime(2026, 11, 24, tzinfo=UTC))
    app = parts(make_sessions(engine)[0], clock)
    writing, _ = make_sessions(epj_engine)
    unsteady = Epj(EmbeddedEpj(writing, KEYS.keks, clock))
    app[EPJ] = unsteady
    calls = Calls(Floor(app))
    app[ROOMS] = calls
    day = Day(app, clock, random.Random(seed), Record(app), calls, unsteady)
    try:
        yield day, Invariants(day, care, epj, SECRETS, told)
    finally:
        await engine.dispose()
        await epj_engine.dispose()


async def live(seed: int, files: tuple[bytes, bytes], told: StringIO) -> Day:
    """One day to its end."""
    async with lived(seed, files, told) as (day, invariants):
        day.plan_all()
        await day.live(invariants.check)
        await invariants.check_whole()
    return day


@pytest.fixture
def same_ids(monkeypatch: pytest.MonkeyPatch) -> random.Random:
    """Ids come from here, so that even what is sorted by them is the same each time."""
    dice = random.Random()
    monkeypatch.setattr(random.SystemRandom, "randbytes", lambda _self, n: dice.randbytes(n))
    assert len(secrets.token_urlsafe(16)) == 22
    return dice


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
async def test_whatever_happens_in_a_day_the_ten_invariants_hold(
    first: int, files: tuple[bytes, bytes], told: StringIO, same_ids: random.Random
) -> None:
    for seed in range(first, first + CHUNK):
        same_ids.seed(seed)
        try:
            await live(seed, files, told)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault


async def test_the_same_seed_lives_the_same_day(
    files: tuple[bytes, bytes], told: StringIO, same_ids: random.Random
) -> None:
    days = []
    for _ in range(2):
        same_ids.seed(7)
        days.append(await live(7, files, told))
    assert days[0].trace == days[1].trace
    assert days[0].entries == days[1].entries
