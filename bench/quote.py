"""What a quote costs, in CPU, for waiting rooms of several sizes: the twenty minutes alone, and
with every later time until one can be kept. Prints one line of JSON last (`p99_ms`, `fast_ms`: of
the largest one)."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.manual import takes_nothing  # noqa: E402, the line above makes it importable
from venterom.queue.chance import Dice  # noqa: E402
from venterom.queue.dispatch import OURS_DEFER  # noqa: E402
from venterom.queue.forecast import forecast  # noqa: E402
from venterom.queue.service import MINUTE  # noqa: E402
from venterom.queue.snapshot import Doctor, Promise, Snapshot  # noqa: E402
from venterom.queue.states import Phase  # noqa: E402

SIZES = ((3, 3), (6, 5), (12, 12), (12, 40))  # doctors, waiting
STATES = 200  # of each size
LATER = (30, 40, 60, 90, 120)  # minutes


def state(doctors: int, waiting: int, dice: Dice) -> Snapshot:
    """Somebody busy everywhere, promises within twenty minutes, and slots of the next two hours."""
    return Snapshot(
        0,
        tuple(sorted((_doctor(dice) for _ in range(doctors)), key=lambda d: d.last_start)),
        tuple(sorted(Promise(0, dice.below(20 * MINUTE)) for _ in range(waiting))),
        tuple(sorted(15 * MINUTE * (1 + dice.below(8)) for _ in range(doctors // 2))),
    )


def _doctor(dice: Dice) -> Doctor:
    phase, longest = (Phase.CONSULT, 20) if dice.below(10) < 7 else (Phase.WRAP, 4)
    return Doctor(60 * MINUTE + dice.below(300 * MINUTE), phase, -dice.below(longest * MINUTE))


def twenty(seen: Snapshot) -> None:
    """Ask for twenty minutes."""
    forecast(seen, 20 * MINUTE, OURS_DEFER, 0.87)


def everything(seen: Snapshot) -> None:
    """… and for later times."""
    twenty(seen)
    for minutes in LATER:
        if min(forecast(seen, minutes * MINUTE, OURS_DEFER, 0.98)) >= 0.98:
            break


def cost(ask: Callable[[Snapshot], None], seen: Snapshot) -> float:
    """Milliseconds of CPU."""
    began = time.process_time_ns()
    ask(seen)
    return (time.process_time_ns() - began) / 1e6


def main() -> None:
    """Measure and print."""
    fast = whole = 0.0
    for doctors, waiting in SIZES:
        dice = Dice(1)
        states = [state(doctors, waiting, dice) for _ in range(STATES)]
        costs = [sorted(cost(ask, seen) for seen in states) for ask in (twenty, everything)]
        fast, whole = (each[STATES * 99 // 100] for each in costs)
        medians = [each[STATES // 2] for each in costs]
        print(
            f"{doctors:2} doctors, {waiting:2} waiting: twenty minutes {medians[0]:5.2f} ms,"
            f" p99 {fast:5.2f}; all times {medians[1]:5.2f} ms, p99 {whole:5.2f}"
        )
    print(json.dumps({"p99_ms": round(whole, 3), "fast_ms": round(fast, 3)}))


if __name__ == "__main__":
    takes_nothing(__doc__)
    main()
