"""Keys are wrapped anew by processes that are killed at every step.

A program of its own, for it forks (steps.py). It prints how often it was killed:

    python -m tests.crash.rotation DATABASE EPJ
"""

import signal
import sys
from collections import Counter
from dataclasses import replace

from tests.crash.steps import World, in_world
from tests.journal.make import KEYS, person, signed
from venterom.journal import rotating
from venterom.journal.seal import KekRing
from venterom.journal.tables import PatientKeyRow
from venterom.journal.verifying import verify

PATIENTS = 9
BOTH = KekRing("kek-2", {**KEYS.keks.keys, "kek-2": b"2" * 32})
NEW = KekRing("kek-2", {"kek-2": b"2" * 32})


async def prepare(world: World) -> None:
    """Patients with a signed note each, all under the old key."""
    await world.make()
    async with world.care() as db, db.begin():
        for n in range(PATIENTS):
            await signed(db, by=person(f"p{n}"))


async def rotate(world: World) -> None:
    """What the command does, two patients at a time."""
    rotating.AT_ONCE = 2
    world.points.phase = "rotate"
    after: str | None = ""
    while after is not None:
        async with world.care() as db, db.begin():
            after = (await rotating.rotate_patients(db, keks=BOTH, after=after)).last
        world.points.passed("after commit")


async def readable(world: World, keks: KekRing = BOTH) -> None:
    """Everything opens, and is as it was written."""
    async with world.care() as db:
        verdict = await verify(db, replace(KEYS, keks=keks))
    assert verdict.ok, verdict.first_bad


async def done(world: World) -> None:
    """All of it is under the new key, and the old one is needed no more."""
    async with world.care() as db:
        assert await rotating.in_use(db, PatientKeyRow) == Counter({"kek-2": PATIENTS})
    await readable(world, NEW)


def main(*urls: str) -> None:
    """Kill it at its first point, then at its second one and so on, until it comes to its end."""
    care, epj = urls
    assert in_world((care, epj), 0, prepare) == 0
    kills = 0
    while (ended := in_world((care, epj), kills + 1, rotate)) == -signal.SIGKILL:
        kills += 1
        assert in_world((care, epj), 0, readable) == 0, f"unreadable after {kills} kills"
    assert ended == 0
    assert in_world((care, epj), 0, done) == 0
    print(kills)


if __name__ == "__main__":
    main(*sys.argv[1:])
