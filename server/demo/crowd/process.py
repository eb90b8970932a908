"""The crowd's process: `python -m venterom.server.demo.crowd.process --service URL --an-hour 30`.

Robots live here, and reach the service as people do, over HTTP and web sockets: they cannot block
it, and know nothing that a browser would not. A robot in trouble says so in one line, goes away,
and comes back later. The process ends when its standard input ends: it cannot outlive its parent.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable
from random import Random

import aiohttp

from venterom.rtc.worker import loop_factory, until_parent_gone
from venterom.server.clock import utcnow
from venterom.server.demo.crowd.behaviour import Coming, comings, stints
from venterom.server.demo.crowd.doctor import DoctorRobot
from venterom.server.demo.crowd.pages import Unexpected
from venterom.server.demo.crowd.patient import PatientRobot
from venterom.server.demo.crowd.tempo import Tempo
from venterom.server.demo.crowd.visitor import Visitor
from venterom.server.demo.people import Doctor, World, world
from venterom.web.text import today

SEED = 805  # every run has the same people come in the same order; this one begins lively
COME_BACK = 2.0  # minutes after trouble
ONE_BY_ONE_S = 0.3  # between two who look whether they are still here: the service has others too
KNOCK_S = 0.2  # between two looks whether the service is open
STOP_WITHIN_S = 2.0  # seconds for closing what is open
LONGEST = 200  # characters of a line about trouble


class Crowd:
    """Everybody whom robots play."""

    def __init__(self, service: str, people: World, an_hour: int, pace: float) -> None:
        self._service = service
        self._people = people
        self._an_hour = an_hour
        self._pace = pace
        self._here: set[int] = set()  # places in the crowd
        self._doctors = {doctor.who.name for doctor in people.robots}

    async def live(self, *, some_are_here: bool) -> None:
        """Come and go until it is cancelled."""
        await self._until_open()
        async with asyncio.TaskGroup() as everybody:
            for doctor in self._people.robots:
                everybody.create_task(self._doctor(doctor))
            if some_are_here:
                everybody.create_task(self._come_back(everybody))
            await self._come(everybody)

    async def _until_open(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"{self._service}/healthz"):
                        return
                await asyncio.sleep(KNOCK_S)

    async def _come(self, everybody: asyncio.TaskGroup) -> None:
        tempo = self._tempo("arrivals")
        for coming in comings(tempo.chance, self._people.crowd, self._an_hour):
            await tempo.wait(coming.after)
            if coming.who not in self._here:
                everybody.create_task(self._patient(coming.who, coming))

    async def _come_back(self, everybody: asyncio.TaskGroup) -> None:
        """Let everybody see whether they were here when the last run ended."""
        for who in range(len(self._people.crowd)):
            if who not in self._here:
                everybody.create_task(self._patient(who, None))
                await asyncio.sleep(ONE_BY_ONE_S)

    async def _patient(self, who: int, coming: Coming | None) -> None:
        self._here.add(who)
        name = self._people.crowd[who].who.name
        if not await self._is_fine(name, self._visit(who, coming)):
            await self._tempo(name).wait(COME_BACK)
            await self._is_fine(name, self._visit(who, None))
        self._here.discard(who)

    async def _visit(self, who: int, coming: Coming | None) -> None:
        patient = self._people.crowd[who]
        name = patient.who.name
        async with Visitor(self._service, name) as visitor:
            robot = PatientRobot(visitor, self._tempo(name), patient, self._doctors)
            await (robot.come(coming) if coming else robot.come_back())

    async def _doctor(self, doctor: Doctor) -> None:
        name = doctor.who.name
        tempo = self._tempo(name)
        for stint in stints(tempo.chance):
            async with Visitor(self._service, name) as visitor:
                await self._is_fine(name, DoctorRobot(visitor, tempo).work(stint))
            await tempo.wait(stint.rest)

    async def _is_fine(self, name: str, life: Awaitable[None]) -> bool:
        """Whether it went well. What one robot runs into ends no other's life."""
        try:
            await life
        except Exception as trouble:
            kind = "" if isinstance(trouble, Unexpected) else f"{type(trouble).__name__}: "
            text = " ".join(f"{kind}{trouble}".split())[:LONGEST]
            print(f"crowd: {name} goes away for a while: {text}", file=sys.stderr, flush=True)
            return False
        return True

    def _tempo(self, name: str) -> Tempo:
        return Tempo(self._pace, Random(f"{SEED} {name}"))


async def run(crowd: Crowd, *, some_are_here: bool) -> None:
    """Live until standard input ends or a signal comes."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parent = asyncio.create_task(until_parent_gone(stop))
    life = asyncio.create_task(crowd.live(some_are_here=some_are_here))
    life.add_done_callback(lambda _: stop.set())
    await stop.wait()
    parent.cancel()
    life.cancel()
    await asyncio.wait({life}, timeout=STOP_WITHIN_S)
    if life.done() and not life.cancelled():
        life.result()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="venterom-crowd", description=__doc__)
    parser.add_argument("--service", required=True, help="where the service is")
    parser.add_argument("--an-hour", type=int, required=True, help="how many patients come")
    parser.add_argument("--pace", type=float, default=1.0, help="minutes of theirs in one minute")
    parser.add_argument("--some-are-here", action="store_true", help="from the last time")
    chosen = parser.parse_args()
    people = world(today(utcnow()))
    crowd = Crowd(chosen.service, people, chosen.an_hour, chosen.pace)
    asyncio.Runner(loop_factory=loop_factory()).run(run(crowd, some_are_here=chosen.some_are_here))
    os._exit(0)  # nothing that is still open, and no thread of a library, may keep the process


if __name__ == "__main__":
    main()
