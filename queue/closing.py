"""The end of the day: who is left when the door is closed and nobody can take them any more."""

from datetime import datetime, timedelta

from venterom.queue.floor import Entry, Floor, Shift
from venterom.queue.hours import Hours, closing, is_open
from venterom.queue.order import in_order
from venterom.queue.states import Phase

# A doctor who has been idle for so long after the shift has left, whatever the open page says.
LINGERS = timedelta(minutes=15)
RESTS = frozenset({Phase.IDLE, Phase.WRAP})  # takes somebody by asking, or nobody


def unserved(floor: Floor, hours: Hours, now: datetime) -> tuple[Entry, ...]:
    """Those who wait in vain. As long as one doctor could still take them, that is nobody.

    Whoever has booked a time that is to come has it. Whose day was over before this one began is
    let go even so: the service was away when the door was closed, and nobody waits over night.
    """
    waiting = (e for e in in_order(floor.entries) if not e.is_to_come(now))
    if is_open(hours, now):
        return tuple(entry for entry in waiting if _day_is_over(entry, hours, now))
    if any(can_still_take(shift, now) for shift in floor.shifts):
        return ()
    return tuple(waiting)


def can_still_take(shift: Shift, now: datetime) -> bool:
    """Whether this doctor may take another patient today.

    A doctor who is there may stay longer than planned. One who is lost may come back, and until
    the shift ends is waited for.
    """
    if shift.phase in RESTS:
        return now < max(shift.off_at, shift.phase_since) + LINGERS
    return shift.present or (shift.phase is Phase.LOST and now < shift.off_at)


def _day_is_over(entry: Entry, hours: Hours, now: datetime) -> bool:
    closed_at = closing(hours, entry.slot or entry.created_at)
    return closed_at is not None and closed_at <= now
