"""What the figures of a network mean for a call: good, poor, too poor, and by what.

The limits are those of one browser's way to the server and back; the other one's way comes on top.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a call on this network will be like."""

    GOOD = "good"
    POOR = "poor"  # one can talk; the picture may stand still
    TOO_POOR = "too_poor"  # the telephone is better
    NOT_MEASURED = "not_measured"


class Finding(StrEnum):
    """What is not good about a network."""

    NO_WAY = "no_way"  # nothing came through: the network stops media
    LOSS = "loss"
    NARROW = "narrow"
    DELAY = "delay"
    JITTER = "jitter"


@dataclass(frozen=True, slots=True)
class Figures:
    """One end's network; None is not known."""

    round_trip: int | None = None  # milliseconds to the server and back
    jitter: int | None = None  # milliseconds (RFC 3550 6.4.1)
    lost: int | None = None  # packets of a thousand, in the worse direction
    room: int | None = None  # kbit/s that the browser believes it may send


@dataclass(frozen=True, slots=True)
class Limits:
    """Until `good` nobody notices, until `poor` one can talk."""

    good: int
    poor: int

    def mark(self, value: int) -> Verdict:
        """The verdict on one figure; less is better, unless `good` is the larger limit."""
        sign = -1 if self.good > self.poor else 1
        if sign * value <= sign * self.good:
            return Verdict.GOOD
        return Verdict.POOR if sign * value <= sign * self.poor else Verdict.TOO_POOR


# ITU-T G.114 (2003): below 150 ms from mouth to ear nobody notices, above 400 ms nobody can talk.
# Half of this is on the way, and camera, codec and buffer add about 100 ms of their own.
DELAY = Limits(good=200, poor=600)  # milliseconds there and back
# ITU-T G.1010 (2001), table I.1: speech bears less than 3 %. With 3 % each way we measured 20
# frames of 20 and no freeze; Opus hides losses until about every tenth packet is missing.
LOSS = Limits(good=30, poor=100)  # of a thousand
# The receiver waits for about three times the jitter before it plays: 100 ms, then 300 ms more of
# delay.
JITTER = Limits(good=30, poor=100)  # milliseconds
# Measured: 300 to 350 kbit/s for 640x360 at 20 frames, and sound beside it. Opus alone, with the
# headers of 50 packets a second, takes 60.
ROOM = Limits(good=500, poor=80)  # kbit/s


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and what it is due to, worst first."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()


BLOCKED = Judgement(Verdict.TOO_POOR, (Finding.NO_WAY,))
_ORDER = (Verdict.TOO_POOR, Verdict.POOR, Verdict.GOOD)


def judge(figures: Figures) -> Judgement:
    """The worst figure decides. Without any figure nothing was measured."""
    marks = dict(_marks(figures))
    if not marks:
        return Judgement(Verdict.NOT_MEASURED)
    worst_first = sorted(marks, key=lambda finding: _ORDER.index(marks[finding]))
    findings = tuple(finding for finding in worst_first if marks[finding] is not Verdict.GOOD)
    return Judgement(marks[worst_first[0]], findings)


def per_mille(part: int, whole: int) -> int | None:
    """So many of a thousand; None of nothing."""
    return min(1000, max(0, round(1000 * part / whole))) if whole > 0 else None


def downward(loop: int, up: int) -> int:
    """Of a thousand packets that went up and came back, `loop` were lost; of those that went up,
    `up` were. So many were lost on the way down."""
    return 0 if up >= 1000 else max(0, 1000 - round(1000 * (1000 - loop) / (1000 - up)))


def _marks(figures: Figures) -> Iterator[tuple[Finding, Verdict]]:
    for finding, limits, value in (
        (Finding.LOSS, LOSS, figures.lost),
        (Finding.NARROW, ROOM, figures.room),
        (Finding.DELAY, DELAY, figures.round_trip),
        (Finding.JITTER, JITTER, figures.jitter),
    ):
        if value is not None:
            yield finding, limits.mark(value)
