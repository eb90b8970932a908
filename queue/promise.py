"""What may be offered to a patient, and how a promise ended.

Nothing is offered on hope: 20 minutes if they can be kept, else the first later time that can, else
a slot. The deadline that was promised first is the one that counts.
"""

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from venterom.queue import planning
from venterom.queue import snapshot as snapshots
from venterom.queue.count import p_count
from venterom.queue.dispatch import DROPIN, Job, free_again, taker
from venterom.queue.floor import FLOOR, LAST_START, Deferral, Entry, Floor, Kind, Shift
from venterom.queue.forecast import forecast, p_waiting
from venterom.queue.hold import WINDOW
from venterom.queue.hours import Hours, closing, is_open
from venterom.queue.levers import Levers
from venterom.queue.order import in_order, ready
from venterom.queue.service import FIRST, Service
from venterom.queue.slots import Duty
from venterom.queue.snapshot import Promise, Snapshot
from venterom.queue.states import Phase

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

PROMISE = timedelta(minutes=20)
LATER = tuple(timedelta(minutes=m) for m in (30, 40, 60, 90, 120))
AFTER = tuple(timedelta(minutes=m) for m in range(5, 125, 5))  # a promise may be late by these
LATER_FLOOR = 0.98  # new 20-minute promises pass the later ones, so more is asked of these
SLOT_NEAR = WINDOW * MILLISECOND  # a slot farther away keeps nobody
DANGER = 0.8  # those who wait are watched most closely around this probability
OFFER_LIVES = timedelta(seconds=15)  # then an offer is computed again before it is accepted


class Decision(StrEnum):
    """What a quote comes to."""

    PROMISE20 = "promise20"
    LATER = "later"
    SLOT = "slot"
    DECLINED = "declined"


class Outcome(StrEnum):
    """How a promise ended."""

    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"  # the patient left before the deadline; shown apart


@dataclass(frozen=True, slots=True)
class Offer:
    """A line of the ledger, as the patient is shown it."""

    id: str
    visit: str
    decision: Decision
    deadline: datetime | None
    p_keep: float
    quoted_at: datetime
    slots: tuple[datetime, ...] = ()

    def is_fresh(self, now: datetime) -> bool:
        """Whether it may be accepted as it stands."""
        return now - self.quoted_at <= OFFER_LIVES


@dataclass(frozen=True, slots=True)
class Debt:
    """A note that was put off, and how long had been written on it by then."""

    since: datetime
    written: timedelta


@dataclass(frozen=True, slots=True)
class Doctor:
    """What a decision knows of a doctor at work; idle since a later time: one who comes then."""

    phase: Phase
    since: datetime
    last_start: datetime
    debt: Debt | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A promise that waits to be kept, in order of service."""

    rank: int  # minus the triage class
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision rests on. Equal situations give equal answers."""

    now: datetime
    until: datetime | None  # the last instant at which anybody could be started; None: nobody can
    doctors: tuple[Doctor, ...] = ()
    places: tuple[Place, ...] = ()
    booked: tuple[datetime, ...] = ()
    certainty: float = FLOOR  # the least probability of a promise, as it has been learned
    service: Service = FIRST  # how long patients take, as it has been learned
    levers: Levers = Levers()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with the probabilities that it rests on."""

    decision: Decision
    deadline: datetime | None
    p_keep: float
    p_min_others: float


def situation(
    floor: Floor, hours: Hours, now: datetime, held: Iterable[datetime] = ()
) -> Situation:
    """What counts of the waiting room; `held` are deadlines that others are shown just now."""
    present = tuple(shift for shift in floor.shifts if shift.present)
    waiting = in_order(floor.entries)
    places = [Place(-e.triage, e.deadline) for e in waiting if e.kind is not Kind.BOOKED]
    return Situation(
        now,
        _last_possible_start(hours, now, [shift.last_start for shift in present]),
        tuple(sorted((part for each in present for part in _parts(each, floor, now)), key=_key)),
        tuple(sorted(places + [Place(0, deadline) for deadline in held])),
        tuple(sorted(entry.slot for entry in waiting if entry.slot is not None)),
        floor.certainty,
        floor.service,
        floor.levers,
    )


def _parts(shift: Shift, floor: Floor, now: datetime) -> Iterator[Doctor]:
    """A doctor until the next break, and after each break as one more who comes then.

    Who has a break just now is not counted on before it is over.
    """
    whole = Duty(shift.practitioner, shift.on_at, shift.off_at)
    for part in planning.duties(floor.breaks, [whole]):
        if part.on_at > now:
            yield Doctor(Phase.IDLE, part.on_at, part.off_at - LAST_START)
        elif part.off_at > now or part.off_at == shift.off_at:  # staying on after the shift
            yield _doctor(shift, part.off_at - LAST_START, floor.deferrals)


def _doctor(shift: Shift, last_start: datetime, deferrals: Iterable[Deferral]) -> Doctor:
    own = (each for each in deferrals if each.practitioner == shift.practitioner)
    debt = next((Debt(each.accepted_at, each.written) for each in own if each.accepted_at), None)
    return Doctor(shift.phase, shift.phase_since, last_start, debt)


def _key(doctor: Doctor) -> tuple[str, datetime, datetime]:
    return (doctor.phase, doctor.since, doctor.last_start)


def _last_possible_start(
    hours: Hours, now: datetime, last_starts: list[datetime]
) -> datetime | None:
    if not last_starts or not is_open(hours, now):
        return None
    closes = closing(hours, now)
    latest = max(last_starts)
    return latest if closes is None else min(latest, closes - LAST_START)


def decide(situation: Situation, slots: Iterable[datetime] = ()) -> Verdict:
    """The best that can be offered and kept: 20 minutes, a later time, a slot, or nothing."""
    p_best = 0.0
    for wait in (PROMISE, *LATER):
        deadline = situation.now + wait
        if situation.until is None or deadline > situation.until:
            break
        need = _need(situation, Decision.PROMISE20 if wait == PROMISE else Decision.LATER)
        p_keep, p_min = predict(situation, deadline, need)
        if min(p_keep, p_min) >= need:
            decision = Decision.PROMISE20 if wait == PROMISE else Decision.LATER
            return Verdict(decision, deadline, p_keep, p_min)
        p_best = max(p_best, p_keep)
    decision = Decision.SLOT if any(True for _ in slots) else Decision.DECLINED
    return Verdict(decision, None, p_best, 1.0)


def can_keep(situation: Situation, decision: Decision, deadline: datetime) -> bool:
    """Whether an offer that has grown old can still be kept by the same measure."""
    if situation.until is None or not situation.now < deadline <= situation.until:
        return False
    need = _need(situation, decision)
    return min(predict(situation, deadline, need)) >= need


def _need(situation: Situation, decision: Decision) -> float:
    certainty = situation.certainty
    return certainty if decision is Decision.PROMISE20 else max(certainty, LATER_FLOOR)


def predict(situation: Situation, deadline: datetime, need: float) -> tuple[float, float]:
    """P(a new promise with this deadline is kept), and the worst among those that it would pass;
    exact enough to be compared with what they need to be."""
    return forecast(snapshot(situation), _ms(deadline), situation.levers.manner, need)


def chances(floor: Floor, hours: Hours, now: datetime) -> list[tuple[Entry, float]]:
    """Everybody who waits on a promise, in order of service, and P(it is kept)."""
    seen = snapshot(situation(floor, hours, now))
    waiting = [e for e in in_order(floor.entries) if e.kind is not Kind.BOOKED]
    manner = floor.levers.manner
    return [(entry, p_waiting(seen, n, manner, DANGER)) for n, entry in enumerate(waiting)]


def is_held(floor: Floor, now: datetime, shift: Shift) -> bool:
    """Whether this doctor is kept for a booked slot instead of taking the next in line."""
    line = ready(floor.entries, now)
    if not line or line[0].slot is not None or not shift.present:
        return False  # a doctor who was lost is in nobody's reckoning: all the better
    asks = next((each for each in _parts(shift, floor, now) if each.since <= now), None)
    if asks is None:
        return False  # and one who has a break is not counted on either
    seen = snapshot(situation(floor, Hours.ALL_DAY, now))
    number = seen.doctors.index(_engine(asks))
    first = Job(-line[0].triage, _ms(line[0].deadline), DROPIN)
    last_starts = [doctor.last_start for doctor in seen.doctors]
    chances = [free_again(doctor, seen.now, seen.service) for doctor in seen.doctors]
    taken_by = taker(
        seen.now,
        first,
        [number],
        last_starts,
        chances.__getitem__,
        seen.slots,
        floor.levers.manner,
        seen.service.fresh,
    )
    return taken_by is None


def likely_by(
    floor: Floor, hours: Hours, now: datetime, promises: Container[str]
) -> dict[str, datetime | None]:
    """For each of these promises a time by which a doctor comes to whoever waits on it, as surely
    as for a later promise; None if that cannot be said."""
    seen = snapshot(situation(floor, hours, now))
    waiting = [e for e in in_order(floor.entries) if e.kind is not Kind.BOOKED]
    return {
        entry.promise: _likely_by(seen, n, max(now, entry.deadline))
        for n, entry in enumerate(waiting)
        if entry.promise in promises
    }


def _likely_by(seen: Snapshot, ahead: int, after: datetime) -> datetime | None:
    def chance(wait: timedelta) -> float:
        return p_count(seen, _ms(after + wait), ahead)

    first = bisect_left(AFTER, LATER_FLOOR, key=chance)  # the longer, the likelier
    return after + AFTER[first] if first < len(AFTER) else None


def snapshot(situation: Situation) -> Snapshot:
    """The same as the engine sees it: whole milliseconds, doctors by the end of their shift."""
    doctors = (_engine(each) for each in situation.doctors)
    return Snapshot(
        _ms(situation.now),
        tuple(sorted(doctors, key=lambda doctor: (doctor.last_start, doctor.since))),
        tuple(sorted(Promise(place.rank, _ms(place.deadline)) for place in situation.places)),
        tuple(sorted(_ms(slot) for slot in situation.booked)),
        situation.service,
    )


def _engine(doctor: Doctor) -> snapshots.Doctor:
    times = _ms(doctor.last_start), doctor.phase, _ms(doctor.since)
    return snapshots.Doctor(*times, _owes(doctor.debt))


def _owes(debt: Debt | None) -> snapshots.Debt | None:
    return snapshots.Debt(_ms(debt.since), debt.written // MILLISECOND) if debt else None


def _ms(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def outcome(
    deadline: datetime, doctor_joined_at: datetime | None, left_at: datetime | None, now: datetime
) -> Outcome | None:
    """How the promise ended, or None while it may still go either way."""
    if doctor_joined_at is not None:
        return Outcome.KEPT if doctor_joined_at <= deadline else Outcome.BROKEN
    if left_at is not None and left_at <= deadline:
        return Outcome.WITHDRAWN
    return Outcome.BROKEN if now > deadline else None
