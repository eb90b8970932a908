"""The rest of a day, played from the waiting room as it is now; times are those of the snapshot.

Doctors whose shift begins later are in the snapshot already: they are idle since that time.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from venterom.queue.chance import Dice, seed
from venterom.queue.dispatch import DROPIN, Job
from venterom.queue.montecarlo import Stream, engage
from venterom.queue.service import MINUTE
from venterom.queue.simulation.days import PATIENCE, durations
from venterom.queue.simulation.driver import World, no_clock
from venterom.queue.simulation.told import Played, Policy, Told
from venterom.queue.simulation.trace import LAST_START, NEVER, Day, Shift, Visit
from venterom.queue.snapshot import Doctor, Snapshot

HOUR = 60 * MINUTE


class Span(NamedTuple):
    """A part of the day in which patients ask, so many an hour."""

    begins: int
    ends: int
    an_hour: float


def play_rest(seen: Snapshot, spans: Sequence[Span], policy: Policy, days: int) -> Iterator[Played]:
    """So many ways in which the rest of the day may go; the same ones for the same chances.

    The chances are those of the time and of who waits, whoever is at work: so what more doctors
    would change is compared on the same patients.
    """
    for number in range(days):
        dice = Dice(seed(seen.now, len(seen.promises), number))
        rest = Rest(seen, tuple(_arrivals(spans, dice)), policy, dice)
        rest.run(NEVER - 1)
        yield rest.played()


def _arrivals(spans: Sequence[Span], dice: Dice) -> Iterator[Visit]:
    for begins, ends, an_hour in spans:
        gap = round(HOUR / an_hour) if an_hour else NEVER
        at = begins + dice.exponential(gap)
        while at < ends:
            yield Visit(at, *durations(dice), dice.exponential(PATIENCE))
            at += dice.exponential(gap)


class Rest(World):
    """One of them."""

    __slots__ = ()

    def __init__(
        self, seen: Snapshot, arrivals: Sequence[Visit], policy: Policy, dice: Dice
    ) -> None:
        waiting = tuple(Visit(seen.now, *durations(dice)) for _ in seen.promises)
        booked = tuple(Visit(slot, *durations(dice)) for slot in seen.slots)
        shifts = tuple(Shift(each.since, each.last_start + LAST_START) for each in seen.doctors)
        super().__init__(Day(shifts, booked, (*waiting, *arrivals), len(waiting)), policy, no_clock)
        self.t = seen.now
        stream = Stream(dice.bits(64))
        for number, doctor in enumerate(sorted(seen.doctors, key=_as_numbered)):
            engage(self.busy, number, doctor, seen.now, stream)
        for number, promise in enumerate(seen.promises):
            self.coming_in.pop()
            self.told.append(Told(seen.now))
            insort(self.line, Job(*promise, DROPIN, number))


def _as_numbered(doctor: Doctor) -> tuple[int, int]:
    """The order in which the driver numbers shifts."""
    return doctor.last_start, doctor.since
