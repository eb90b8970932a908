"""What a policy did, in figures: from what the driver saw, never from what the policy says."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from venterom.queue.future import NEVER
from venterom.queue.promise import Outcome
from venterom.queue.service import MINUTE
from venterom.queue.simulation.told import Played, Told

HOUR = 60 * MINUTE
ENOUGH = 100  # promises, before an hour of the day is judged
REQUIRED = 0.99  # kept; a policy that keeps less has no efficiency
BINS = (0.90, 0.95, 0.98, 0.995, 1.01)  # of the probability that a promise was given with
MINUTES_LATE = (2, 5)


@dataclass(slots=True)
class Hour:
    """Promises of one hour of the day, over all days."""

    kept: int = 0
    counted: int = 0  # kept or broken; withdrawn before the deadline is left out


@dataclass(slots=True)
class Bin:
    """Promises that were given with about the same probability."""

    total: float = 0.0  # of these probabilities
    kept: int = 0
    counted: int = 0


@dataclass(slots=True)
class Score:
    """The figures of many days."""

    days: int = 0
    arrivals: int = 0
    promised: int = 0
    kept: int = 0
    withdrawn: int = 0
    put_off: int = 0
    calls: int = 0  # of the doctor on call
    rescued: int = 0  # kept by help from outside
    overrun: int = 0
    worked: int = 0
    quoting: int = 0
    quotes: int = 0
    booked: int = 0
    on_time: list[int] = field(default_factory=lambda: [0] * len(MINUTES_LATE))
    waits: list[int] = field(default_factory=list)
    hours: dict[int, Hour] = field(default_factory=dict)
    bins: list[Bin] = field(default_factory=lambda: [Bin() for _ in BINS[1:]])

    def add(self, day: Played) -> None:
        """Count one day."""
        self.days += 1
        self.put_off += day.put_off
        self.calls += day.calls
        self.overrun += day.overrun
        self.worked += day.worked
        self.quoting += day.quoting
        self.quotes += day.quotes
        self.arrivals += len(day.arrivals)
        for told in day.arrivals:
            if told.promised:
                self._promise(told)
        self.booked += len(day.booked)
        for told in day.booked:
            for n, minutes in enumerate(MINUTES_LATE):
                self.on_time[n] += told.started <= told.at + minutes * MINUTE

    def _promise(self, told: Told) -> None:
        self.promised += 1
        if told.started < NEVER:
            self.waits.append(told.started - told.at)
        if told.outcome is Outcome.WITHDRAWN:
            self.withdrawn += 1
            return
        kept = told.outcome is Outcome.KEPT
        self.kept += kept
        self.rescued += kept and told.rescued
        hour = self.hours.setdefault(told.at // HOUR, Hour())
        hour.kept += kept
        hour.counted += 1
        for low, high, each in zip(BINS, BINS[1:], self.bins, strict=False):
            if low <= told.p < high:
                each.total += told.p
                each.kept += kept
                each.counted += 1

    @property
    def promised_share(self) -> float:
        """Promises for each arrival."""
        return _share(self.promised, self.arrivals)

    @property
    def kept_share(self) -> float:
        """… of all promises that were not withdrawn, by the first deadline."""
        return _share(self.kept, self.promised - self.withdrawn)

    @property
    def worst_hour(self) -> float:
        """The kept share of the worst hour of the day that has enough promises."""
        hours = (hour for hour in self.hours.values() if hour.counted >= ENOUGH)
        return min((hour.kept / hour.counted for hour in hours), default=1.0)

    def punctual(self, number: int) -> float:
        """The share of booked patients started within 2 minutes (0) or 5 (1)."""
        return _share(self.on_time[number], self.booked)

    def efficiency(self, oracle: "Score") -> float:
        """Kept promises for each one that the oracle keeps on the same days; 0 below the goal."""
        return _share(self.kept, oracle.kept) if self.kept_share >= REQUIRED else 0.0

    def calibration(self) -> list[tuple[float, float, int]]:
        """By bins: the mean probability that was given, the share kept, and how many."""
        filled = (each for each in self.bins if each.counted)
        return [(b.total / b.counted, b.kept / b.counted, b.counted) for b in filled]

    def wait(self, share: float) -> float:
        """The wait, in minutes, that so many of those promised do not exceed."""
        waits = sorted(self.waits)
        return waits[int(share * (len(waits) - 1))] / MINUTE if waits else 0.0

    @property
    def mean_wait(self) -> float:
        """In minutes, of those who were promised and started."""
        return sum(self.waits) / len(self.waits) / MINUTE if self.waits else 0.0


def score(days: Iterable[Played]) -> Score:
    """The figures of these days."""
    total = Score()
    for day in days:
        total.add(day)
    return total


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
