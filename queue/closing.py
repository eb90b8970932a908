"""The end of the day: who is left when the door is closed and nobody can take them any more."""

from datetime import datetime

from venterom.queue.floor import Entry, Floor, Shift
from venterom.queue.hours import Hours, is_open
from venterom.queue.order import in_order
from venterom.queue.states import Phase


def unserved(floor: Floor, hours: Hours, now: datetime) -> tuple[Entry, ...]:
    """Those who wait in vain. As long as one doctor could still take them, that is nobody.

    Whoever has booked a time that is to come has it.
    """
    if is_open(hours, now) or any(can_still_take(shift, now) for shift in floor.shifts):
        return ()
    waiting = in_order(floor.entries)
    return tuple(entry for entry in waiting if not entry.is_to_come(now))


def can_still_take(shift: Shift, now: datetime) -> bool:
    """Whether this doctor may take another patient today.

    A doctor who is there may stay longer than planned. One who is lost may come back, and until
    the shift ends is waited for.
    """
    return shift.present or (shift.phase is Phase.LOST and now < shift.off_at)
