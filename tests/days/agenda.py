"""One day of the service: what happens when. People act at times of their own; in between the
service does its rounds. Whatever is refused is an answer, and changes nothing.
"""

import heapq
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from aiohttp import web

from tests.conftest import FakeClock
from tests.days.calls import Calls
from tests.days.record import Epj, Record
from venterom.journal.errors import JournalError
from venterom.queue import desk
from venterom.queue.errors import QueueError
from venterom.queue.floor import Entry
from venterom.queue.states import HELD, State
from venterom.server import jobs
from venterom.web.work import work

ROUND = timedelta(seconds=90)  # between two rounds of the service; an alarm comes two minutes early
ROUNDS = (
    jobs.watch_promises,
    jobs.climb_the_ladder,
    jobs.close_the_day,
)

Act = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Told:
    """What a patient was told and may rely on."""

    patient: str
    deadline: datetime
    promise: str


@dataclass
class Agenda:
    """What is still to happen, and what everybody has been told so far."""

    app: web.Application
    clock: FakeClock
    dice: random.Random
    record: Record
    calls: Calls
    epj: Epj
    told: dict[str, Told] = field(default_factory=dict)  # by visit
    here: set[str] = field(default_factory=set)  # doctors whose page is open
    at_work: set[str] = field(default_factory=set)  # … who have begun a shift, and not ended it
    on_call: set[str] = field(default_factory=set)  # … who may be rung
    away: list[tuple[datetime, datetime]] = field(default_factory=list)  # when the service was down
    refused: list[Exception] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)  # as they were when looked at last
    undelivered: int = 0  # notes, likewise
    _agenda: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _number: "count[int]" = field(default_factory=count)

    async def live(self, look: Act) -> None:
        """Let it happen, and look after each event."""
        await look()
        while self._agenda:
            due = self._agenda[0][0]  # a round may have brought something that is due sooner
            if self.clock.now < due and self._somebody_waits():
                self.clock.now = min(self.clock.now + ROUND, due)
                await self.round(look)
                continue
            self.clock.now = max(self.clock.now, due)
            await self.happen(heapq.heappop(self._agenda)[2])
            await look()

    async def claim(self, name: str) -> None:
        """A doctor takes the next."""
        raise NotImplementedError

    async def pick_up(self, name: str) -> None:
        """A doctor on call may have been rung."""
        raise NotImplementedError

    def at(self, when: datetime, act: Act) -> None:
        """This is to happen then, or as soon as the service is up again."""
        heapq.heappush(self._agenda, (when, next(self._number), act))

    def later(self, low: float, high: float, act: Act) -> None:
        """This is to happen between so many minutes from now."""
        self.at(self.clock.now + self.between(low, high), act)

    def between(self, low: float, high: float) -> timedelta:
        """Between so many minutes, in whole seconds."""
        return timedelta(seconds=self.dice.randint(round(low * 60), round(high * 60)))

    async def happen(self, act: Act) -> None:
        """Do it; what is refused is kept with its answer."""
        answer = ""
        try:
            await act()
        except (QueueError, JournalError) as refusal:
            self.refused.append(refusal)
            answer = type(refusal).__name__
        name = act.func.__name__ if isinstance(act, partial) else act.__name__
        self.trace.append(f"{self.clock.now:%H:%M:%S} {name} {answer}")

    async def heartbeat(self, name: str) -> None:
        """A doctor's page is open."""
        async with work(self.app) as unit:
            back = await desk.heartbeat(unit.db, unit.now, practitioner=name)
            unit.events.extend([back] if back else [])

    def _somebody_waits(self) -> bool:
        """For a doctor, or for one who is not heard of. Rounds would change nothing for others."""
        now = self.clock.now
        return any(
            (each.state is State.WAITING and not each.is_to_come(now))
            or (each.state in HELD and each.claimed_by not in self.here)
            for each in self.entries.values()
        )

    async def round(self, look: Act) -> None:
        """What pages and the service do by themselves; and idle doctors look at the list."""
        for name in sorted(self.here & self.at_work):
            await self.happen(partial(self.heartbeat, name))
        # Rounds are seconds apart; those in between would have changed nothing, and are left out.
        self.app[jobs.WATCH].last = self.clock.now
        for job in ROUNDS:
            await job(self.app)
        await look()
        for name in sorted(self.on_call - self.at_work):
            await self.happen(partial(self.pick_up, name))
        busy = {each.claimed_by for each in self.entries.values() if each.state in HELD}
        for name in sorted(self.here & self.at_work - busy):
            if self._somebody_waits() and self.dice.random() < 0.7:
                await self.happen(partial(self.claim, name))
                await look()
