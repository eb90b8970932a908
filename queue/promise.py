"""What may be offered to a patient, and how a promise ended.

Nothing is offered on hope: 20 minutes if they can be kept, else the first later time that can, else
a slot. The deadline that was promised first is the one that counts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from venterom.queue import snapshot as snapshots
from venterom.queue.floor import LAST_START, Entry, Floor, Kind
from venterom.queue.hours import Hours, closing, is_open
from venterom.queue.order import in_order
from venterom.queue.predict import Doctor, p_analytic
from venterom.queue.snapshot import Promise, Snapshot

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

PROMISE = timedelta(minutes=20)
LATER = tuple(timedelta(minutes=m) for m in (30, 40, 60, 90, 120))
AFTER = tuple(timedelta(minutes=m) for m in range(5, 125, 5))  # a promise may be late by these
FLOOR = 0.95  # least probability of a 20-minute promise, until 2 000 outcomes are known
LATER_FLOOR = 0.98  # new 20-minute promises pass the later ones, so more is asked of these
LOST_CAUSE = 0.5  # a promise less likely than this is rescued by other means, and binds nobody
BOOKED_AHEAD = timedelta(minutes=5)  # slots this long after a deadline still count as before it
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
        tuple(sorted((Doctor(s.phase, s.phase_since, s.last_start) for s in present), key=_key)),
        tuple(sorted(places + [Place(0, deadline) for deadline in held])),
        tuple(sorted(entry.slot for entry in waiting if entry.slot is not None)),
    )


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
        need = FLOOR if wait == PROMISE else LATER_FLOOR
        p_keep, p_min = predict(situation, deadline)
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
    need = FLOOR if decision is Decision.PROMISE20 else LATER_FLOOR
    return min(predict(situation, deadline)) >= need


def predict(situation: Situation, deadline: datetime) -> tuple[float, float]:
    """P(a new promise with this deadline is kept), and the worst among those that it would pass."""
    place = Place(0, deadline)
    others = situation.places
    p_keep = _p(situation, deadline, sum(other <= place for other in others))
    passed = ((n, other) for n, other in enumerate(others) if other > place)
    before_after = (
        (_p(situation, other.deadline, n), _p(situation, other.deadline, n + 1))
        for n, other in passed
    )
    return p_keep, min((after for before, after in before_after if before >= LOST_CAUSE), default=1)


def chances(floor: Floor, hours: Hours, now: datetime) -> list[tuple[Entry, float]]:
    """Everybody who waits on a promise, in order of service, and P(it is kept)."""
    seen = situation(floor, hours, now)
    waiting = [e for e in in_order(floor.entries) if e.kind is not Kind.BOOKED]
    return [(entry, _p(seen, entry.deadline, n)) for n, entry in enumerate(waiting)]


def likely_by(floor: Floor, hours: Hours, now: datetime, entry: Entry) -> datetime | None:
    """A time by which a doctor comes to somebody who waits, as surely as for a later promise."""
    seen = situation(floor, hours, now)
    ahead = [e.visit for e in in_order(floor.entries) if e.kind is not Kind.BOOKED]
    n = ahead.index(entry.visit)
    times = (max(now, entry.deadline) + wait for wait in AFTER)
    return next((time for time in times if _p(seen, time, n) >= LATER_FLOOR), None)


def _p(situation: Situation, deadline: datetime, promises_ahead: int) -> float:
    booked = sum(slot < deadline + BOOKED_AHEAD for slot in situation.booked)
    return p_analytic(situation.now, deadline, situation.doctors, promises_ahead + booked)


def snapshot(situation: Situation) -> Snapshot:
    """The same as the engine sees it: whole milliseconds, doctors by the end of their shift.

    A doctor who is idle since a later time is one whose shift begins then.
    """
    doctors = (
        snapshots.Doctor(_ms(each.last_start), each.phase, _ms(each.since))
        for each in situation.doctors
    )
    return Snapshot(
        _ms(situation.now),
        tuple(sorted(doctors, key=lambda doctor: (doctor.last_start, doctor.since))),
        tuple(sorted(Promise(place.rank, _ms(place.deadline)) for place in situation.places)),
        tuple(sorted(_ms(slot) for slot in situation.booked)),
    )


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


def inputs(situation: Situation, slots: Iterable[datetime]) -> str:
    """The grounds of a decision as canonical JSON, for the ledger."""
    return json.dumps(
        {
            "now": _iso(situation.now),
            "until": _iso(situation.until),
            "doctors": [[d.phase, _iso(d.since), _iso(d.last_start)] for d in situation.doctors],
            "promises": [[-place.rank, _iso(place.deadline)] for place in situation.places],
            "booked": [_iso(slot) for slot in situation.booked],
            "slots": [_iso(slot) for slot in slots],
        },
        separators=(",", ":"),
        sort_keys=True,
    )


def doctors_in(state_json: str) -> int:
    """How many doctors were at work when a line of the ledger was written, from its grounds."""
    return len(json.loads(state_json).get("doctors", ()))


def offered_slots(state_json: str) -> tuple[datetime, ...]:
    """The slots that were shown with an offer, from the grounds in the ledger."""
    return tuple(datetime.fromisoformat(slot) for slot in json.loads(state_json)["slots"])


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()
