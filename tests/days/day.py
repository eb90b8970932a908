"""One day of the service, from before it opens until the next morning: who comes, and what goes
wrong. The same seed lives the same day again.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from functools import partial

from tests.days.agenda import Told
from tests.days.doctors import HOURS, MINUTE, Doctors
from tests.days.record import doctor, patient
from venterom.journal import chart
from venterom.journal.access import Actor
from venterom.journal.errors import MayNotRead
from venterom.queue import booking, desk
from venterom.queue.errors import OfferChanged
from venterom.queue.hours import DAY, at
from venterom.queue.promise import Decision, Offer
from venterom.rtc.ticket import Role
from venterom.server import jobs
from venterom.web.work import Unit, work

Read = Callable[[Actor, str], Awaitable[None]]

DOCTORS = ("d1", "d2", "d3")
ON_CALL = "d8"  # a doctor who is at home, and may be rung
STRANGER = "d9"  # a doctor who takes nobody
# An ordinary day, and those on which clocks are put back and forward.
DAYS = (date(2026, 11, 24), date(2026, 11, 25), date(2026, 10, 25), date(2027, 3, 28))


class Day(Doctors):
    """Everybody's day."""

    def plan_all(self) -> None:
        """Who comes when, and what goes wrong."""
        day = self.dice.choice(DAYS)
        opens, closes = at(day, HOURS.opens), at(day, HOURS.closes)
        self.clock.now = opens - 30 * MINUTE
        for name in DOCTORS[: self.dice.choice((1, 2, 2, 3))]:
            early = self.dice.choice((opens, opens, at(day, time(9))))
            late = self.dice.choice((at(day, time(19)), closes, closes))
            self.at(opens - 20 * MINUTE, partial(self.plan, name, early, late))
            self.at(early + self.between(-1, 6), partial(self.go_on, name, late))
            self.at(late + self.between(-1, 12), partial(self.go_home, name))
        rush = [opens, at(day, time(12)), closes - 25 * MINUTE]
        for n in range(self.dice.randrange(5, 9)):
            comes = self.dice.choice(rush) + self.between(-10, 25)
            self.at(comes, partial(self.arrive, f"p{n}"))
        for act in (self.snoop, self.snoop, self.fall_silent):
            self.at(opens + self.between(0, 15 * 60), act)
        if self.dice.random() < 0.3:
            self.at(self.dice.choice((*rush, closes)) + self.between(0, 20), self.restart)
        if vanish := self.dice.random() < 0.15:
            self.at(self.dice.choice(rush) + self.between(5, 20), self.all_vanish)
        if vanish or self.dice.random() < 0.1:
            self.at(opens - 20 * MINUTE, partial(self.plan_on_call, ON_CALL))
        self.at(at(day + DAY, time(0, 20)), self.learn)
        self.epj.failures = self.dice.choices(("", "", "away", "answer lost"), k=4)

    async def learn(self) -> None:
        """Midnight has passed."""
        await jobs.learn(self.app)

    async def restart(self) -> None:
        """The service is killed, and is back after a while: nothing happens meanwhile."""
        began = self.clock.now
        self.clock.now += self.between(0.2, 40)
        self.away.append((began, self.clock.now))
        await jobs.renew_leases(self.app)

    # ---- patients

    async def arrive(self, person: str) -> None:
        """A patient asks, and takes what is offered; or a time, or nothing."""
        async with work(self.app) as unit:
            visit = await self.record.open(unit, patient(person), "vondt i halsen")
        offer = await self._offer(visit, person)
        if self.dice.random() < 0.1:
            return
        self.clock.tick(seconds=self.dice.choice((3, 10, 40)))
        if offer.decision in (Decision.PROMISE20, Decision.LATER) and self.dice.random() < 0.85:
            for _browser in range(self.dice.choice((1, 1, 2))):
                await self._join(visit, person, offer)
        elif offer.slots:
            await self._book(visit, person, self.dice.choice(offer.slots))
        if visit in self.told:
            await self._wait(visit, person)

    async def _offer(self, visit: str, person: str) -> Offer:
        async with work(self.app) as unit:
            return await desk.quote(unit.db, unit.now, visit=visit, patient=person, hours=HOURS)

    async def _join(self, visit: str, person: str, offer: Offer) -> None:
        async with work(self.app) as unit:
            who = {"visit": visit, "patient": person}
            try:
                joined = await desk.join(unit.db, unit.now, offer_id=offer.id, hours=HOURS, **who)
            except OfferChanged:
                return  # the new one is stored; this patient goes away
            unit.events.append(joined)
            await chart.mark_open(unit.db, unit.now, visit=visit)
        assert joined.deadline == offer.deadline
        self.told[visit] = Told(person, joined.deadline, offer.id)

    async def _book(self, visit: str, person: str, slot: datetime) -> None:
        who = {"visit": visit, "patient": person}
        async with work(self.app) as unit:
            booked = await booking.book(unit.db, unit.now, starts_at=slot, hours=HOURS, **who)
            unit.events.append(booked)
            await chart.mark_open(unit.db, unit.now, visit=visit)
            self.told[visit] = await self._told(unit, visit, person)
        assert booked.deadline == self.told[visit].deadline
        self.at(slot, self._nothing)
        if self.dice.random() < 0.3:
            self.later(1, 30, partial(self.move, visit))

    async def move(self, visit: str) -> None:
        """The patient takes another time."""
        async with work(self.app) as unit:
            slot = self.dice.choice(await booking.free_slots(unit.db, unit.now, HOURS) or [None])
            if slot is None:
                return
            unit.events.append(
                await booking.move(unit.db, unit.now, visit=visit, starts_at=slot, hours=HOURS)
            )
            told = await self._told(unit, visit, self.told[visit].patient)
        self.told[visit] = told
        self.at(slot, self._nothing)

    async def _told(self, unit: Unit, visit: str, person: str) -> Told:
        entry = await desk.entry(unit.db, visit)
        assert entry is not None
        return Told(person, entry.deadline, entry.promise)

    async def _nothing(self) -> None:
        """A booked time has come: somebody is busy again."""

    async def _wait(self, visit: str, person: str) -> None:
        """Some sit down in the room at once, and some change their mind."""
        if self.dice.random() < 0.4:
            await self.calls.enter(self.clock.now, visit, Role.PATIENT, person)
        if self.dice.random() < 0.15:
            self.later(1, 25, partial(self.leave, visit, person))

    async def leave(self, visit: str, person: str) -> None:
        """The patient cancels, and takes the consent back."""
        async with work(self.app) as unit:
            unit.events.append(await desk.leave(unit.db, unit.now, visit=visit))
            await self.record.withdraw(unit, patient(person), visit)
            await chart.close(unit.db, unit.now, visit=visit)
        await self.calls.close_room(visit, "left")

    # ---- strangers

    async def snoop(self) -> None:
        """A doctor and a patient who have nothing to do with a visit want to know of it."""
        if not self.told:
            self.later(30, 120, self.snoop)
            return
        visit = self.dice.choice(sorted(self.told))
        strangers = (doctor(STRANGER).actor, patient("nobody"))
        entered = await self.calls.enter(self.clock.now, visit, Role.DOCTOR, STRANGER)
        assert not entered, f"I5: a stranger came into the room of {visit}"
        for who in strangers:
            for read in (self.record.story, self.record.outcome):
                assert await self._is_refused(who, visit, read), f"I5: {who} read {visit}"

    async def _is_refused(self, who: Actor, visit: str, read: Read) -> bool:
        try:
            await read(who, visit)
        except MayNotRead as refusal:
            self.refused.append(refusal)
            return True
        return False
