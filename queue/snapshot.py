"""The waiting room as the engine sees it: whole milliseconds, and only what can be observed."""

from typing import NamedTuple

from venterom.queue.chance import seed
from venterom.queue.service import FIRST, Service
from venterom.queue.states import Phase

PHASES = tuple(Phase)


class Debt(NamedTuple):
    """A note that was put off so that a promise could be kept."""

    since: int
    written: int  # milliseconds that had been spent on it


class Doctor(NamedTuple):
    """A doctor at work, or one whose shift begins: then idle, since that later time."""

    last_start: int
    phase: Phase
    since: int
    debt: Debt | None = None


class Promise(NamedTuple):
    """A patient who waits on a promise. Sorted, they are in order of service."""

    rank: int  # minus the triage class
    deadline: int


class Snapshot(NamedTuple):
    """All that a decision rests on. Equal snapshots give equal answers."""

    now: int
    doctors: tuple[Doctor, ...] = ()  # the one whose shift ends first is the first
    promises: tuple[Promise, ...] = ()  # in order of service
    slots: tuple[int, ...] = ()  # booked and not begun, the earliest first
    service: Service = FIRST  # how long patients take, as it has been learned

    def seed(self) -> int:
        """The seed of all chance in a decision.

        The time is left out: whoever asks again while nothing has happened rolls no other dice.
        So is how long patients take: where that was learned anew, the same dice fall otherwise.
        """
        parts = [len(self.doctors), len(self.promises), *self.slots]
        for doctor in self.doctors:
            parts += [doctor.last_start, PHASES.index(doctor.phase), doctor.since]
        for promise in self.promises:
            parts += promise
        return seed(*parts)
