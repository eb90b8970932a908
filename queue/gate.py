"""What a promise costs others: those who come next, and the booked patients of the next half hour.

The same futures are played with and without the new patient. The more is lost in them, the more
certain the promise has to be.
"""

from collections.abc import Iterator, Sequence

from venterom.queue.chance import Dice, seed
from venterom.queue.dispatch import DROPIN, Job, Manner
from venterom.queue.future import Durations, Future
from venterom.queue.montecarlo import NEW, Stream, Waiting, waiting
from venterom.queue.service import MINUTE
from venterom.queue.snapshot import Snapshot

FUTURES = 60
HORIZON = 30 * MINUTE
PROMISE = 20 * MINUTE
LATE = 5 * MINUTE  # a booked start later than this is a cost
MEAN = 978 * 1000  # a whole patient, 16.3 min
LATER = NEW + 1  # the ids of those who come


def floor(cost: float, strictness: float) -> float:
    """How certain a promise must be that costs others so much.

    A promise is worth what it does not cost; one that breaks costs `strictness`.
    """
    return 1 - (1 - cost) / strictness


def cost(seen: Snapshot, deadline: int, manner: Manner) -> float:
    """How many promises and punctual starts others lose on average."""
    without = waiting(seen, manner)
    present = waiting(seen, manner, Job(0, deadline, DROPIN, NEW))
    lost = 0
    for number in range(FUTURES):
        start = seed(seen.seed(), number)
        arrivals = list(_arrivals(seen, Dice(start)))
        lost += _fares(without, start, arrivals) - _fares(present, start, arrivals)
    return lost / FUTURES


def _arrivals(seen: Snapshot, dice: Dice) -> Iterator[int]:
    t = seen.now + dice.exponential(seen.gap)
    while t < seen.now + HORIZON:
        yield t
        t += dice.exponential(seen.gap)


def _fares(start: Waiting, chance: int, arrivals: Sequence[int]) -> int:
    """How many of those who come are served in time in one future, less the late booked ones."""
    outlook = start.future(Stream(chance), Outlook)
    outlook.expect(arrivals, chance)
    end = start.now + HORIZON
    outlook.run(end)
    starts, slots = outlook.starts, [job for job in (*start.line, *start.coming) if job.slot >= 0]
    # Who has not been started yet may still be in time at the end of what is played.
    kept = sum(starts.get(number, end) <= due for number, due in outlook.promised.items())
    return kept - sum(starts.get(job.id, end) > job.slot + LATE for job in slots)


class Outlook(Future):
    """A future in which others come, and are promised something by a simple rule."""

    __slots__ = ("arriving", "arrived", "promised", "chance")

    def expect(self, arrivals: Sequence[int], chance: int) -> None:
        """Let these come. What each patient takes is chance, but the same in every course."""
        self.arriving = list(arrivals)[::-1]
        self.arrived = 0
        self.promised: dict[int, int] = {}
        self.chance = chance
        self.draw = self._same

    def _same(self, job: Job, _doctor: int) -> Durations:
        return Stream(seed(self.chance, job.id)).draw()

    def _release(self) -> None:
        """Let come who comes; place in line times the mean says who is promised something."""
        super()._release()
        while self.arriving and self.arriving[-1] <= self.t:
            self.arriving.pop()
            self.arrived += 1
            place = sum(job.slot == DROPIN for job in self.line) + 1
            on_duty = sum(self.t <= last for last in self.last)
            if place * MEAN <= PROMISE * on_duty:
                due = self.t + PROMISE
                self.promised[LATER + self.arrived] = due
                self.line.append(Job(0, due, DROPIN, LATER + self.arrived))

    def _next_event(self) -> int:
        soonest = super()._next_event()
        return min(soonest, self.arriving[-1]) if self.arriving else soonest
