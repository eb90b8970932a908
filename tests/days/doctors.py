"""What doctors do in a day: they come, take patients, meet them, write, are lost and go home."""

from datetime import datetime, timedelta
from functools import partial

from tests.days.agenda import Agenda
from tests.days.record import doctor, patient
from venterom.journal import chart
from venterom.queue import desk, ringing, roster
from venterom.queue.errors import AlreadyInCall
from venterom.queue.hours import Hours
from venterom.queue.on_call import Answer
from venterom.queue.planning import Planned, Work
from venterom.queue.states import State
from venterom.rtc.ticket import Role
from venterom.server import jobs
from venterom.web.work import look, work

HOURS = Hours.STANDARD
MINUTE = timedelta(minutes=1)


class Doctors(Agenda):
    """A day as the doctors live it."""

    async def plan(self, name: str, on_at: datetime, off_at: datetime) -> None:
        """The director plans a shift with a break in it."""
        rest = on_at + self.between(120, 300)
        for kind, begins, ends in (
            (Work.SHIFT, on_at, min(off_at, on_at + timedelta(hours=12))),
            (Work.BREAK, rest, rest + 30 * MINUTE),
        ):
            async with work(self.app) as unit:
                line = Planned("", name, kind, begins, ends)
                unit.events.append(
                    await roster.add(unit.db, unit.now, line, hours=HOURS, by="director")
                )
        self.at(rest, partial(self.pause, name, off_at))

    async def plan_on_call(self, name: str) -> None:
        """The director plans who may be rung for the first twelve hours of the day."""
        now = self.clock.now
        line = Planned("", name, Work.ON_CALL, now + 20 * MINUTE, now + timedelta(hours=12))
        async with work(self.app) as unit:
            unit.events.append(
                await roster.add(unit.db, unit.now, line, hours=HOURS, by="director")
            )
        self.on_call.add(name)

    async def pick_up(self, name: str) -> None:
        """Who was rung says yes or no, or does not hear it; who says yes is there for an hour."""
        async with look(self.app) as unit:
            rung = (await ringing.recent(unit.db, unit.now)).get(name)
        if rung is None or rung.answer is not Answer.NONE or self.dice.random() < 0.3:
            return
        comes = self.dice.random() < 0.8
        async with work(self.app) as unit:
            unit.events.append(
                await ringing.answer(unit.db, unit.now, practitioner=name, comes=comes)
            )
        if comes:
            self.later(5, 11, partial(self.go_on, name, self.clock.now + timedelta(hours=1)))
            self.later(45, 59, partial(self.go_home, name))

    async def go_on(self, name: str, off_at: datetime) -> None:
        """A doctor comes to work; a shift has twelve hours at most."""
        end = min(off_at, self.clock.now + timedelta(hours=12))
        async with work(self.app) as unit:
            unit.events.append(
                await desk.go_on_shift(unit.db, unit.now, practitioner=name, off_at=end)
            )
        self.here.add(name)
        self.at_work.add(name)

    async def pause(self, name: str, off_at: datetime) -> None:
        """A doctor has a break, if there is nobody in the room."""
        if name in self.here:
            await self.go_home(name)
            self.later(20, 30, partial(self.go_on, name, off_at))

    async def go_home(self, name: str) -> None:
        """A doctor ends the day, or forgets to: then the page stays open."""
        if self.dice.random() < 0.15:
            return
        try:
            async with work(self.app) as unit:
                unit.events.append(await desk.go_off_shift(unit.db, unit.now, practitioner=name))
        except AlreadyInCall:
            self.later(2, 5, partial(self.go_home, name))
            raise
        self.here.discard(name)
        self.at_work.discard(name)

    async def fall_silent(self) -> None:
        """A doctor's page dies, and is open again after a while."""
        if self.here:
            name = self.dice.choice(sorted(self.here))
            self._lose(name)
            self.later(1, 15, partial(self.come_back, name))

    async def all_vanish(self) -> None:
        """Every doctor at once."""
        for name in sorted(self.here):
            self._lose(name)
            self.later(8, 40, partial(self.come_back, name))

    async def come_back(self, name: str) -> None:
        """The page is open again; if the doctor is at work, that is a sign of life. Whom the doctor
        had just taken is met now."""
        self.here.add(name)
        await self.heartbeat(name)
        for entry in self.entries.values():
            if entry.claimed_by == name and entry.state is State.CLAIMED:
                self.later(0.2, 1, partial(self.meet, name, entry.visit))

    def _lose(self, name: str) -> None:
        self.here.discard(name)
        for entry in self.entries.values():
            if entry.claimed_by == name:
                self.calls.drop(entry.visit, Role.DOCTOR)

    async def claim(self, name: str) -> None:
        """A doctor takes the next."""
        async with work(self.app) as unit:
            taken = await desk.claim(unit.db, unit.now, practitioner=name)
            await self.record.begin_care(unit, doctor(name), taken.visit)
            unit.events.append(taken)
        self.later(0.2, 1, partial(self.meet, name, taken.visit))

    async def meet(self, name: str, visit: str) -> None:
        """The doctor reads why, and takes the seat; the patient comes, or is not there."""
        if name not in self.here:
            return
        await self.record.story(doctor(name).actor, visit)
        if not await self.calls.enter(self.clock.now, visit, Role.DOCTOR, name):
            return
        if self.dice.random() < 0.12:
            self.later(1, 1, partial(self.nobody_answers, name, visit))
            return
        await self.calls.enter(self.clock.now, visit, Role.PATIENT, self.told[visit].patient)
        await self.calls.connect(visit)
        self.later(1, 3, partial(self.write, name, visit))
        self.later(4, 14, partial(self.hang_up, name, visit))

    async def nobody_answers(self, name: str, visit: str) -> None:
        """The patient is not there."""
        if name not in self.here:
            return
        async with work(self.app) as unit:
            tried = await desk.no_answer(unit.db, unit.now, visit=visit, practitioner=name)
            unit.events.append(tried)
            if tried.again_at is None:
                await chart.close(unit.db, unit.now, visit=visit)
        await self.calls.close_room(visit, "no_answer")

    async def write(self, name: str, visit: str) -> None:
        """The doctor writes a little."""
        if name in self.here:
            await self.record.write(doctor(name), visit, f"hvile, {self.clock.now:%H%M}")

    async def hang_up(self, name: str, visit: str) -> None:
        """The call is over; the note is signed a little later."""
        if name not in self.here:
            return
        async with work(self.app) as unit:
            unit.events.append(
                await desk.hang_up(unit.db, unit.now, visit=visit, practitioner=name)
            )
        await self.calls.close_room(visit, "finished")
        self.later(1, 8, partial(self.sign, name, visit))

    async def sign(self, name: str, visit: str) -> None:
        """The note is final, and the patient reads it some time."""
        await self.record.write(doctor(name), visit, "drikke")
        async with work(self.app) as unit:
            done = await desk.finish(unit.db, unit.now, visit=visit, practitioner=name)
            await self.record.sign(unit, doctor(name), visit)
            unit.events.append(done)
        self.later(0.1, 1, self.deliver)
        self.later(1, 60, partial(self.read, visit))

    async def deliver(self) -> None:
        """The note goes to the EPJ, again and again until it is there; and people are told."""
        await jobs.deliver(self.app)
        await jobs.tell(self.app)
        if self.undelivered:
            self.later(2, 10, self.deliver)

    async def read(self, visit: str) -> None:
        """The patient reads what was decided."""
        await self.record.outcome(patient(self.told[visit].patient), visit)
