"""How long patients took: the cases from which it is learned.

Of some no more is known than that they took so long: what goes on, a note that was left for the
next patient, and what took longer than makes sense, like a call that nobody hung up.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

MILLISECOND = timedelta(milliseconds=1)


class Limits(NamedTuple):
    """What is believed. What was shorter is a slip of the hand, and what was longer forgotten."""

    shortest: timedelta
    longest: timedelta


CALL = Limits(timedelta(minutes=1), timedelta(minutes=60))
NOTE = Limits(timedelta(seconds=10), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit whose call came up."""

    practitioner: str
    connected_at: datetime
    ended_at: datetime | None = None  # the doctor hung up
    put_off_at: datetime | None = None  # … was asked to put the note off, and did
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cases:
    """Durations in milliseconds: of what is over, and how long the rest has taken at least."""

    finished: tuple[int, ...]
    running: tuple[int, ...]


Case = tuple[timedelta, bool]  # whether it is over


def calls(seen: Iterable[Seen], until: datetime, now: datetime) -> Cases:
    """From when a call is up until the doctor hangs up; those that began before `until`."""
    begun = (one for one in seen if one.connected_at < until)
    return _cases(CALL, (_since(one.connected_at, one.ended_at, now) for one in begun))


def notes(seen: Sequence[Seen], until: datetime, now: datetime) -> Cases:
    """From the end of these calls until the note is signed, or left for the next patient."""
    return _cases(NOTE, _notes(seen, until, now))


def _notes(seen: Sequence[Seen], until: datetime, now: datetime) -> Iterator[Case]:
    begun: defaultdict[str, list[datetime]] = defaultdict(list)
    for one in sorted(seen, key=lambda each: each.connected_at):
        begun[one.practitioner].append(one.connected_at)
    for one in seen:
        if one.connected_at < until and one.ended_at is not None:
            later = begun[one.practitioner]
            following = later[bisect_right(later, one.ended_at) :][:1]
            left = min([*following, one.put_off_at or now, now])
            signed = one.signed_at if one.signed_at and one.signed_at <= left else None
            yield _since(one.ended_at, signed, left)


def _since(began: datetime, over: datetime | None, last_known: datetime) -> Case:
    return (over or last_known) - began, over is not None


def _cases(limits: Limits, cases: Iterable[Case]) -> Cases:
    finished: list[int] = []
    running: list[int] = []
    for taken, is_over in cases:
        known = is_over and taken <= limits.longest
        within = min(max(taken, limits.shortest), limits.longest) // MILLISECOND
        (finished if known else running).append(within)
    return Cases(tuple(finished), tuple(running))
