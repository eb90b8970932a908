"""The service is killed at any moment, again and again: what it has acknowledged is there, once."""

import asyncio
import os
import random
import time
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.crash.check import check, check_epj, undelivered
from tests.crash.people import PLAN, REASON, Ill, OnDuty, Town
from tests.house import House, house
from tests.postgres import cluster
from venterom.server import config, reading
from venterom.server.clock import utcnow
from venterom.server.db import make_engine, make_sessions
from venterom.server.demo.people import world
from venterom.web.text import today

pytestmark = pytest.mark.slow

CYCLES = int(os.environ.get("KILL_CYCLES", "5"))  # more of them in a long night
SEED = int(os.environ.get("KILL_SEED", str(random.randrange(10**6))))
STEPS = (3, 65)  # that people take from a start to the next kill, however fast the machine is
MOMENT_S = 0.05  # seconds in which the kill then falls: in the middle of the next steps
DELIVERED_WITHIN_S = 60.0
NO_CALLS = {"VENTEROM_MEDIA__WORKERS": "0"}  # nobody comes to one, and each start is dearer by it
PATIENTS, DOCTORS = 3, 2  # SQLite is unfair to more at once, and then little happens


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings for a service on a database of either kind."""
    if request.param == "sqlite":
        yield {}
        return
    with cluster() as address:  # of its own: the tests beside it empty theirs
        yield {"VENTEROM_DATABASE__URL": address}


async def test_what_was_acknowledged_outlives_every_kill(
    tmp_path: Path, database: dict[str, str]
) -> None:
    print(f"KILL_SEED={SEED}")
    dice = random.Random(SEED)
    (tmp_path / "tmp").mkdir()
    settings = {**database, **NO_CALLS, "TMPDIR": str(tmp_path / "tmp")}
    with house(tmp_path, **settings) as home:
        engine = make_engine(config.database_url(reading.load(None, home.environment).database))
        town = Town(home.url, make_sessions(engine)[0])
        everybody = [asyncio.create_task(each) for each in inhabitants(town)]
        try:
            for _ in range(CYCLES):
                town.up.set()
                await lives(town, everybody, dice.randint(*STEPS))
                await asyncio.sleep(dice.uniform(0, MOMENT_S))
                home.kill()
                await town.rest()
                await asyncio.to_thread(home.start)
                await check(home, town.known)
        finally:
            for each in everybody:
                each.cancel()
            await asyncio.gather(*everybody, return_exceptions=True)
            await engine.dispose()
        await delivered(home)
        known = town.known
        told_to_nobody([home.folder, *folders_of(engine)], next(iter(known.signed)))
        print(
            f"{len(known.places)} places, {len(known.consents)} consents,"
            f" {len(known.taken_back)} taken back, {await check_epj(home)} notes in the EPJ"
        )
        assert town.known.signed, "too little happened to show anything"


def folders_of(engine: AsyncEngine) -> list[Path]:
    """Where PostgreSQL keeps its files: its socket lies beside them."""
    host = engine.url.query.get("host")
    return [Path(host)] if isinstance(host, str) else []


def told_to_nobody(folders: Sequence[Path], visit: str) -> None:
    """Nothing of what was written, or of who they are, lies in clear in any file that is left: the
    databases' own, what they wrote ahead, temporary files and what was logged. The number of a
    visit is no secret, and is found there."""
    numbers = [each.who.number for each in world(today(utcnow())).patients[:PATIENTS]]
    planted = [each.encode() for each in (REASON, PLAN, *numbers)]
    for folder in folders:
        read = {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}
        for each, data in read.items():
            assert [words for words in planted if words in data] == [], each.name
        assert any(visit.encode() in data for data in read.values()), "the scan sees nothing"
    assert {each.name for each in folders[0].iterdir()} >= {"log.txt", "epj.db"}


def inhabitants(town: Town) -> Iterator[Coroutine[None, None, None]]:
    """Patients and doctors, each a life of its own."""
    everybody = world(today(utcnow()))
    for patient in everybody.patients[:PATIENTS]:
        yield town.live(Ill(town, patient).step, "patient", patient.who.name)
    for doctor in everybody.doctors[:DOCTORS]:
        yield town.live(OnDuty(town, doctor).step, "doctor", doctor.who.name)


async def lives(town: Town, everybody: "list[asyncio.Task[None]]", steps: int) -> None:
    """Let people take some steps. Whoever meets what must not be ends the test."""
    enough = town.steps + steps
    while town.steps < enough:
        done, _ = await asyncio.wait(everybody, timeout=0.01, return_when="FIRST_EXCEPTION")
        for each in done:
            each.result()


async def delivered(home: House) -> None:
    """Wait until nothing is on its way to the EPJ any more."""
    deadline = time.monotonic() + DELIVERED_WITHIN_S
    while late := await undelivered(home):
        assert time.monotonic() < deadline, f"not delivered: {late}"
        await asyncio.sleep(0.5)
