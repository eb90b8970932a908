"""The policies of the benchmark: simple ones that others use, the reference, and ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from venterom.queue import dispatch
from venterom.queue.dispatch import OURS, OURS_DEFER, REFERENCE, Claim, Manner
from venterom.queue.forecast import forecast
from venterom.queue.learn import BROKEN, HELPED, floor_after
from venterom.queue.service import MINUTE
from venterom.queue.simulation.driver import Oracle
from venterom.queue.simulation.told import PROMISE, Answer, Policy
from venterom.queue.snapshot import Snapshot

MEAN = 978 * 1000  # a whole patient, 16.3 min
START = 0.85  # the floor of the first day
LONGEST_AND = 15 * MINUTE  # added to the longest wait so far


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy that is a rule for quotes; the dispatch is the house's."""

    answer: Callable[[Snapshot], Answer]
    manner: Manner = REFERENCE

    def quote(self, seen: Snapshot) -> Answer:
        """Whether a patient who comes now is promised twenty minutes."""
        return self.answer(seen)

    def claim(self, seen: Snapshot) -> Claim | None:
        """Who is started now, by whom."""
        return dispatch.claim(seen, self.manner)

    def learn(self, kept: int, broken: int) -> None:
        """These do not."""


def always(_seen: Snapshot) -> Answer:
    """Everybody is promised twenty minutes."""
    return Answer(True)


def naive(seen: Snapshot) -> Answer:
    """Place in line times the mean, shared by the doctors on duty."""
    on_duty = [doctor for doctor in seen.doctors if doctor.since <= seen.now]
    if any(dispatch.is_idle(doctor, seen.now) for doctor in seen.doctors):
        return Answer(True)
    place = len(seen.promises) + 1
    return Answer(place * MEAN <= PROMISE * len(on_duty))


def longest(seen: Snapshot) -> Answer:
    """The longest wait so far, and fifteen minutes."""
    waits = [seen.now - (promise.deadline - PROMISE) for promise in seen.promises]
    return Answer(max(waits, default=0) + LONGEST_AND <= PROMISE)


@dataclass(slots=True)
class Forecast:
    """Promises what is likely enough to be kept; how likely that is, it may learn."""

    manner: Manner
    floor: float
    learns: bool = True
    wanted: float = BROKEN  # share of the promises

    def quote(self, seen: Snapshot) -> Answer:
        """Whether a patient who comes now is promised twenty minutes."""
        p, least = forecast(seen, seen.now + PROMISE, self.manner, self.floor)
        return Answer(min(p, least) >= self.floor, p)

    def claim(self, seen: Snapshot) -> Claim | None:
        """Who is started now, by whom."""
        return dispatch.claim(seen, self.manner)

    def learn(self, kept: int, broken: int) -> None:
        """Move the floor."""
        if self.learns:
            self.floor = floor_after(self.floor, kept, broken, self.wanted)


POLICIES: Mapping[str, Callable[[], Policy]] = {
    "always": lambda: Rule(always),
    "naive": lambda: Rule(naive),
    "longest": lambda: Rule(longest),
    "reference": lambda: Forecast(REFERENCE, 0.90, learns=False),
    "ours": lambda: Forecast(OURS, START),
    "ours-defer": lambda: Forecast(OURS_DEFER, START),
    "ours-plan": lambda: Forecast(OURS, START),  # on days whose bookings the planner has placed
    "oracle": lambda: Oracle(REFERENCE),
}
PLANNED = "ours-plan"


def policy(name: str, *, leans: bool) -> Policy:
    """A policy before its first day, which may count on doctors on call if it can."""
    made = POLICIES[name]()
    if leans and isinstance(made, Forecast):
        made.wanted = HELPED
    return made
