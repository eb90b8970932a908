"""What a policy is asked and answers, and what the driver writes down of a day."""

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from venterom.queue.dispatch import Claim, Manner
from venterom.queue.future import NEVER
from venterom.queue.promise import Outcome
from venterom.queue.service import MINUTE
from venterom.queue.snapshot import Snapshot

PROMISE = 20 * MINUTE


class Answer(NamedTuple):
    """What a policy says to a patient, and how likely it thinks the promise is kept."""

    promised: bool
    p: float = 1.0


class Policy(Protocol):
    """What is put to the test."""

    @property
    def manner(self) -> Manner:
        """How the house works under it."""

    def quote(self, seen: Snapshot) -> Answer:
        """Whether a patient who comes now is promised twenty minutes."""

    def claim(self, seen: Snapshot) -> Claim | None:
        """Who is started now, by whom."""

    def learn(self, kept: int, broken: int) -> None:
        """Hear in the evening how many of the day's promises were kept."""


@dataclass(slots=True)
class Told:
    """What became of one who came, or was booked."""

    at: int
    promised: bool = True
    p: float = 1.0
    started: int = NEVER
    left: int = NEVER
    rescued: bool = False  # a doctor on call came in and took it

    @property
    def outcome(self) -> Outcome | None:
        """How the promise ended, if there was one; by the first deadline."""
        deadline = self.at + PROMISE
        if not self.promised:
            return None
        if self.started <= deadline:
            return Outcome.KEPT
        return Outcome.WITHDRAWN if self.left <= deadline else Outcome.BROKEN


@dataclass(slots=True)
class Played:
    """What happened on a day."""

    arrivals: list[Told] = field(default_factory=list)
    booked: list[Told] = field(default_factory=list)
    put_off: int = 0
    calls: int = 0  # of the doctor on call
    overrun: int = 0  # of all doctors together
    worked: int = 0  # … with patients and notes
    quoting: int = 0  # nanoseconds of all quotes
    quotes: int = 0
