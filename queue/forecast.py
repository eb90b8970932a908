"""Whether a promise can be kept: the count where it is plain, Monte Carlo where it is not.

One code for the service and for the simulation. The count decides what is nearly certain or clearly
hopeless; what lies between is played forward with the real dispatch. Where that would take too long
the count decides alone: with so many doctors it is as good, and a little more cautious.
"""

from bisect import bisect_right

from venterom.queue.count import p_count
from venterom.queue.dispatch import DROPIN, Job, Manner
from venterom.queue.hold import WINDOW
from venterom.queue.montecarlo import FUTURES, NEW, share, waiting
from venterom.queue.service import Service
from venterom.queue.snapshot import Promise, Snapshot

MODEL = "futures-2"  # a change of the code that changes the numbers changes it
NEARLY_CERTAIN = 0.995
HOPELESS = 0.50
HOPELESS_DEFERRING = 0.30  # the count knows nothing of notes that are put off
LOST_CAUSE = 0.5  # a promise less likely than this is rescued by other means, and binds nobody

# What a quote may cost: starts times doctors of one future, and of all futures together.
DEAREST_FUTURE = 100
DEAREST_QUOTE = 12_000


def model(service: Service) -> str:
    """The name in every line of the ledger: of the code, and of what had been learned by then."""
    return f"{MODEL}.{service.version}"


def forecast(seen: Snapshot, deadline: int, manner: Manner, floor: float) -> tuple[float, float]:
    """P(a new promise is kept), and the least P among the promises that it would be put before.

    They are exact enough to be compared with the floor, and no more: both stop when it is clear.
    """
    new = Promise(0, deadline)
    least = 1.0
    for number in range(bisect_right(seen.promises, new), len(seen.promises)):
        after = _p(seen, number, manner, floor, new)
        if after < least and (after >= floor or _p(seen, number, manner, LOST_CAUSE) >= LOST_CAUSE):
            least = after
    return p_keep(seen, deadline, manner, floor), least


def p_keep(seen: Snapshot, deadline: int, manner: Manner, floor: float) -> float:
    """P(a new patient with this deadline is started by it)."""
    ahead = bisect_right(seen.promises, Promise(0, deadline))
    return _likely(seen, deadline, ahead, manner, floor, NEW, Job(0, deadline, DROPIN, NEW))


def p_waiting(seen: Snapshot, number: int, manner: Manner, floor: float) -> float:
    """P(one of those who wait is started in time)."""
    return _p(seen, number, manner, floor)


def _p(
    seen: Snapshot, number: int, manner: Manner, floor: float, new: Promise | None = None
) -> float:
    """P(one of those who wait is started in time), perhaps with a new one before it."""
    deadline = seen.promises[number].deadline
    more = () if new is None else (Job(*new, DROPIN, NEW),)
    return _likely(seen, deadline, number + len(more), manner, floor, number, *more)


def _likely(
    seen: Snapshot,
    deadline: int,
    ahead: int,
    manner: Manner,
    floor: float,
    target: int,
    *more: Job,
) -> float:
    """P(the target is started by the deadline) with so many promises ahead."""
    # A slot behind the deadline takes no place in line, but a doctor may be held for it.
    held_for = sum(slot <= deadline + WINDOW for slot in seen.slots)
    p = p_count(seen, deadline, ahead + held_for)
    if p >= NEARLY_CERTAIN:
        return p
    before = sum(slot + manner.hold.key <= deadline for slot in seen.slots)
    p = p_count(seen, deadline, ahead + before)
    cost = (ahead + before + 1) * (len(seen.doctors) + 1)
    hopeless = HOPELESS_DEFERRING if manner.defers else HOPELESS
    if p <= hopeless or cost > DEAREST_FUTURE:
        return p
    futures = min(FUTURES, DEAREST_QUOTE // cost)
    return share(waiting(seen, manner, *more), seen.seed(), deadline, target, floor, futures)
