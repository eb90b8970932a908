"""Putting off a note so that a promise is kept, and how such a debt is paid back.

When somebody is about to be late and no doctor is idle, the doctor who has just begun the newest
note is asked to take the patient first. The rest of that note is a debt: worked off when the
doctor is idle or in the last minutes of the shift, and after half an hour before anything else.
"""

from collections.abc import Sequence

from venterom.queue.dispatch import DROPIN, Job
from venterom.queue.service import MINUTE, SECOND

SLACK = 2 * MINUTE  # a promise with so little left is in danger
LATE = 1 * MINUTE  # … and so is a booked start that is so late
WELL_BEGUN = 210 * SECOND  # a note that is so far along is finished first
INTERRUPTION = 30 * SECOND  # to find the thread again
PATIENCE = 30 * MINUTE  # then a debt is worked off at the end of the next call


def in_danger_at(job: Job) -> int:
    """From when on notes are put off for this patient."""
    return job.due - SLACK if job.slot == DROPIN else job.slot + LATE


def puts_off(t: int, notes: Sequence[tuple[int, int]]) -> int | None:
    """Which doctor is asked: of (begun at, number) for notes without a debt, the newest."""
    begun, doctor = max(notes, default=(0, -1))
    return doctor if doctor >= 0 and t - begun <= WELL_BEGUN else None


def after_idling(debt: int, idle: int) -> int:
    """What is left of a debt after so much idle time that was cut short by a patient."""
    if idle <= 0:
        return debt
    return 0 if idle >= debt else debt - idle + INTERRUPTION
