"""A day with doctors on call, who are called in where a promise is in danger.

Whether it is, the ladder of the service says (`monitor`), and whom to ring its rule (`on_call`);
who is in danger is looked at as often as there. What they then do is assumed. Nobody counts on
somebody who may not come: no quote and no dispatch sees the doctors on call.
"""

from collections.abc import Sequence
from datetime import timedelta

from venterom.queue import monitor
from venterom.queue.chance import Dice
from venterom.queue.dispatch import DROPIN, Job
from venterom.queue.forecast import p_waiting
from venterom.queue.monitor import Step
from venterom.queue.on_call import Answer, Call, to_ring
from venterom.queue.promise import DANGER, MILLISECOND
from venterom.queue.service import MINUTE
from venterom.queue.simulation.driver import Clock, Make, World
from venterom.queue.simulation.told import Played, Policy
from venterom.queue.simulation.trace import NEVER, Day, Shift

ANSWERS = 700  # of a thousand calls to one doctor
SOONEST, LATEST = 5 * MINUTE, 11 * MINUTE  # from the call until the doctor is there
PATIENTS = 2  # at most; then, or when nobody waits, the doctor leaves again
LOOK = monitor.EVERY // MILLISECOND
LOOK_AT_SURE = 1 * MINUTE  # not so soon in danger, and each look costs as much as a quote


def attended(dice: Dice, doctors: int = 1) -> Make:
    """Makes days with doctors on call. Each has chances of its own, whatever the policy does."""

    def make(day: Day, policy: Policy, clock: Clock) -> World:
        return Attended(day, policy, clock, Dice(dice.bits(64)), doctors)

    return make


class Attended(World):
    """A day as it truly is, with doctors on call."""

    __slots__ = ("dice", "calls", "looks", "takes", "rung", "in_danger")

    def __init__(
        self, day: Day, policy: Policy, clock: Clock, dice: Dice, doctors: int = 1
    ) -> None:
        on_call = (Shift(0, NEVER),) * doctors  # sorted by their end, these are the last
        super().__init__(day._replace(shifts=(*day.shifts, *on_call)), policy, clock)
        at_work = len(day.shifts)
        self.last[at_work:] = [-1] * doctors  # as nobody's last start; the dispatch passes them by
        self.dice = dice
        self.calls = 0
        self.looks: dict[int, int] = {}  # when each promise is looked at next
        self.in_danger: set[int] = set()  # promises, as they were looked at last
        self.rung: dict[int, Call] = {}
        # So many patients more, for each on call. Who is engaged until a later time is on the way,
        # or with a patient.
        self.takes = {at_work + number: 0 for number in range(doctors)}

    def _arrive(self, number: int) -> None:
        super()._arrive(number)
        if self.told[number].promised:
            self.looks[number] = self.t + LOOK

    def _release(self) -> None:
        super()._release()
        waiting = [job for job in self.line if job.slot == DROPIN]
        if any(self.looks[job.id] <= self.t for job in waiting):
            self._look(waiting)

    def _look(self, waiting: Sequence[Job]) -> None:
        """Ring where the ladder says so."""
        seen = self.seen()
        for number, job in enumerate(waiting):
            if self.looks[job.id] > self.t:
                continue
            p = p_waiting(seen, number, self.manner, DANGER)
            self.looks[job.id] = self.t + (LOOK if p < monitor.SURE else LOOK_AT_SURE)
            self.in_danger.discard(job.id)
            if Step.PAGE in monitor.due(p, timedelta(milliseconds=job.due - self.t)):
                self.in_danger.add(job.id)
        in_danger = sum(job.id in self.in_danger for job in waiting)
        for doctor in to_ring(self._not_here(), self.rung, in_danger, self.t):
            self._ring(doctor)

    def _not_here(self) -> Sequence[int]:
        """Those on call who are at home, or on the way."""
        at_home = (
            d for d, takes in self.takes.items() if not takes and self.busy.free[d] <= self.t
        )
        return [*at_home, *(d for d, takes in self.takes.items() if takes == PATIENTS)]

    def _ring(self, doctor: int) -> None:
        self.calls += 1
        comes = self.dice.happens(ANSWERS)
        self.rung[doctor] = Call(self.t, Answer.COMES if comes else Answer.NONE)
        if comes:
            self.takes[doctor] = PATIENTS
            self.busy.free[doctor] = self.t + SOONEST + self.dice.below(LATEST - SOONEST)

    def _start_next(self) -> bool:
        return any(self._helps(doctor) for doctor in self.takes) or super()._start_next()

    def _helps(self, doctor: int) -> bool:
        """Let a doctor who came take the first in line, or leave."""
        if not self.takes[doctor] or self.busy.free[doctor] > self.t:
            return False
        self.takes[doctor] = self.takes[doctor] - 1 if self.line else 0
        if not self.line:
            return False
        first = self.line[0]
        if first.slot == DROPIN:
            self.told[first.id].rescued = True
        self._begin(doctor, first)
        return True

    def _next_event(self) -> int:
        looks = (self.looks[job.id] for job in self.line if job.slot == DROPIN)
        return min(super()._next_event(), *looks, NEVER)

    def played(self) -> Played:
        """What happened, for the one who keeps the score."""
        played = super().played()
        played.calls = self.calls
        return played
