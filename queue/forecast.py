"""Whether a promise can be kept: the count where it is plain, Monte Carlo where it is not.

One code for the service and for the simulation. The count decides what is nearly certain or clearly
hopeless; what lies between is played forward with the real dispatch.
"""

from bisect import bisect_right

from venterom.queue.count import p_count
from venterom.queue.dispatch import Manner
from venterom.queue.hold import WINDOW
from venterom.queue.montecarlo import p_mc
from venterom.queue.snapshot import Promise, Snapshot

NEARLY_CERTAIN = 0.995
HOPELESS = 0.60


def p_keep(seen: Snapshot, deadline: int, manner: Manner, floor: float) -> float:
    """P(a new patient with this deadline is started by it). Exact enough to compare with floor."""
    ahead = bisect_right(seen.promises, Promise(0, deadline))
    # A slot behind the deadline takes no place in line, but a doctor may be held for it.
    heldfor = sum(slot <= deadline + WINDOW for slot in seen.slots)
    p = p_count(seen, deadline, ahead + heldfor)
    if p >= NEARLY_CERTAIN:
        return p
    before = sum(slot + manner.hold.key <= deadline for slot in seen.slots)
    p = p_count(seen, deadline, ahead + before) if before < heldfor else p
    if p <= HOPELESS and not manner.defers:
        return p
    return p_mc(seen, deadline, manner, floor)
