"""Who is served next, and by whom: one rule for the service, its forecasts and the simulation.

Earliest due first, over booked patients whose slot has come, promises, and whoever came back; the
triage class goes before. Of the idle doctors the one whose shift ends first, which keeps the long
shifts for later; never so late that the shift would be overrun; and never one who is held.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from venterom.queue.hold import B1, B3, URGENT, WINDOW, Certainty, Harm, Other
from venterom.queue.service import Chances, Service, free_in
from venterom.queue.snapshot import Doctor, Snapshot
from venterom.queue.states import Phase

DROPIN = -1  # in the place of a slot


class Job(NamedTuple):
    """A patient who may be started. Sorted, they are in order of service."""

    rank: int  # minus the triage class
    due: int
    slot: int  # the slot's time, or DROPIN
    id: int = 0


class Manner(NamedTuple):
    """How the house works: its hold rule, and whether doctors put off a note for a promise."""

    hold: Certainty | Harm
    defers: bool = False


REFERENCE = Manner(Certainty())
OURS = Manner(B1)
OURS_DEFER = Manner(B3, defers=True)


def job_of_slot(slot: int, manner: Manner, number: int = 0) -> Job:
    """A booked patient, in line with the promises."""
    return Job(0, slot + manner.hold.key, slot, number)


def taker(
    t: int,
    job: Job,
    idle: Sequence[int],
    last_starts: Sequence[int],
    chances: Callable[[int], Chances],
    slots: Sequence[int],
    manner: Manner,
    fresh: Chances,
) -> int | None:
    """Which of the idle doctors starts this job now; None if all of them are held.

    Doctors are numbered by the end of their shift. `slots` are the booked ones not begun, `fresh`
    the chances of whoever starts somebody.
    """
    if job.slot != DROPIN or job.due - t <= URGENT or not (slots and slots[-1] > t):
        return idle[0]
    if slots[bisect_right(slots, t)] > t + WINDOW:
        return idle[0]
    # The others leave later, and would be missed at least as much: if this one is kept, all are.
    leaves_first = idle[0]
    others = (Other(last, chances(d)) for d, last in enumerate(last_starts) if d != leaves_first)
    kept = manner.hold.keeps(t, last_starts[leaves_first], job.due - t, others, slots, fresh)
    return None if kept else leaves_first


class Claim(NamedTuple):
    """A doctor, by number, and the patient to start."""

    doctor: int
    job: Job


def first_in_line(seen: Snapshot, manner: Manner) -> Job | None:
    """Who is to be started next; the id counts promises, then slots."""
    jobs = [Job(*promise, DROPIN, 0) for promise in seen.promises[:1]]
    if seen.slots and seen.slots[0] <= seen.now:
        jobs.append(job_of_slot(seen.slots[0], manner, len(seen.promises)))
    return min(jobs, default=None)


def claim(seen: Snapshot, manner: Manner) -> Claim | None:
    """The next start, or None: nobody waits, nobody is idle, or the idle are held."""
    job = first_in_line(seen, manner)
    idle = [n for n, doctor in enumerate(seen.doctors) if is_idle(doctor, seen.now)]
    if job is None or not idle:
        return None
    last_starts = [doctor.last_start for doctor in seen.doctors]

    def chances(number: int) -> Chances:
        return free_again(seen.doctors[number], seen.now, seen.service)

    fresh = seen.service.fresh
    taken_by = taker(seen.now, job, idle, last_starts, chances, seen.slots, manner, fresh)
    return None if taken_by is None else Claim(taken_by, job)


def is_idle(doctor: Doctor, now: int) -> bool:
    """Whether the doctor may start somebody now."""
    return doctor.phase is Phase.IDLE and doctor.since <= now <= doctor.last_start


def free_again(doctor: Doctor, now: int, service: Service) -> Chances:
    """The chances of being free within so many half minutes."""
    elapsed = now - doctor.since
    match doctor.phase:
        case Phase.IDLE:
            return free_in(-elapsed)
        case Phase.RINGING:
            return service.from_ringing(elapsed)
        case Phase.CONSULT:
            return service.from_call(elapsed)
        case _:
            return service.from_note(elapsed)
