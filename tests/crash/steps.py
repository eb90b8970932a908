"""A note is signed, stored and delivered by processes that are killed at every step in between.

A program of its own, for it forks: the parent has no loop and no thread. A point is a statement of
SQL before or after it is done, a commit before or after it, and the EPJ before or after it took the
note; nothing has to be planted in the service for that. It prints what it found as JSON:

    python -m tests.crash.steps DATABASE EPJ ROUNDS EVERY SEED
"""

import asyncio
import json
import os
import random
import re
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from tests.journal.make import DOCTOR, KEYS, NOON, person, written
from venterom.journal import chart, delivery, packing
from venterom.journal.epj import EmbeddedEpj
from venterom.journal.epj_answer import Receipt
from venterom.journal.events import Delivered
from venterom.journal.fhir import Resource
from venterom.journal.states import Delivery
from venterom.journal.tables import EntryRow, EpjRow, epj_metadata
from venterom.journal.verifying import verify
from venterom.server.db import make_engine, make_sessions
from venterom.server.tables import create_tables

WORD = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM|FROM) (\w+)")
LATER = NOON + timedelta(days=1)  # every claim of a process that was killed has run out
Sessions = async_sessionmaker[AsyncSession]


class Points:
    """Counts the points as they are passed, and kills at the one that was chosen."""

    def __init__(self, fatal: int = 0) -> None:
        self.fatal = fatal
        self.names: list[str] = []
        self.phase = ""

    def passed(self, name: str) -> None:
        """One more."""
        if self.phase:
            self.names.append(f"{self.phase}: {name}")
            if len(self.names) == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: AsyncEngine) -> None:
        """Its statements and commits are points."""

        def before(_c: Any, _cursor: Any, text: str, *_more: Any) -> None:
            self.passed(f"before {said(text)}")

        def after(_c: Any, _cursor: Any, text: str, *_more: Any) -> None:
            self.passed(f"after {said(text)}")

        event.listen(engine.sync_engine, "before_cursor_execute", before)
        event.listen(engine.sync_engine, "after_cursor_execute", after)
        event.listen(engine.sync_engine, "commit", lambda _c: self.passed("before commit"))


def said(text: str) -> str:
    """A statement in two words."""
    found = WORD.search(text)
    return f"{found[1]} {found[2]}" if found else text.split()[0]


class Watched:
    """The embedded EPJ, with a point on either side of it."""

    def __init__(self, epj: EmbeddedEpj, points: Points) -> None:
        self._epj, self._points = epj, points

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        """As it does."""
        self._points.passed("before the EPJ")
        receipt = await self._epj.deliver(encounter, bundle)
        self._points.passed("after the EPJ")
        return receipt


class World:
    """The two databases, opened by one process."""

    def __init__(self, database: str, epj: str, points: Points) -> None:
        self.points = points
        self.engines = [make_engine(database), make_engine(epj)]
        self.care, self.epj_sessions = (make_sessions(engine)[0] for engine in self.engines)
        for engine in self.engines:
            points.watch(engine)
        self.epj = Watched(EmbeddedEpj(self.epj_sessions, KEYS.keks, lambda: NOON), points)

    async def make(self) -> None:
        """Empty tables."""
        async with self.engines[0].begin() as connection:
            await connection.run_sync(create_tables)
        async with self.engines[1].begin() as connection:
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

    async def deliver(self, now: datetime) -> bool:
        """The server's job, once. Whether a note came into the journal."""
        self.points.phase = "claim"
        async with self.care() as db, db.begin():
            claimed = await delivery.claim(db, now)
        self.points.passed("after commit")
        if not claimed:
            return False
        self.points.phase = "send"
        async with self.care() as db:
            (parcel,) = await packing.pack(db, KEYS, claimed)
        answer = await delivery.send(self.epj, parcel)
        self.points.phase = "settle"
        async with self.care() as db, db.begin():
            (done,) = await delivery.settle(db, now, [(parcel, answer)])
        self.points.passed("after commit")
        return isinstance(done, Delivered)

    async def is_signed(self, visit: str) -> bool:
        """Whether the entry is there."""
        return await count(self.care, EntryRow.visit == visit, EntryRow.visit) == 1


async def count(sessions: Sessions, where: Any, column: Any) -> int:
    """How many rows."""
    async with sessions() as db:
        return await db.scalar(select(func.count(column)).where(where)) or 0


async def lives(world: World, visit: str, acknowledged: int) -> None:
    """Sign, store, deliver; `acknowledged` is told when the doctor has been told."""
    await world.sign(visit)
    os.write(acknowledged, b"!")
    await world.deliver(NOON)


async def comes_back(world: World, visit: str, was_told: bool) -> None:
    """What the next process finds, what it does, and what there must be then."""
    there = await world.is_signed(visit)
    assert there or not was_told, "a note that was acknowledged is lost"
    await world.sign(visit)  # the doctor presses again, whether or not it was done
    for _ in range(3):
        await world.deliver(LATER)
    assert await world.is_signed(visit), "not once there"
    assert await count(world.epj_sessions, EpjRow.encounter == visit, EpjRow.encounter) == 1
    async with world.care() as db:
        assert await delivery.state_of(db, visit) is Delivery.IN_THE_JOURNAL, "not delivered"


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


def prepared(urls: tuple[str, str], notes: int) -> tuple[list[str], list[str]]:
    """So many notes to be signed, and the names of all points."""
    read, write = os.pipe()

    async def prepare(world: World) -> None:
        await world.make()
        visits = [await world.write(f"p{n}") for n in range(notes + 1)]
        await lives(world, visits.pop(), os.open(os.devnull, os.O_WRONLY))
        with os.fdopen(write, "w") as told:
            json.dump([visits, world.points.names], told)

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
    was_told = bool(os.read(read, 1))
    os.close(read)
    if ended != -signal.SIGKILL:
        return f"it was not killed there, but ended with {ended}"
    back = in_world(urls, 0, lambda world: comes_back(world, visit, was_told))
    return "" if back == 0 else "see the trace above"


async def whole(world: World) -> None:
    """The record as a whole is as it was written."""
    async with world.care() as db:
        verdict = await verify(db, KEYS)
    assert verdict.ok, verdict.first_bad


def main(database: str, epj: str, rounds: int, every: int, seed: int) -> None:
    """Kill at every point, or at every so-manieth from one that chance chose."""
    urls, dice = (database, epj), random.Random(seed)
    most = 200 * rounds // every + rounds
    visits, names = prepared(urls, most)
    faults: dict[str, str] = {}
    kills = 0
    for _ in range(rounds):
        for point in range(1 + dice.randrange(every), len(names) + 1, every):
            kills += 1
            if found := killed_at(urls, visits[kills - 1], point):
                faults[names[point - 1]] = found
    if in_world(urls, 0, whole):
        faults["the whole record"] = "see the trace above"
    print(json.dumps({"points": names, "kills": kills, "faults": faults}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
