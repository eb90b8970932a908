"""What the predictors are held against: lines without slots, played out case by case.

Nobody is booked, so a line is served in order by whoever is free first: no events are needed. Times
are milliseconds after minute 0.
"""

import random
from bisect import bisect_right

from venterom.queue import service
from venterom.queue.service import FIRST, Service
from venterom.queue.snapshot import Doctor, Snapshot
from venterom.queue.states import Phase


def is_started(seen: Snapshot, deadline: int, dice: random.Random) -> bool:
    """Whether one who comes behind all promises is started by the deadline, this time."""
    free = sorted(first_free(each, dice, seen.service) for each in seen.doctors)
    for _ in seen.promises:
        free[0] += a_patient(dice, seen.service)
        free.sort()
    return free[0] <= deadline


def times_free(doctor: Doctor, deadline: int, dice: random.Random, known: Service = FIRST) -> int:
    """How often the doctor could take a patient by the deadline, this time."""
    free, times = first_free(doctor, dice, known), 0
    while free <= min(deadline, doctor.last_start):
        times += 1
        free += a_patient(dice, known)
    return times


def a_patient(dice: random.Random, known: Service = FIRST) -> int:
    """How long the next patient takes, who may not be there."""
    if dice.randrange(1000) < service.NO_SHOW:
        return service.NO_SHOW_COST
    return dice.choice(known.consultations) + dice.choice(known.wrap_ups)


def first_free(doctor: Doctor, dice: random.Random, known: Service = FIRST) -> int:
    """When the doctor is free for the next patient, this time; long overruns are not known here."""
    elapsed, calls, notes = -doctor.since, known.consultations, known.wrap_ups
    match doctor.phase:
        case Phase.RINGING:
            return a_patient(dice, known)
        case Phase.CONSULT:
            left = dice.choice(calls[bisect_right(calls, elapsed) :]) - elapsed
            return left + dice.choice(notes)
        case Phase.WRAP:
            return dice.choice(notes[bisect_right(notes, elapsed) :]) - elapsed
        case _:
            return max(doctor.since, 0)
