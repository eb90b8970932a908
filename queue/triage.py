"""Who cannot wait their turn: a class that goes before the promised time, set by a doctor.

It is the one way past others, so it is for doctors only, says on which ground, and leaves a line
in the log. Emergencies do not wait here at all: they call 113.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from enum import IntEnum, StrEnum

from venterom.queue.floor import Entry, Floor
from venterom.queue.hours import Hours
from venterom.queue.promise import DANGER, chances
from venterom.queue.states import State


class Triage(IntEnum):
    """A higher class is served first."""

    ORDINARY = 0
    URGENT = 1


class Ground(StrEnum):
    """Why somebody is put before others, or back among them."""

    WORSE = "worse"  # than when the place was taken
    SERIOUS = "serious"  # what was told may be something serious
    FRAIL = "frail"  # a small child, pregnant, or weak
    CALM = "calm"  # it is not urgent after all


GROUNDS = {
    Triage.URGENT: (Ground.WORSE, Ground.SERIOUS, Ground.FRAIL),
    Triage.ORDINARY: (Ground.CALM,),
}


def can_be_triaged(entry: Entry, now: datetime) -> bool:
    """Whether the order matters to this one: it waits, and not for a booked time to come."""
    return entry.state is State.WAITING and not entry.is_to_come(now)


def pushed_into_danger(
    floor: Floor, hours: Hours, now: datetime, visit: str, to: Triage
) -> tuple[Entry, ...]:
    """Whose promise was safe and is in danger when this visit gets that class."""
    after = tuple(replace(e, triage=to) if e.visit == visit else e for e in floor.entries)
    safe = set(_safe(floor, hours, now)) - {visit}
    still = set(_safe(replace(floor, entries=after), hours, now))
    return tuple(entry for entry in floor.entries if entry.visit in safe - still)


def _safe(floor: Floor, hours: Hours, now: datetime) -> Iterator[str]:
    return (entry.visit for entry, p in chances(floor, hours, now) if p >= DANGER)
