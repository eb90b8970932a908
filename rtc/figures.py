"""The figures of one call: what the pages measure, whether a network is weak, and what is kept.

Figures only: no content, no address, no browser. Times are seconds of one steady clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from venterom.rtc.quality import Figures, Finding, Verdict, judge, per_mille

EVERY = 10.0  # seconds between two samples of a page
SOONEST = 5.0  # seconds after the one before; what comes earlier is not looked at
MOST_SAMPLES = 1440  # of one seat: four hours, as long as a ticket lives
FLIPS = 2  # samples in a row that say otherwise until a network is called weak, or good again
OWN = {Finding.DELAY}  # the round trip is to the server; all else is of the way between the two

# What a sample may hold, and the most of it that a call can have in one; absent is not known.
MOST: Mapping[str, int] = {
    "round_trip_ms": 60_000,
    "jitter_ms": 60_000,
    "came": 100_000,  # packets since the last sample
    "lost": 100_000,
    "kbit_in": 100_000,
    "kbit_out": 100_000,
    "room_kbit": 10_000_000,
    "freezes": 1_000,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one seat's call. None is not known."""

    seat: str
    seconds: int  # from its first connection to the end
    samples: int
    reconnects: int  # connections after the first
    lost: int | None  # of a thousand packets that should have come to this seat
    round_trip_p50: int | None  # milliseconds to the server and back
    round_trip_p95: int | None
    jitter: int | None  # milliseconds, p50
    kbit_in: int | None  # mean
    kbit_out: int | None
    freezes: int | None  # of the picture that this seat was sent


@dataclass(slots=True)
class Steady:
    """A yes or no that does not flicker."""

    is_on: bool = False
    _against: int = 0

    def note(self, said: bool) -> None:
        """One more sample says this."""
        self._against = 0 if said == self.is_on else self._against + 1
        if self._against >= FLIPS:
            self.is_on, self._against = said, 0


@dataclass(slots=True)
class Seat:
    """One seat's figures so far."""

    connections: int = 0
    since: float = 0.0  # of its first connection
    heard: float = float("-inf")  # when the last sample was taken
    samples: list[Mapping[str, int]] = field(default_factory=list)
    own: Steady = field(default_factory=Steady)  # its way to the server is weak
    shared: Steady = field(default_factory=Steady)  # the way between the two is weak


class Call:
    """The call of one visit, over all connections that it takes."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}
        self.talked = False  # a call in which nobody met leaves nothing

    def connected(self, seat: str, now: float) -> None:
        """This seat has a connection, the first or another one."""
        own = self.seats.setdefault(seat, Seat(since=now))
        own.connections += 1

    def measured(self, seat: str, sample: Mapping[str, int], now: float) -> bool:
        """What a page has measured. False: not looked at, since no page of ours says that."""
        own = self.seats.get(seat)
        if own is None or now - own.heard < SOONEST or len(own.samples) >= MOST_SAMPLES:
            return False
        if not all(name in MOST and value <= MOST[name] for name, value in sample.items()):
            return False
        own.heard = now
        own.samples.append(sample)
        findings = set(judge(_figures(sample)).findings)
        own.own.note(bool(findings & OWN))
        own.shared.note(bool(findings - OWN))
        return True

    @property
    def lines(self) -> dict[str, str]:
        """How each seat's network is. What is lost between the two may be the fault of either, so
        it makes both weak."""
        between = any(seat.shared.is_on for seat in self.seats.values())
        return {name: _word(seat, between) for name, seat in self.seats.items()}

    def kept(self, now: float) -> list[Kept]:
        """The call is over: what is kept of it."""
        return [_kept(name, seat, now) for name, seat in self.seats.items()] if self.talked else []


def percentile(values: Sequence[int], share: float) -> int | None:
    """The smallest value that so large a share of them does not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(1, ceil(share * len(ordered))) - 1] if ordered else None


def verdict(rows: Sequence[Kept]) -> Verdict:
    """What the whole call was like: of the worse half of its networks."""
    marks = {judge(Figures(row.round_trip_p95, row.jitter, row.lost)).verdict for row in rows}
    order = (Verdict.TOO_POOR, Verdict.POOR, Verdict.GOOD)
    return next((mark for mark in order if mark in marks), Verdict.NOT_MEASURED)


def _figures(sample: Mapping[str, int]) -> Figures:
    lost, came = sample.get("lost"), sample.get("came")
    return Figures(
        round_trip=sample.get("round_trip_ms"),
        jitter=sample.get("jitter_ms"),
        lost=None if lost is None or came is None else per_mille(lost, lost + came),
        room=sample.get("room_kbit"),
    )


def _word(seat: Seat, between: bool) -> str:
    if not seat.samples:
        return "unknown"
    return "weak" if between or seat.own.is_on else "good"


def _kept(name: str, seat: Seat, now: float) -> Kept:
    def known(figure: str) -> list[int]:
        return [sample[figure] for sample in seat.samples if figure in sample]

    trips = known("round_trip_ms")
    lost, came = sum(known("lost")), sum(known("came"))
    return Kept(
        seat=name,
        seconds=round(now - seat.since),
        samples=len(seat.samples),
        reconnects=max(0, seat.connections - 1),
        lost=per_mille(lost, lost + came),
        round_trip_p50=percentile(trips, 0.5),
        round_trip_p95=percentile(trips, 0.95),
        jitter=percentile(known("jitter_ms"), 0.5),
        kbit_in=_mean(known("kbit_in")),
        kbit_out=_mean(known("kbit_out")),
        freezes=sum(known("freezes")) if known("freezes") else None,
    )


def _mean(values: Sequence[int]) -> int | None:
    return round(sum(values) / len(values)) if values else None
