"""The policies of the benchmark: simple ones that others use, the reference, and ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from venterom.queue import dispatch, gate
from venterom.queue.dispatch import OURS, OURS_DEFER, REFERENCE, Claim, Manner
from venterom.queue.forecast import p_keep
from venterom.queue.service import MINUTE
from venterom.queue.simulation.driver import PROMISE, Answer, Oracle, Policy
from venterom.queue.snapshot import Snapshot

MEAN = 978 * 1000  # a whole patient, 16.3 min
EMPTY = 0.88  # the floor while nobody waits
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


def by_forecast(floor: float, manner: Manner) -> Rule:
    """Promise what is kept with this probability."""

    def answer(seen: Snapshot) -> Answer:
        p = p_keep(seen, seen.now + PROMISE, manner, floor)
        return Answer(p >= floor, p)

    return Rule(answer, manner)


def by_opportunity(strictness: float, manner: Manner) -> Rule:
    """Promise what is worth more than it costs others."""

    def answer(seen: Snapshot) -> Answer:
        deadline = seen.now + PROMISE
        if not seen.promises:
            p = p_keep(seen, deadline, manner, EMPTY)
            return Answer(p >= EMPTY, p)
        floor = gate.floor(gate.cost(seen, deadline, manner), strictness)
        p = p_keep(seen, deadline, manner, min(max(floor, 0.5), 0.995))
        return Answer(p >= floor, p)

    return Rule(answer, manner)


def reference() -> Rule:
    """The engine as it was first described: the old hold rule, and a floor of .90."""
    return by_forecast(0.90, REFERENCE)


def ours() -> Rule:
    """Asks nothing of the doctors: the hold by marginal harm."""
    return by_forecast(0.87, OURS)


def ours_defer() -> Rule:
    """… and notes are put off, as a debt that is paid back, where a promise is in danger."""
    return by_forecast(0.87, OURS_DEFER)


POLICIES: Mapping[str, Callable[[], Policy]] = {
    "always": lambda: Rule(always),
    "naive": lambda: Rule(naive),
    "longest": lambda: Rule(longest),
    "reference": reference,
    "ours": ours,
    "ours-defer": ours_defer,
    "ours-plan": ours,  # on days whose bookings the planner has placed
    "oracle": lambda: Oracle(REFERENCE),
}
PLANNED = "ours-plan"
