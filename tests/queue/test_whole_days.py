"""Days of the waiting room, lived through the adapters on a database: whatever happens in whatever
order, what was acknowledged stays true.

Each seed is one morning of some hours: patients come, wait, book, leave and do not answer; doctors
take them, are lost, come back, write and go home; and the service does its rounds. After each event
the invariants of the waiting room are checked. The same seed lives the same morning again.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON
from venterom.queue import booking, desk, ladder
from venterom.queue.errors import QueueError
from venterom.queue.floor import Entry, Kind
from venterom.queue.hours import Hours
from venterom.queue.promise import Decision, Outcome
from venterom.queue.states import HELD, OPEN, Phase, State
from venterom.queue.tables import EntryRow, EscalationRow, OutcomeRow, ShiftRow

pytestmark = [pytest.mark.adapter, pytest.mark.slow]

SEEDS = 200
CHUNK = 10  # seeds of one test, so that several run at once
EVENTS = 14
DOCTORS = ("d1", "d2", "d3")
HOURS = Hours.STANDARD
ROUND = timedelta(seconds=15)  # between two rounds of the service
ENTRY = EntryRow.__table__.c


@dataclass
class Told:
    """What a patient was told and may rely on."""

    deadline: datetime
    promise: str


@dataclass
class Morning:
    """One morning, and what everybody in it has been told."""

    db: AsyncSession
    dice: random.Random
    now: datetime = NOON
    told: dict[str, Told] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)  # doctors whose page is open

    async def live(self) -> None:
        """Let it happen."""
        for name in DOCTORS:
            await self.go_on_shift(name)
        for number in range(EVENTS):
            await self.pass_time()
            event: Callable[[], Awaitable[None]] = self.dice.choice(
                [lambda n=number: self.arrive(f"v{n}")] * 4
                + [self.claim] * 5
                + [self.meet, self.meet, self.meet, self.hang_up, self.hang_up, self.sign]
                + [self.nobody_answers, self.leave, self.fall_silent, self.come_or_go]
            )
            with suppress(QueueError):  # what may not be done now is refused, and changes nothing
                async with self.db.begin_nested():
                    await event()
            await self.check()

    async def pass_time(self) -> None:
        """A while, with the rounds that the service does in it."""
        until = self.now + timedelta(seconds=self.dice.randrange(240))
        while self.now < until:
            self.now += ROUND * self.dice.choice((1, 4, 4))
            for name in self.alive:
                with suppress(QueueError):
                    await desk.heartbeat(self.db, self.now, practitioner=name)
            dangers = ladder.in_danger(await ladder.see(self.db, self.now), HOURS)
            await ladder.climb(self.db, self.now, HOURS, dangers)
            await desk.reap(self.db, self.now)
            await desk.settle(self.db, self.now)

    async def go_on_shift(self, name: str) -> None:
        """Until the afternoon."""
        off = NOON + timedelta(hours=5)
        await desk.go_on_shift(self.db, self.now, practitioner=name, off_at=off)
        self.alive.add(name)

    async def come_or_go(self) -> None:
        """A doctor begins or ends."""
        name = self.dice.choice(DOCTORS)
        if name in self.alive and self.dice.random() < 0.5:
            await desk.go_off_shift(self.db, self.now, practitioner=name)
            self.alive.discard(name)
        else:
            await self.go_on_shift(name)

    async def fall_silent(self) -> None:
        """A doctor's page dies."""
        self.alive.discard(self.dice.choice(DOCTORS))

    async def arrive(self, visit: str) -> None:
        """A patient asks, and takes what is offered; or a time, or nothing."""
        patient = f"patient of {visit}"
        offer = await desk.quote(self.db, self.now, visit=visit, patient=patient, hours=HOURS)
        if self.dice.random() < 0.1:
            return
        if offer.decision in (Decision.PROMISE20, Decision.LATER) and self.dice.random() < 0.8:
            joined = await desk.join(
                self.db, self.now, visit=visit, patient=patient, offer_id=offer.id, hours=HOURS
            )
            self.told[visit] = Told(joined.deadline, offer.id)
        elif offer.slots:
            slot = self.dice.choice(offer.slots)
            booked = await booking.book(
                self.db, self.now, visit=visit, patient=patient, starts_at=slot, hours=HOURS
            )
            entry = await desk.entry(self.db, visit)
            assert entry is not None
            self.told[visit] = Told(booked.deadline, entry.promise)

    async def claim(self) -> None:
        """A doctor takes the next."""
        await desk.claim(self.db, self.now, practitioner=self.dice.choice(DOCTORS))

    async def meet(self) -> None:
        """Doctor and patient meet."""
        if held := await self.one_of(State.CLAIMED):
            doctor = held.claimed_by or ""
            await desk.doctor_joined(self.db, self.now, visit=held.visit, practitioner=doctor)
            await desk.connect(self.db, self.now, visit=held.visit)

    async def hang_up(self) -> None:
        """A call ends."""
        if held := await self.one_of(State.IN_CALL):
            doctor = held.claimed_by or ""
            await desk.hang_up(self.db, self.now, visit=held.visit, practitioner=doctor)

    async def sign(self) -> None:
        """A note is signed."""
        if held := await self.one_of(State.WRAP):
            doctor = held.claimed_by or ""
            await desk.finish(self.db, self.now, visit=held.visit, practitioner=doctor)

    async def nobody_answers(self) -> None:
        """A patient is not there."""
        if held := await self.one_of(State.CLAIMED):
            doctor = held.claimed_by or ""
            await desk.no_answer(self.db, self.now, visit=held.visit, practitioner=doctor)

    async def leave(self) -> None:
        """A patient cancels."""
        if waits := await self.one_of(State.WAITING):
            await desk.leave(self.db, self.now, visit=waits.visit)

    async def one_of(self, state: State) -> Entry | None:
        """Any entry in this state."""
        found = [entry for entry in await self.entries() if entry.state is state]
        return self.dice.choice(found) if found else None

    async def entries(self) -> list[Entry]:
        """Every entry there is."""
        rows = await self.db.execute(select(*ENTRY).order_by(ENTRY.visit))
        return [Entry(**row._mapping) for row in rows]

    async def check(self) -> None:
        """The invariants."""
        entries = await self.entries()
        self.everybody_who_was_told_has_one_place(entries)
        await self.nobody_has_two(entries)
        await self.promises_end_once_and_truly(entries)

    def everybody_who_was_told_has_one_place(self, entries: list[Entry]) -> None:
        """I1: each acknowledged place is there, once, with the deadline that was told first."""
        assert {entry.visit for entry in entries} == set(self.told)
        for entry in entries:
            told = self.told[entry.visit]
            assert (entry.deadline, entry.promise) == (told.deadline, told.promise), entry
        open_ones = Counter(entry.patient for entry in entries if entry.state in OPEN)
        assert all(times == 1 for times in open_ones.values())

    async def nobody_has_two(self, entries: list[Entry]) -> None:
        """I2: one owner at most, and a doctor's phase is what the doctor's patient says."""
        held = [entry for entry in entries if entry.state in HELD]
        assert all(entry.claimed_by and entry.lease_until for entry in held)
        assert len({entry.claimed_by for entry in held}) == len(held)
        busy = {entry.claimed_by: entry for entry in held}
        live = await self.db.scalars(select(ShiftRow).where(ShiftRow.phase != Phase.OFF))
        for shift in live:
            if shift.phase in (Phase.RINGING, Phase.CONSULT):
                assert busy[shift.practitioner].visit == shift.visit
            elif shift.phase in (Phase.IDLE, Phase.WRAP):
                assert shift.practitioner not in busy

    async def promises_end_once_and_truly(self, entries: list[Entry]) -> None:
        """I7: a promise was kept, or somebody was alarmed before its time had passed."""
        outcomes = {row.promise: row for row in await self.db.scalars(select(OutcomeRow))}
        alarmed = {
            promise: at
            for promise, at in await self.db.execute(
                select(EscalationRow.promise, EscalationRow.at).order_by(EscalationRow.at.desc())
            )
        }
        for entry in entries:
            ended = outcomes.get(entry.promise)
            joined = entry.doctor_joined_at
            if ended is None:
                assert joined is None and entry.state in OPEN
                assert entry.deadline >= self.now - ROUND * 4 or entry.state is not State.WAITING
            elif ended.outcome is Outcome.KEPT:
                assert joined is not None and joined <= entry.deadline
            elif ended.outcome is Outcome.WITHDRAWN:
                assert joined is None and entry.state is State.CANCELLED
            else:
                assert joined is None or joined > entry.deadline
                assert ended.cause
                was_waiting = entry.kind is not Kind.BOOKED and not entry.returns
                if was_waiting and entry.state is State.WAITING and not entry.attempts:
                    assert alarmed[entry.promise] <= entry.deadline, entry


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
async def test_whatever_happens_what_was_told_stays_true(
    first: int, empty_sqlite: Path, tmp_path: Path
) -> None:
    import shutil

    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    for seed in range(first, first + CHUNK):
        path = tmp_path / f"{seed}.db"
        shutil.copyfile(empty_sqlite, path)
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        sessions = async_sessionmaker(engine, expire_on_commit=False)
        async with sessions() as db, db.begin():
            try:
                await Morning(db, random.Random(seed)).live()
            except AssertionError as fault:
                raise AssertionError(f"seed {seed}") from fault
        await engine.dispose()
