"""What a promise costs others: those who come next, and the booked patients of the next half hour.

The same futures are played with and without the new patient. The more is lost, the more certain
the promise has to be.
"""

from collections.abc import Iterator, Sequence

from venterom.queue.chance import Dice
from venterom.queue.dispatch import DROPIN, Job
from venterom.queue.future import Durations, Future
from venterom.queue.montecarlo import NEW, Stream, Waiting
from venterom.queue.service import MINUTE

FUTURES = 60
HORIZON = 30 * MINUTE
PROMISE = 20 * MINUTE
LATE = 5 * MINUTE  # a booked start later than this is a cost
MEAN = 978 * 1000  # a whole patient, 16.3 min: who comes next is promised by place times the mean
LATER = NEW + 1  # the ids of those who come


class Outlook(Future):
    """A future in which others come, and are promised something by a simple rule."""

    __slots__ = ("arriving", "promised")

    def expect(self, arrivals: Sequence[int]) -> None:
        """Let these come."""
        self.arriving = list(arrivals)[::-1]
        self.promised: dict[int, int] = {}

    def _release(self) -> None:
        super()._release()
        while self.arriving and self.arriving[-1] <= self.t:
            self.arriving.pop()
            number = LATER + len(self.promised)
            ahead = sum(job.slot == DROPIN for job in self.line)
            on_duty = sum(self.t <= last for last in self.last)
            if (ahead + 1) * MEAN <= PROMISE * on_duty:
                self.promised[number] = self.t + PROMISE
                self.line.append(Job(0, self.t + PROMISE, DROPIN, number))

    def _next_event(self) -> int:
        soonest = super()._next_event()
        return min(soonest, self.arriving[-1]) if self.arriving else soonest
