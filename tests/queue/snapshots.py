"""Builders for tests of the engine: snapshots in minutes, at minute 0."""

from venterom.queue.service import MINUTE
from venterom.queue.snapshot import Debt, Doctor, Promise, Snapshot
from venterom.queue.states import Phase

LONG = 600  # minutes until the last start of a doctor who stays


def idle(last_start: float = LONG, since: float = -60, debt: Debt | None = None) -> Doctor:
    """Free since then; with a later time, one whose shift begins then."""
    return Doctor(ms(last_start), Phase.IDLE, ms(since), debt)


def in_call(elapsed: float, last_start: float = LONG) -> Doctor:
    """In a consultation for so many minutes."""
    return Doctor(ms(last_start), Phase.CONSULT, ms(-elapsed))


def at_note(elapsed: float, last_start: float = LONG, debt: Debt | None = None) -> Doctor:
    """At a note for so many minutes."""
    return Doctor(ms(last_start), Phase.WRAP, ms(-elapsed), debt)


def ringing(elapsed: float, last_start: float = LONG) -> Doctor:
    """Ringing for so many minutes."""
    return Doctor(ms(last_start), Phase.RINGING, ms(-elapsed))


def snapshot(
    *doctors: Doctor, promises: tuple[float, ...] = (), slots: tuple[float, ...] = ()
) -> Snapshot:
    """Seen at minute 0; promises by their deadlines, all of the same class."""
    return Snapshot(
        0,
        tuple(sorted(doctors, key=lambda doctor: doctor.last_start)),
        tuple(Promise(0, ms(deadline)) for deadline in promises),
        tuple(ms(slot) for slot in slots),
    )


def ms(minutes: float) -> int:
    """Minutes as whole milliseconds."""
    return round(minutes * MINUTE)
