"""The scenarios of the benchmark, and the days that a seed makes of them. All is invented."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from venterom.queue import quantiles
from venterom.queue.chance import Dice, seed
from venterom.queue.service import MINUTE, NO_SHOW, NO_SHOW_COST
from venterom.queue.simulation.trace import NEVER, Day, Shift, Visit

OPEN = 900 * MINUTE  # 07:00 to 22:00
HOUR = 60 * MINUTE
# How busy each hour from 07 is, in hundredths of an average one.
HOURS = (70, 120, 120, 110, 100, 95, 90, 80, 100, 115, 120, 110, 100, 90, 50)
PATIENCE = 200 * MINUTE  # mean; exponential
WORK = 978 * 1000  # a whole patient on average, 16.3 min, with those who are not there
BOOKED = 200  # thousandths of the doctors' time
GRID = 15 * MINUTE
LAST_SLOT = 20 * MINUTE  # no slot in this last part of the day
LASTING = 1440 * MINUTE  # long enough for everybody who came in time, where doctors never leave

THREE = ((0, 420), (0, 420), (60, 480), (420, 840), (480, 900), (480, 900))  # minutes


class Scenario(NamedTuple):
    """What a day is made of."""

    name: str
    number: int  # goes into the seed
    shifts: Sequence[tuple[int, int]] = ()
    markov: int = 0  # so many doctors who never leave, and everything exponential
    speed: int = 0  # standard deviation of a doctor's speed, thousandths
    demand: int = 0  # … of a day's demand
    loss: int = 0  # thousandths of the doctors who vanish in an hour


SCENARIOS = {
    each.name: each
    for each in (
        Scenario("b3", 3, THREE),
        Scenario("b6", 6, THREE + THREE),
        Scenario("stress", 4, THREE, speed=150, demand=200, loss=30),
        Scenario("mm3", 103, markov=3),
        Scenario("mm6", 106, markov=6),
    )
}


def days(scenario: Scenario, rho: int, count: int, start: int) -> Iterator[Day]:
    """So many days at a load of `rho` thousandths, from one seed."""
    if scenario.markov:
        yield from _markov_days(scenario, rho, count, start)
        return
    for number in range(count):
        yield _day(scenario, rho, Dice(seed(scenario.number, rho, start, number)))


def _day(scenario: Scenario, rho: int, dice: Dice) -> Day:
    shifts = tuple(_shift(scenario, on * MINUTE, off * MINUTE, dice) for on, off in scenario.shifts)
    demand = max(dice.spread(1000, scenario.demand), 300) if scenario.demand else 1000
    dropins = dropin_work(scenario, rho) * demand // 1000
    booked = _booked(shifts, on_duty(scenario), dice)
    return Day(shifts, booked, tuple(_dropins(dropins, dice)))


def on_duty(scenario: Scenario) -> int:
    """The doctors' time of one day."""
    return sum(off - on for on, off in scenario.shifts) * MINUTE


def dropin_work(scenario: Scenario, rho: int) -> int:
    """The work that drop-ins bring on an average day, at a load of `rho` thousandths."""
    return on_duty(scenario) * max(rho - BOOKED, 0) // 1000


def _shift(scenario: Scenario, on: int, off: int, dice: Dice) -> Shift:
    speed = max(dice.spread(1000, scenario.speed), 500) if scenario.speed else 1000
    lost = on + dice.exponential(HOUR * 1000 // scenario.loss) if scenario.loss else NEVER
    return Shift(on, off, lost if lost < off else NEVER, speed)


def _booked(shifts: Sequence[Shift], time: int, dice: Dice) -> tuple[Visit, ...]:
    """Slots on the grid, at most half of the doctors on duty at each time of it."""
    seats = [slot for slot in range(0, OPEN, GRID) for _ in range(seats_at(shifts, slot))]
    dice.shuffle(seats)
    wanted = (time * BOOKED // 1000 + WORK // 2) // WORK
    return tuple(Visit(slot, *durations(dice)) for slot in sorted(seats[:wanted]))


def seats_at(shifts: Sequence[Shift], slot: int) -> int:
    """How many may be booked at this time: at most half of the doctors on duty."""
    if slot > OPEN - LAST_SLOT:
        return 0
    return sum(shift.on <= slot < shift.off for shift in shifts) // 2


def _dropins(work: int, dice: Dice) -> Iterator[Visit]:
    """A Poisson process that runs faster in busy hours."""
    weight = sum(HOURS) * HOUR
    gap = weight * WORK // work if work else NEVER
    passed = dice.exponential(gap)
    while passed < weight:
        yield Visit(_when(passed), *durations(dice), dice.exponential(PATIENCE))
        passed += dice.exponential(gap)


def _when(passed: int) -> int:
    """The time at which so much of the weight of the hours has passed."""
    at = 0
    for hour in HOURS:
        if passed < hour * HOUR:
            return at + passed // hour
        passed -= hour * HOUR
        at += HOUR
    return at


def durations(dice: Dice) -> tuple[int, int]:
    """A consultation and its note; a note of 0 for somebody who is not there."""
    if dice.happens(NO_SHOW):
        return NO_SHOW_COST, 0
    return dice.from_table(quantiles.CONSULTATION), dice.from_table(quantiles.WRAP_UP)


def _markov_days(scenario: Scenario, rho: int, count: int, start: int) -> Iterator[Day]:
    """Days of a queue M/M/c that has been running for ever.

    Each begins with a number of patients from the stationary distribution, and these numbers are
    spread evenly over the days: at high load chance alone would need thousands of days. Where a day
    does not remember its beginning for long, it is longer instead.
    """
    servers, end = scenario.markov, OPEN * max(1000 - rho, 100) // 100
    dice = Dice(seed(scenario.number, rho, start))
    order = list(range(count))
    dice.shuffle(order)
    shifts = (Shift(0, end + LASTING),) * servers
    for place in order:
        present = _stationary((place + dice.bits(32) / (1 << 32)) / count, rho / 1000, servers)
        times = [0] * present
        at = dice.exponential(WORK * 1000 // (rho * servers))
        while at < end:
            times.append(at)
            at += dice.exponential(WORK * 1000 // (rho * servers))
        visits = tuple(Visit(time, max(dice.exponential(WORK), 1), 1) for time in times)
        yield Day(shifts, (), visits, present)


def _stationary(quantile: float, rho: float, servers: int) -> int:
    """How many are present with this probability at most, in M/M/c."""
    empty = 1 / erlang_sum(rho, servers)
    below, term, n = empty, empty, 0
    while below < quantile and n < 1000:
        n += 1
        term *= rho * servers / min(n, servers)
        below += term
    return n


def erlang_sum(rho: float, servers: int) -> float:
    """One over the probability that M/M/c is empty."""
    total = term = 1.0
    for n in range(1, servers):
        term *= rho * servers / n
        total += term
    return total + term * rho / (1 - rho)
