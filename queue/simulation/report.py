"""The benchmark as it is read: a table, and one line of JSON."""

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from venterom.queue.chance import Dice, seed
from venterom.queue.report import Share
from venterom.queue.simulation import days
from venterom.queue.simulation.driver import World, play_all
from venterom.queue.simulation.on_call import attended
from venterom.queue.simulation.planned import planned
from venterom.queue.simulation.policies import PLANNED, policy
from venterom.queue.simulation.score import Score, score
from venterom.queue.simulation.trace import Day, checksum

MINUTE = 60_000


class Run(NamedTuple):
    """What is to be simulated. The load is in thousandths."""

    scenario: str = "b3"
    rho: int = 800
    days: int = 20
    seed: int = 1
    policy: str = "ours-defer"
    on_call: int = 0  # doctors, who are called in where a promise is in danger


class Result(NamedTuple):
    """What came of it, beside what the oracle reached on the same days."""

    run: Run
    checksum: str
    score: Score
    oracle: Score


def trace(run: Run) -> list[Day]:
    """The days of a run."""
    scenario = days.SCENARIOS[run.scenario]
    made = list(days.days(scenario, run.rho, run.days, run.seed))
    if run.policy != PLANNED:
        return made
    expected = days.dropin_work(scenario, run.rho) // days.WORK
    return [planned(day, expected) for day in made]


def simulate(run: Run, clock: Callable[[], int] = lambda: 0) -> Result:
    """Play all days of the run; the clock, in nanoseconds, only measures what quotes cost."""
    made = trace(run)
    chosen = policy(run.policy, leans=run.on_call > 0)
    make = attended(Dice(seed(run.seed)), run.on_call) if run.on_call else World
    scored = score(play_all(made, chosen, clock, make))
    oracle = score(play_all(made, policy("oracle", leans=False)))
    return Result(run, checksum(made), scored, oracle)


def table(result: Result) -> str:
    """The figures, one a line."""
    run = result.run
    where = f"{run.policy} in {run.scenario}, load {run.rho / 1000:.2f}"
    rows = [f"{where}, {run.days} days of seed {run.seed}\ntrace {result.checksum}\n"]
    rows += [f"  {name:<38} {value:>13}" for name, value in _rows(result.score, result.oracle)]
    return "\n".join(rows)


def _rows(s: Score, oracle: Score) -> Iterator[tuple[str, str]]:
    yield "arrivals", f"{s.arrivals}"
    yield "promised 20 minutes", f"{s.promised_share:.4f}"
    yield "kept, of those not withdrawn", f"{s.kept_share:.4f}"
    low, high = Share(s.kept, s.promised - s.withdrawn).interval
    yield "… as far as chance allows, 95 %", f"{low:.4f} {high:.4f}"
    yield "kept in the worst hour", f"{s.worst_hour:.4f}"
    yield "withdrawn before the deadline", f"{s.withdrawn / max(s.promised, 1):.4f}"
    yield "refused", f"{1 - s.promised_share:.4f}"
    yield "kept promises, of the oracle's", f"{s.efficiency(oracle):.4f}"
    yield "promised by the oracle", f"{oracle.promised_share:.4f}"
    yield "booked begun within 2 minutes", f"{s.punctual(0):.4f}"
    yield "booked begun within 5 minutes", f"{s.punctual(1):.4f}"
    yield "wait, mean and 95th percentile (min)", f"{s.mean_wait:.1f} {s.wait(0.95):.1f}"
    yield "notes put off, a day", f"{s.put_off / s.days:.2f}"
    yield "calls of doctors on call, a day", f"{s.calls / s.days:.2f}"
    yield "kept, but only by help from outside", f"{s.rescued / max(s.promised, 1):.4f}"
    yield "overrun of all shifts (min a day)", f"{s.overrun / s.days / MINUTE:.1f}"
    yield "cost of a quote (µs)", f"{_us_per_quote(s):.0f}"
    for given, kept, count in s.calibration():
        yield f"promised with {given:.3f}: kept ({count})", f"{kept:.4f}"


def line(result: Result) -> str:
    """The figures as one line of JSON."""
    run, s = result.run, result.score
    return json.dumps(
        {
            "promised": round(s.promised_share, 4),
            "kept": round(s.kept_share, 4),
            "worst_hour": round(s.worst_hour, 4),
            "efficiency": round(s.efficiency(result.oracle), 4),
            "b2": round(s.punctual(0), 4),
            "b5": round(s.punctual(1), 4),
            "calibration": [[round(p, 4), round(k, 4), n] for p, k, n in s.calibration()],
            "escalations_per_day": round(s.calls / s.days, 3),
            "us_per_quote": round(_us_per_quote(s), 1),
            "policy": run.policy,
            "scenario": run.scenario,
            "rho": run.rho / 1000,
            "days": run.days,
            "seed": run.seed,
        }
    )


def _us_per_quote(s: Score) -> float:
    return s.quoting / max(s.quotes, 1) / 1000
