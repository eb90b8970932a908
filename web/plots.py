"""Plots as plain numbers: where each mark of a picture lies. `plot.html` draws them as SVG.

Units are those of the picture's own grid, with y growing downwards. Words are the template's.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from venterom.queue.hours import wall
from venterom.queue.outlook import Hour
from venterom.queue.promise import Decision
from venterom.queue.report import Bin, Share

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 30  # room for the words of the axes
TARGET = 0.99  # of the promises are to be kept
LEAST_KEPT = 0.8  # where the axis of kept shares begins; what lies below is drawn there


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies, to a tenth; outside the scale, at its edge."""
        inside = min(max(value, self.low), self.high)
        part = (inside - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A value beside an axis."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot, and the line from `top` to `bottom` within which chance alone may move it."""

    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Dots:
    """Shares as dots: over the hours of a day, or against what was foretold."""

    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    target: float | None = None  # the height of a share that is aimed at
    ideal: tuple[float, float, float, float] | None = None  # x1, y1, x2, y2: foretold is what came


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a column."""

    kind: str  # a decision, or "patients": the name of its shade
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    """Counts as columns, each made of its kinds; and others beside them as dots."""

    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    blocks: tuple[Block, ...]
    marks: tuple[Mark, ...] = ()


def kept_by_hour(by_hour: Mapping[int, Share], target: float) -> Dots:
    """The kept share of each hour of the day. The axis begins at 80 %: say so in the title."""
    across, up = _hours(by_hour), _up(LEAST_KEPT, 1)
    marks = [_mark(across.at(hour), share, up) for hour, share in by_hour.items()]
    ticks = tuple(Tick(across.at(hour), hour) for hour in _shown(by_hour))
    return Dots(ticks, _shares(up), tuple(marks), up.at(target))


def foretold(bins: Iterable[Bin]) -> Dots:
    """What came of promises against what was foretold; on the line, both are the same."""
    across = Scale(LEAST_KEPT, 1, LEFT + 8, WIDTH - 2 * RIGHT)  # room for the last word
    up = _up(LEAST_KEPT, 1)
    marks = [_mark(across.at(each.foretold), each.kept, up) for each in bins]
    corner = (across.start, up.start, across.end, up.end)
    return Dots(_shares(across), _shares(up), tuple(marks), ideal=corner)


def counted(by_hour: Mapping[int, Mapping[Decision, int]], kinds: Sequence[Decision]) -> Columns:
    """What was offered in each hour: the kinds on each other, in their order from the ground."""
    most = max((sum(counts.values()) for counts in by_hour.values()), default=0)
    across, up = _hours(by_hour), _up(0, round_up(most))
    width = round(0.7 * (across.end - across.start) / max(len(_span(by_hour)), 1), 1)
    blocks = []
    for hour, counts in by_hour.items():
        below = 0
        for kind in kinds:
            height = round(up.at(below) - up.at(below + counts.get(kind, 0)), 1)
            below += counts.get(kind, 0)
            if height:
                x = round(across.at(hour) - width / 2, 1)
                blocks.append(Block(kind, x, up.at(below), width, height))
    ticks = tuple(Tick(across.at(hour), hour) for hour in _shown(by_hour))
    return Columns(ticks, _halves(up), tuple(blocks))


def patients_and_doctors(hours: Sequence[Hour]) -> Columns:
    """The hours to come: patients who are expected as columns, doctors who are planned as dots."""
    across = _places(hours)
    most = max((max(each.doctors, each.patients or 0) for each in hours), default=0)
    up = _up(0, round_up(math.ceil(most)))
    width = round(0.7 * (across.end - across.start) / max(len(hours), 1), 1)
    blocks = []
    for n, hour in enumerate(hours):
        if hour.patients:
            y = up.at(hour.patients)
            x = round(across.at(n) - width / 2, 1)
            blocks.append(Block("patients", x, y, width, round(up.start - y, 1)))
    heights = (up.at(hour.doctors) for hour in hours)
    marks = tuple(Mark(across.at(n), y, y, y) for n, y in enumerate(heights))
    return Columns(_clock(hours, across), _halves(up), tuple(blocks), marks)


def promised_ahead(hours: Sequence[Hour]) -> Dots:
    """The hours to come: which share of those who ask will be promised twenty minutes."""
    across, up = _places(hours), _up(0, 1)
    marks = tuple(
        _mark(across.at(n), each.promised, up)
        for n, each in enumerate(hours)
        if each.promised and each.promised.whole
    )
    quarters = tuple(Tick(up.at(n / 4), n / 4) for n in range(5))
    return Dots(_clock(hours, across), quarters, marks)


def by_month(months: Sequence[tuple[int, int]]) -> Columns:
    """A count for each month, by its number in the year."""
    across, up = _places(months), _up(0, round_up(max((n for _, n in months), default=0)))
    width = round(0.7 * (across.end - across.start) / max(len(months), 1), 1)
    blocks = [
        Block("uses", round(across.at(place) - width / 2, 1), y, width, round(up.start - y, 1))
        for place, (_month, count) in enumerate(months)
        if count and (y := up.at(count))
    ]
    return Columns(_numbered([month for month, _ in months]), _halves(up), tuple(blocks))


def kept_by_month(
    months: Sequence[int], told: Mapping[int, tuple[int, int]], target: float
) -> Dots:
    """The kept share of months, by number in the year; `told` says how many were kept of how many,
    at the places where that is known. The axis begins at 80 %: say so in the title."""
    across, up = _places(months), _up(LEAST_KEPT, 1)
    marks = tuple(_mark(across.at(place), Share(*count), up) for place, count in told.items())
    return Dots(_numbered(months), _shares(up), marks, up.at(target))


def round_up(most: int) -> int:
    """The top of an axis for counts up to `most`: 2, 4 or 10, and so on by tens."""
    tens = 1
    while tens * 10 < most:
        tens *= 10
    return next(n * tens for n in (2, 4, 10) if n * tens >= most)


def _mark(x: float, share: Share, up: Scale) -> Mark:
    low, high = share.interval
    return Mark(x, up.at(share.value or 0), up.at(high), up.at(low))


def _up(low: float, high: float) -> Scale:
    return Scale(low, high, HEIGHT - BOTTOM, TOP)


def _hours(by_hour: Mapping[int, object]) -> Scale:
    hours = _span(by_hour)
    return Scale(hours.start - 0.5, hours.stop - 0.5, LEFT, WIDTH - RIGHT)


def _places(each: Sequence[object]) -> Scale:
    return Scale(-0.5, max(len(each), 1) - 0.5, LEFT, WIDTH - RIGHT)


def _numbered(months: Sequence[int]) -> tuple[Tick, ...]:
    across = _places(months)
    return tuple(Tick(across.at(place), month) for place, month in enumerate(months))


def _clock(hours: Sequence[Hour], across: Scale) -> tuple[Tick, ...]:
    shown = _shown(dict.fromkeys(range(len(hours))))
    return tuple(Tick(across.at(n), wall(hours[n].begins).hour) for n in shown if hours)


def _halves(up: Scale) -> tuple[Tick, ...]:
    return tuple(Tick(up.at(n), n) for n in (0, up.high / 2, up.high))


def _span(by_hour: Mapping[int, object]) -> range:
    """From the first to the last hour that has anything; a day where none has."""
    return range(min(by_hour, default=0), max(by_hour, default=23) + 1)


def _shown(by_hour: Mapping[int, object]) -> range:
    """The hours that have a word under them: not more than fit."""
    hours = _span(by_hour)
    return hours[:: 1 if len(hours) <= 8 else 2 if len(hours) <= 16 else 4]


def _shares(scale: Scale) -> tuple[Tick, ...]:
    """A word at each twentieth."""
    first = round(scale.low * 20)
    return tuple(Tick(scale.at(n / 20), n / 20) for n in range(first, 21))
