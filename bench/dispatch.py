"""What it costs, in CPU, to decide who is started next and by whom, with 500 doctors and up to
5,000 waiting; and how much memory such a state takes. The costs are those of the dearest of several
states. Prints one line of JSON last (`ms_5000`; `mb`; `exponent`: of the curve of cost against the
number waiting, 1 where twice as many cost twice as much)."""

import json
import math
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.manual import takes_nothing  # noqa: E402, the line above makes it importable
from venterom.queue.chance import Dice  # noqa: E402
from venterom.queue.dispatch import OURS_DEFER, claim  # noqa: E402
from venterom.queue.service import MINUTE  # noqa: E402
from venterom.queue.snapshot import Doctor, Promise, Snapshot  # noqa: E402
from venterom.queue.states import Phase  # noqa: E402

DOCTORS = 500
SIZES = (50, 500, 1_250, 2_500, 5_000)  # waiting
STATES = 20  # of each size
QUARTER = 15 * MINUTE
# A fifth of the doctors' time is booked, as in the scenarios of the simulation; or half of the
# doctors at every quarter of an hour, which is all that can be.
BOOKED = {"a fifth booked": 100, "all slots booked": 250}
USUAL = "a fifth booked"


def state(waiting: int, booked: int, dice: Dice) -> Snapshot:
    """One doctor in a hundred is idle, promises run out within the next twenty minutes, and so many
    slots lie at each quarter of the next two hours. Nothing is urgent: then doctors may be held."""
    soon = dice.below(QUARTER)
    return Snapshot(
        0,
        tuple(sorted((_doctor(dice) for _ in range(DOCTORS)), key=lambda each: each.last_start)),
        tuple(sorted(Promise(0, 2 * MINUTE + dice.below(18 * MINUTE)) for _ in range(waiting))),
        tuple(soon + QUARTER * n for n in range(8) for _ in range(booked)),
    )


def _doctor(dice: Dice) -> Doctor:
    last_start = dice.below(300 * MINUTE)
    if dice.happens(10):
        return Doctor(last_start, Phase.IDLE, -dice.below(5 * MINUTE))
    phase, longest = (Phase.CONSULT, 20) if dice.happens(700) else (Phase.WRAP, 4)
    return Doctor(last_start, phase, -dice.below(longest * MINUTE))


def cost(seen: Snapshot) -> float:
    """Milliseconds of CPU for one decision."""
    began = time.process_time_ns()
    claim(seen, OURS_DEFER)
    return (time.process_time_ns() - began) / 1e6


def dearest(waiting: int, booked: int) -> float:
    """… for the dearest of the states."""
    dice = Dice(1)
    return max(cost(state(waiting, booked, dice)) for _ in range(STATES))


def megabytes() -> float:
    """What the largest state and one decision on it take."""
    tracemalloc.start()
    seen = state(max(SIZES), max(BOOKED.values()), Dice(1))
    claim(seen, OURS_DEFER)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def exponent(costs: dict[int, float]) -> float:
    """The slope of the logarithms."""
    xs, ys = zip(*((math.log(n), math.log(ms)) for n, ms in costs.items()), strict=True)
    return statistics.linear_regression(xs, ys).slope


def main() -> None:
    """Measure and print."""
    print(f"{DOCTORS} doctors; milliseconds by how many wait")
    print(" " * 16 + "".join(f"{n:>9,}" for n in SIZES))
    curves = {name: {n: dearest(n, booked) for n in SIZES} for name, booked in BOOKED.items()}
    for name, costs in curves.items():
        print(f"{name:16}" + "".join(f"{ms:9.2f}" for ms in costs.values()))
    usual = curves[USUAL]
    print(
        json.dumps(
            {
                "ms_5000": round(usual[5_000], 3),
                "ms_5000_all_booked": round(curves["all slots booked"][5_000], 3),
                "mb": round(megabytes(), 2),
                "exponent": round(exponent(usual), 3),
            }
        )
    )


if __name__ == "__main__":
    takes_nothing(__doc__)
    main()
