"""Who is next: the triage class first, then the time that was promised, then who came first."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from venterom.queue.floor import Entry
from venterom.queue.states import State

# How long to wait when a doctor was there and the patient was not; after the last, it is given up.
RETRY = (timedelta(minutes=2), timedelta(minutes=5))

Rank = tuple[int, datetime, datetime, str]


def rank(entry: Entry) -> Rank:
    """The sort key: the lowest is served first.

    The deadline is the due time of every kind: slot and grace, promise, or the first promise of
    one that came back. `desk.claim` has the same order in SQL, and a test compares the two.
    """
    return (-entry.triage, entry.deadline, entry.created_at, entry.visit)


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those who wait, the next first; they may not all be released yet."""
    return tuple(sorted((e for e in entries if e.state is State.WAITING), key=rank))


def ready(entries: Iterable[Entry], now: datetime) -> tuple[Entry, ...]:
    """Those whom a doctor may take now, the next first."""
    return tuple(entry for entry in in_order(entries) if entry.release_at <= now)


def try_again_after(attempts: int) -> timedelta | None:
    """How long until the patient is tried again after this many attempts; None: never."""
    return RETRY[attempts - 1] if attempts <= len(RETRY) else None
