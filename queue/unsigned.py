"""Notes that are not signed: they follow their doctor, and after a while the director hears of it.

A note is written «uten ugrunnet opphold» and signed (pasientjournalforskriften § 10). The
regulation names no hours. A day is ours: whoever meets the patient next, the next morning at the
latest, must be able to read what was found and decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from venterom.queue.floor import Floor
from venterom.queue.states import State

SIGNED_WITHIN = timedelta(hours=24)  # after the doctor hung up


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A note of a visit that is over but for it; neither the visit nor the patient is said."""

    practitioner: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """A doctor's notes that should have been signed, each by when its call ended, oldest first."""

    practitioner: str
    since: tuple[datetime, ...]


def unsigned(floor: Floor) -> tuple[Unsigned, ...]:
    """Every note that is not signed, oldest first."""
    notes = [
        Unsigned(entry.claimed_by, entry.ended_at or entry.created_at)
        for entry in floor.entries
        if entry.state is State.WRAP and entry.claimed_by is not None
    ]
    return tuple(sorted(notes, key=lambda note: (note.since, note.practitioner)))


def is_overdue(since: datetime, now: datetime) -> bool:
    """Whether a note should have been signed by now."""
    return now - since > SIGNED_WITHIN


def overdue(notes: Iterable[Unsigned], now: datetime) -> tuple[Overdue, ...]:
    """By doctor, the one with the oldest note first."""
    late = [note for note in notes if is_overdue(note.since, now)]
    each = groupby(sorted(late, key=lambda note: note.practitioner), lambda note: note.practitioner)
    found = [Overdue(who, tuple(sorted(note.since for note in theirs))) for who, theirs in each]
    return tuple(sorted(found, key=lambda one: (one.since, one.practitioner)))
