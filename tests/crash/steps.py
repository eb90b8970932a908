"""A note and then its correction are signed, stored and delivered by processes that are killed at
every step in between.

A program of its own, for it forks: the parent has no loop and no thread. A point is a statement of
SQL before or after it is done, a commit before or after it, and the EPJ before or after it took the
note; nothing has to be planted in the service for that. It prints what it found as JSON:

    python -m tests.crash.steps DATABASE EPJ ROUNDS EVERY SEED
"""

import asyncio
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from tests.crash.points import Points, Watched
from tests.journal.make import DOCTOR, KEYS, NOON, NOTE, person, written
from venterom.journal import amending, chart, delivery, packing, versions
from venterom.journal.epj import EmbeddedEpj
from venterom.journal.events import Delivered
from venterom.journal.fhir_parts import name_of
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow, EpjRow, epj_metadata
from venterom.journal.verifying import verify
from venterom.server.clock import utcnow
from venterom.server.db import make_engine, make_sessions
from venterom.server.tables import METADATA, create_tables

AMENDED = NOON + timedelta(hours=1)
LATER = NOON + timedelta(days=1)  # every claim of a process that was killed has run out
RIGHT = replace(NOTE, plan="Ring fastlegen i morgen")


class World:
    """The two databases, opened by one process."""

    def __init__(self, database: str, epj: str, points: Points) -> None:
        self.points = points
        self.engines = [make_engine(database), make_engine(epj)]
        self.care, self.epj_sessions = (make_sessions(engine)[0] for engine in self.engines)
        for engine in self.engines:
            points.watch(engine)
        self.epj = Watched(EmbeddedEpj(self.epj_sessions, KEYS.keks, utcnow), points)

    async def make(self) -> None:
        """Empty tables: what another round left is gone."""
        async with self.engines[0].begin() as connection:
            for part in METADATA:
                await connection.run_sync(part.drop_all)
            await connection.run_sync(create_tables)
        async with self.engines[1].begin() as connection:
            await connection.run_sync(epj_metadata.drop_all)
            await connection.run_sync(epj_metadata.create_all)

    async def close(self) -> None:
        """Let go of both."""
        for engine in self.engines:
            await engine.dispose()

    async def write(self, who: str) -> str:
        """A note that is written and not signed."""
        async with self.care() as db, db.begin():
            return await written(db, by=person(who))

    async def sign(self, visit: str) -> None:
        """The doctor signs. When this returns it has been acknowledged."""
        self.points.phase = "sign"
        async with self.care() as db, db.begin():
            await chart.sign(db, KEYS, NOON, visit=visit, author=DOCTOR)
        self.points.passed("after commit")
        self.points.phase = ""

    async def amend(self, visit: str) -> None:
        """The doctor puts the note right. When this returns it has been acknowledged."""
        self.points.phase = "amend"
        async with self.care() as db, db.begin():
            await amending.amend(
                db,
                KEYS,
                AMENDED,
                visit=visit,
                author=DOCTOR,
                seen=1,
                why="Planen var en annens",
                fields=RIGHT,
            )
        self.points.passed("after commit")
        self.points.phase = ""

    async def deliver(self, now: datetime, what: str = "") -> bool:
        """The server's job, once. Whether a note came into the journal."""
        self.points.phase = f"claim{what}"
        async with self.care() as db, db.begin():
            claimed = await delivery.claim(db, now)
        self.points.passed("after commit")
        if not claimed:
            return False
        self.points.phase = f"send{what}"
        async with self.care() as db:
            (parcel,) = await packing.pack(db, KEYS, claimed)
        answer = await delivery.send(self.epj, parcel)
        self.points.phase = f"settle{what}"
        async with self.care() as db, db.begin():
            (done,) = await delivery.settle(db, now, [(parcel, answer)])
        self.points.passed("after commit")
        self.points.phase = ""
        return isinstance(done, Delivered)

    async def signed(self, visit: str) -> list[str]:
        """The plan of each version that is there, oldest first."""
        async with self.care() as db:
            rows = await versions.signed(db, visit)
            opened = await versions.opened(db, KEYS, rows)
        return [each.content.note.plan for each in opened if each.content]

    async def received(self, visit: str) -> list[tuple[str, str]]:
        """What the EPJ was given of this visit, in the order in which it came: name and content."""
        query = select(EpjRow.encounter, EpjRow.content_hash).order_by(EpjRow.received_at)
        async with self.epj_sessions() as db:
            rows = await db.execute(
                query.where(EpjRow.encounter.startswith(visit, autoescape=True))
            )
        return [(row.encounter, row.content_hash) for row in rows]

    async def due(self, visit: str) -> list[tuple[str, str]]:
        """What the EPJ must have been given, and has acknowledged."""
        query = select(DeliveryRow).where(DeliveryRow.visit == visit).order_by(DeliveryRow.n)
        async with self.care() as db:
            rows = (await db.scalars(query)).all()
        states = {row.state for row in rows}
        assert states == {Delivery.IN_THE_JOURNAL}, f"not delivered: {states}"
        return [(name_of(row.visit, row.version), row.content_hash) for row in rows]


async def lives(world: World, visit: str, acknowledged: int) -> None:
    """Sign, deliver, put it right, deliver that; `acknowledged` is told each time that the doctor
    has been told."""
    await world.sign(visit)
    os.write(acknowledged, b"!")
    await world.deliver(NOON)
    await world.amend(visit)
    os.write(acknowledged, b"!")
    await world.deliver(AMENDED, " the correction")


async def comes_back(world: World, visit: str, told: int) -> None:
    """What the next process finds, what it does, and what there must be then."""
    both = [NOTE.plan, RIGHT.plan]
    there = await world.signed(visit)
    assert there == both[: len(there)], "other notes than those that were signed"
    assert len(there) >= told, f"{told} were acknowledged, and {len(there)} are there"
    await world.sign(visit)  # the doctor presses again, whether or not it was done
    await world.amend(visit)
    for _ in range(2 * len(both)):
        await world.deliver(LATER)
    assert await world.signed(visit) == both, "not each version once"
    assert await world.received(visit) == await world.due(visit), "not each once and in order"
    async with world.care() as db:
        verdict = await verify(db, KEYS)
    assert verdict.ok, verdict.first_bad


def forked(work: Callable[[], Awaitable[None]]) -> int:
    """Do it in a process of its own; how that ended (0: well, -9: killed)."""
    pid = os.fork()
    if not pid:
        try:
            asyncio.run(work())  # type: ignore[arg-type]  # a coroutine
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def in_world(urls: tuple[str, str], fatal: int, work: Callable[[World], Awaitable[None]]) -> int:
    """The same with both databases open."""

    async def opened() -> None:
        world = World(*urls, Points(fatal))
        try:
            await work(world)
        finally:
            await world.close()

    return forked(opened)


def prepared(urls: tuple[str, str], every: int) -> tuple[list[str], list[str]]:
    """A note for each kill of a round, to be signed, and the names of all points."""
    read, write = os.pipe()

    async def prepare(world: World) -> None:
        await world.make()
        await lives(world, await world.write("p"), os.open(os.devnull, os.O_WRONLY))
        names = list(world.points.names)
        visits = [await world.write(f"p{n}") for n in range(len(names) // every + 1)]
        with os.fdopen(write, "w") as told:
            json.dump([visits, names], told)

    pid = os.fork()
    if not pid:
        os.close(read)
        os._exit(in_world(urls, 0, prepare))
    os.close(write)
    with os.fdopen(read) as told:
        visits, names = json.load(told)
    os.waitpid(pid, 0)
    return visits, names


def killed_at(urls: tuple[str, str], visit: str, point: int) -> str:
    """What is wrong after a kill at this point; empty when nothing is."""
    read, write = os.pipe()
    ended = in_world(urls, point, lambda world: lives(world, visit, write))
    os.close(write)
    told = len(os.read(read, 2))  # both were written at once or one by one, and the pipe has ended
    os.close(read)
    if ended != -signal.SIGKILL:
        return f"it was not killed there, but ended with {ended}"
    back = in_world(urls, 0, lambda world: comes_back(world, visit, told))
    return "" if back == 0 else "see the trace above"


def main(database: str, epj: str, rounds: int, every: int, seed: int) -> None:
    """Kill at every point, or at every so-manieth from one that chance chose."""
    urls, dice = (database, epj), random.Random(seed)
    faults: dict[str, str] = {}
    names: list[str] = []
    kills = 0
    for _ in range(rounds):
        visits, names = prepared(urls, every)
        points = range(1 + dice.randrange(every), len(names) + 1, every)
        for visit, point in zip(visits, points, strict=False):
            kills += 1
            if found := killed_at(urls, visit, point):
                faults[names[point - 1]] = found
    print(json.dumps({"points": names, "kills": kills, "faults": faults}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
