"""Plays a day of a trace with a policy: shows it what can be observed, and does what it answers.

The policy is asked two things: *quote* (is this patient promised twenty minutes?) and *claim* (by
whom is the next patient started?). It is never told the truth, and it does not keep the score.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from venterom.queue.dispatch import DROPIN, Claim, Job, Manner, claim, job_of_slot
from venterom.queue.future import NEVER, Busy, Durations, Future
from venterom.queue.promise import Outcome
from venterom.queue.service import MINUTE, SHOWS_BY
from venterom.queue.simulation.told import PROMISE, Answer, Played, Policy, Told
from venterom.queue.simulation.trace import LAST_START, Day, Visit
from venterom.queue.snapshot import Debt, Doctor, Promise, Snapshot
from venterom.queue.states import Phase

LOOK_AGAIN = 1 * MINUTE  # at a doctor who is held
ROSTER = 60 * MINUTE  # shifts that begin so soon are shown to the policy
JUDGED = (Outcome.KEPT, Outcome.BROKEN)


Clock = Callable[[], int]


def no_clock() -> int:
    """Where nothing is measured."""
    return 0


class World(Future):
    """A day as it truly is."""

    __slots__ = ("day", "policy", "clock", "told", "coming_in", "quoting", "worked")

    def __init__(self, day: Day, policy: Policy, clock: Clock) -> None:
        shifts = sorted(day.shifts, key=lambda shift: (shift.off, shift.on))
        busy = Busy(len(shifts))
        for begins in (busy.begun, busy.talk, busy.free):
            begins[:] = [shift.on for shift in shifts]
        self.day, self.policy, self.clock = day._replace(shifts=tuple(shifts)), policy, clock
        self.told: list[Told] = []
        self.coming_in = [visit.at for visit in day.arrivals][::-1]  # the next one is the last
        self.quoting = self.worked = 0
        first = len(day.arrivals)
        super().__init__(
            t=0,
            last_starts=[shift.off - LAST_START for shift in shifts],
            busy=busy,
            line=(),
            coming=[job_of_slot(v.at, policy.manner, first + n) for n, v in enumerate(day.booked)],
            slots=[visit.at for visit in day.booked],
            manner=policy.manner,
            draw=self._true,
            look_again=LOOK_AGAIN,
        )

    def _visit(self, job: Job) -> Visit:
        first = len(self.day.arrivals)
        return self.day.arrivals[job.id] if job.id < first else self.day.booked[job.id - first]

    def _true(self, job: Job, doctor: int) -> Durations:
        visit, speed = self._visit(job), self.day.shifts[doctor].speed
        talk, note = visit.talk, visit.note * speed // 1000
        talk = talk * speed // 1000 if note else talk
        self.worked += talk + note
        return talk, note

    def _release(self) -> None:
        """Let come what comes: booked patients, losses, impatience, arrivals."""
        super()._release()
        for doctor, shift in enumerate(self.day.shifts):
            if shift.lost <= self.t:
                self.last[doctor] = -1
        for job in [each for each in self.line if self._leaves_at(each) <= self.t]:
            self.line.remove(job)
            self.told[job.id].left = self.t
        while self.coming_in and self.coming_in[-1] <= self.t:
            self.coming_in.pop()
            self._arrive(len(self.told))

    def _leaves_at(self, job: Job) -> int:
        if job.slot != DROPIN:
            return NEVER
        visit = self.day.arrivals[job.id]
        return visit.at + visit.patience

    def _arrive(self, number: int) -> None:
        job = Job(0, self.t + PROMISE, DROPIN, number)
        seen = self.seen()
        began = self.clock()
        if isinstance(self.policy, Oracle):
            answer = Answer(self.all_kept_with(job))
        else:
            answer = self.policy.quote(seen)
        self.quoting += self.clock() - began
        self.told.append(Told(self.t, answer.promised, answer.p))
        if answer.promised:
            insort(self.line, job)

    def _taker(self, job: Job, idle: Sequence[int]) -> int | None:
        claimed = self.policy.claim(self.seen())
        if claimed is None:
            return None
        doctor = self._shown()[claimed.doctor]
        if doctor not in idle or claimed.job[:3] != job[:3]:
            raise ValueError("the policy claims what cannot be started")
        return doctor

    def _next_event(self) -> int:
        soonest = min([super()._next_event(), *(self._leaves_at(job) for job in self.line)])
        return min(soonest, self.coming_in[-1]) if self.coming_in else soonest

    def seen(self) -> Snapshot:
        """What can be observed."""
        return Snapshot(
            self.t,
            tuple(self._doctor(number) for number in self._shown()),
            tuple(Promise(job.rank, job.due) for job in self.line if job.slot == DROPIN),
            tuple(self.slots),
        )

    def _shown(self) -> list[int]:
        shifts = self.day.shifts
        soon = self.t + ROSTER
        return [d for d, last in enumerate(self.last) if self.t <= last and shifts[d].on <= soon]

    def _doctor(self, number: int) -> Doctor:
        t, busy, last = self.t, self.busy, self.last[number]
        begun, talk, free = busy.begun[number], busy.talk[number], busy.free[number]
        debt = None
        if busy.debt[number] and (t < free or t - free < busy.debt[number]):
            debt = Debt(busy.owed_since[number], busy.written[number])
        if t >= free or begun > t:
            return Doctor(last, Phase.IDLE, free, debt)
        if t < begun + SHOWS_BY or talk == free:
            return Doctor(last, Phase.RINGING, begun, debt)
        if t < talk:
            return Doctor(last, Phase.CONSULT, begun, debt)
        return Doctor(last, Phase.WRAP, talk, debt)

    def all_kept_with(self, job: Job) -> bool:
        """Whether this patient and all who wait would be started in time, if nobody else came."""
        line = sorted([*self.line, job])
        future = Future(
            self.t,
            list(self.last),
            self.busy.copy(),
            line,
            self.coming[::-1],
            self.slots,
            self.manner,
            self._true,
            LOOK_AGAIN,
        )
        worked = self.worked
        future.run(job.due)
        self.worked = worked
        due = ((each.id, each.due) for each in line if each.slot == DROPIN and each.due >= self.t)
        return all(future.starts.get(number, NEVER) <= by for number, by in due)

    def played(self) -> Played:
        """What happened, for the one who keeps the score."""
        for number, start in self.starts.items():
            if number < len(self.told):
                self.told[number].started = start
        first = len(self.told)
        booked = [
            Told(visit.at, started=self.starts.get(first + n, NEVER))
            for n, visit in enumerate(self.day.booked)
        ]
        return Played(
            self.told[self.day.unscored :],
            booked,
            put_off=self.put_off,
            overrun=sum(self._overruns()),
            worked=self.worked,
            quoting=self.quoting,
            quotes=first,
        )

    def _overruns(self) -> Iterator[int]:
        for number, shift in enumerate(self.day.shifts):
            owed = 0 if self.busy.folded[number] else self.busy.debt[number]
            yield max(self.busy.free[number] + owed - shift.off, 0)


Make = Callable[[Day, Policy, Clock], World]


def play_all(
    days: Iterable[Day], policy: Policy, clock: Clock = no_clock, make: Make = World
) -> Iterator[Played]:
    """One day after the other; the policy may learn between them, as the service does: who was
    only kept by help from outside, was not kept by the policy's merit."""
    for day in days:
        played = play(day, policy, clock, make)
        judged = [told for told in played.arrivals if told.outcome in JUDGED]
        missed = sum(told.outcome is Outcome.BROKEN or told.rescued for told in judged)
        policy.learn(len(judged) - missed, missed)
        yield played


def play(day: Day, policy: Policy, clock: Clock = no_clock, make: Make = World) -> Played:
    """One day with this policy; the clock, in nanoseconds, only measures what quotes cost."""
    world = make(day, policy, clock)
    world.run(NEVER - 1)
    return world.played()


@dataclass(frozen=True, slots=True)
class Oracle:
    """Knows every true duration, and promises what will be kept if nobody else comes."""

    manner: Manner

    def quote(self, seen: Snapshot) -> Answer:
        """Never asked: the driver answers from the truth."""
        raise NotImplementedError

    def claim(self, seen: Snapshot) -> Claim | None:
        """As all others do."""
        return claim(seen, self.manner)

    def learn(self, kept: int, broken: int) -> None:
        """Nothing is left to learn."""
