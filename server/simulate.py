"""`venterom queue simulate`: invented days under a policy. `bench/promise.py` is the same."""

import argparse
import sys
import time

from venterom.queue.simulation.days import SCENARIOS
from venterom.queue.simulation.policies import POLICIES
from venterom.queue.simulation.report import Run, line, simulate, table

MANUAL = """\
Plays invented days with a policy and prints what came of it: a table, and one line of JSON.

The days are made from the seed, in whole milliseconds, so everybody who runs this gets the same
days (their SHA-256 is printed) and the same figures. The policies see only what can be observed in
a waiting room; the driver does what they say and keeps the score. What runs is the engine of the
service itself. All durations and the demand are invented: the figures compare policies, they say
nothing about a real service.
"""

EPILOG = """\
Scenarios:
  b3, b6    2 to 3 (4 to 6) doctors from 07 to 22, a fifth of their time booked
  stress    b3 with doctors of different speed, doctors who vanish, and uneven demand
  mm3, mm6  M/M/c without slots or closing: what theory knows the answer to

Policies:
  always      everybody is promised twenty minutes
  naive       place in line times the mean duration, shared by the doctors on duty
  longest     the longest wait so far and fifteen minutes
  reference   Monte Carlo with a floor of .90, and doctors kept free until slots are safe
  ours        nothing is asked of the doctors; they are kept free only where going would do harm
  ours-defer  … and a note is put off, as a debt that is paid back, where a promise is in danger
  ours-plan   ours, with bookings placed where there is most room: a scenario of its own
  oracle      knows how long everybody will take

Examples:
  venterom queue simulate --policy always --scenario mm3 --rho .8 --days 250
  venterom queue simulate --policy ours --days 250 --seed 2
"""

MOST_DAYS = 10_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """What a run takes."""
    plain = Run()
    parser.add_argument(
        "--scenario", choices=SCENARIOS, default=plain.scenario, help="(default: %(default)s)"
    )
    parser.add_argument(
        "--rho",
        type=_load,
        default=plain.rho,
        metavar="LOAD",
        help="work offered to the doctors' time, .3 to 1.5; below 1 in mm3 and mm6 (default: .8)",
    )
    parser.add_argument(
        "--days", type=_count, default=plain.days, help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=plain.seed,
        help="which days; policies were tuned on 101 and above (default: %(default)s)",
    )
    parser.add_argument(
        "--policy", choices=POLICIES, default=plain.policy, help="(default: %(default)s)"
    )
    parser.add_argument(
        "--on-call",
        action="store_true",
        help="a doctor on call is paged where a promise is in danger, by the rule of the service",
    )


def run(chosen: argparse.Namespace) -> None:
    """Simulate and print."""
    wanted = Run(
        chosen.scenario, chosen.rho, chosen.days, chosen.seed, chosen.policy, chosen.on_call
    )
    if SCENARIOS[wanted.scenario].markov and wanted.rho >= 1000:
        sys.exit("venterom: M/M/c has no answer at a load of 1 or more.")
    result = simulate(wanted, time.process_time_ns)
    print(table(result))
    print(line(result))


def _load(text: str) -> int:
    try:
        thousandths = round(float(text) * 1000)
    except ValueError:
        thousandths = 0
    if not 300 <= thousandths <= 1500:
        raise argparse.ArgumentTypeError(f"{text!r} is no load from .3 to 1.5")
    return thousandths


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_DAYS}")
    return int(text)
