"""A day with a doctor on call, who is called in where a promise is in danger.

Whether it is, and when the doctor is paged, the ladder of the service says (`monitor`); who is in
danger is looked at as often as there. What the doctor then does is assumed. Nobody counts on
somebody who may not come: no quote and no dispatch sees the doctor on call.
"""

from collections.abc import Sequence
from datetime import timedelta

from venterom.queue import monitor
from venterom.queue.chance import Dice
from venterom.queue.dispatch import DROPIN, Job
from venterom.queue.forecast import p_waiting
from venterom.queue.monitor import RESCUES, Step
from venterom.queue.promise import DANGER, MILLISECOND
from venterom.queue.service import MINUTE
from venterom.queue.simulation.driver import Clock, Make, World
from venterom.queue.simulation.told import Played, Policy
from venterom.queue.simulation.trace import NEVER, Day, Shift

ANSWERS = 700  # of a thousand calls
SOONEST, LATEST = 5 * MINUTE, 11 * MINUTE  # from the call until the doctor is there
PATIENTS = 2  # at most; then, or when nobody waits, the doctor leaves again
LOOK = monitor.EVERY // MILLISECOND
LOOK_AT_SURE = 1 * MINUTE  # not so soon in danger, and each look costs as much as a quote


def attended(dice: Dice) -> Make:
    """Makes days with a doctor on call. Each has chances of its own, whatever the policy does."""

    def make(day: Day, policy: Policy, clock: Clock) -> World:
        return Attended(day, policy, clock, Dice(dice.bits(64)))

    return make


class Attended(World):
    """A day as it truly is, with one doctor on call."""

    __slots__ = ("dice", "calls", "looks", "takes")

    def __init__(self, day: Day, policy: Policy, clock: Clock, dice: Dice) -> None:
        on_call = Shift(0, NEVER)
        super().__init__(day._replace(shifts=(*day.shifts, on_call)), policy, clock)
        self.last[-1] = -1  # the last by number; as nobody's last start, the dispatch passes it by
        self.dice = dice
        self.calls = 0
        self.looks: dict[int, int] = {}  # when each promise is looked at next
        self.takes = 0  # so many patients more

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
        """Take the steps of the ladder that bring help from outside; page once for a promise."""
        seen = self.seen()
        for number, job in enumerate(waiting):
            if self.looks[job.id] > self.t:
                continue
            p = p_waiting(seen, number, self.manner, DANGER)
            steps = monitor.due(p, timedelta(milliseconds=job.due - self.t)) & RESCUES
            self.told[job.id].rescued |= bool(steps)
            self.looks[job.id] = self.t + (LOOK if p < monitor.SURE else LOOK_AT_SURE)
            if Step.PAGE in steps:
                self.looks[job.id] = NEVER
                self._call()

    def _call(self) -> None:
        """Call the doctor, unless there is an answer already: who does not answer at once will not
        for as long as it might have taken to come."""
        doctor, busy = len(self.last) - 1, self.busy
        if self.takes or busy.free[doctor] > self.t:
            return
        self.calls += 1
        answers = self.dice.happens(ANSWERS)
        self.takes = PATIENTS if answers else 0
        wait = SOONEST + self.dice.below(LATEST - SOONEST) if answers else LATEST
        busy.free[doctor] = self.t + wait

    def _start_next(self) -> bool:
        return self._helped() or super()._start_next()

    def _helped(self) -> bool:
        """Let the doctor who came take the first in line, or leave."""
        doctor = len(self.last) - 1
        if not self.takes or self.busy.free[doctor] > self.t:
            return False
        self.takes = self.takes - 1 if self.line else 0
        if self.line:
            self._begin(doctor, self.line[0])
        return bool(self.line)

    def _next_event(self) -> int:
        looks = (self.looks[job.id] for job in self.line if job.slot == DROPIN)
        return min(super()._next_event(), *looks, NEVER)

    def played(self) -> Played:
        """What happened, for the one who keeps the score."""
        played = super().played()
        played.calls = self.calls
        return played
