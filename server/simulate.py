"""`venterom queue simulate`: invented days under a policy. `bench/promise.py` is the same."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable

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

Twenty days of b3 take some seconds, 250 a few minutes; b6 takes about three times as long.
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

The line of JSON:
  promised     share of all who came who were promised twenty minutes
  kept         … of the promises that were not withdrawn before their time
  worst_hour   kept in the worst hour of the day that has 100 promises
  efficiency   kept promises, of those that the oracle keeps; 0 where kept is below .99
  b2, b5       booked patients begun within 2 and 5 minutes
  calibration  [probability that was computed, share kept, promises], for four bins from .90 on
  escalations_per_day  calls of doctors on call; 0 without --on-call
  us_per_quote         microseconds of CPU for one quote
  policy, scenario, rho, days, seed   what was asked for

Examples:
  venterom queue simulate --policy always --scenario mm3 --rho .8 --days 250
  venterom queue simulate --policy ours --days 250 --seed 2
  venterom queue simulate --on-call 2 --days 60
"""

MOST_DAYS = 10_000
MOST_ON_CALL = 9
MOST_SEED = (1 << 63) - 1


def add_options(parser: argparse.ArgumentParser) -> None:
    """What a run takes."""
    plain = Run()
    parser.add_argument(
        "--scenario",
        type=_one_of("scenario", SCENARIOS),
        default=plain.scenario,
        metavar="NAME",
        help="what a day is made of, see below (default: %(default)s)",
    )
    parser.add_argument(
        "--rho",
        type=_load,
        default=plain.rho,
        metavar="LOAD",
        help="work offered to the doctors' time, .3 to 1.5; below 1 in mm3 and mm6 (default: .8)",
    )
    parser.add_argument(
        "--days",
        type=_days,
        default=plain.days,
        metavar="N",
        help="how many; figures are comparable from 250 on, and 20 show that it works "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        default=plain.seed,
        metavar="N",
        help="which days: reported are 1 to 5, and policies were tuned on 101 and above "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--policy",
        type=_one_of("policy", POLICIES),
        default=plain.policy,
        metavar="NAME",
        help="who promises, see below (default: %(default)s)",
    )
    parser.add_argument(
        "--on-call",
        type=_on_call,
        default=plain.on_call,
        metavar="N",
        help="so many doctors on call are paged where a promise is in danger, by the rule of the "
        "service; each answers seven of ten calls, comes in 5 to 11 minutes, and takes two "
        "patients at most (default: %(default)s)",
    )


def run(chosen: argparse.Namespace) -> None:
    """Simulate and print."""
    wanted = Run(
        chosen.scenario, chosen.rho, chosen.days, chosen.seed, chosen.policy, chosen.on_call
    )
    if SCENARIOS[wanted.scenario].markov and wanted.rho >= 1000:
        sys.exit("venterom: M/M/c has no answer at a load of 1 or more; give a --rho below 1.")
    result = simulate(wanted, time.process_time_ns)
    print(table(result))
    print(line(result))


def _one_of(what: str, names: Iterable[str]) -> Callable[[str], str]:
    known = tuple(names)

    def named(text: str) -> str:
        if text not in known:
            raise argparse.ArgumentTypeError(f"{text!r} is no {what}; take {', '.join(known)}")
        return text

    return named


def _load(text: str) -> int:
    try:
        thousandths = round(float(text) * 1000)
    except (ValueError, OverflowError):
        thousandths = 0
    if not 300 <= thousandths <= 1500:
        raise argparse.ArgumentTypeError(f"{text!r} is no load; take a number from .3 to 1.5")
    return thousandths


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of days; take one from 1 to {MOST_DAYS}"
        )
    return int(text)


def _on_call(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_ON_CALL:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of doctors; take one from 0 to {MOST_ON_CALL}"
        )
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; take a whole number from 0 on")
    return int(text)
