"""The ladder in the database: every so often each promise is looked at, and steps are taken.

    seen = await see(db, now)            # reads only
    dangers = in_danger(seen, hours)     # no transaction is open: it takes a while
    events = await climb(db, now, hours, dangers)

A step is written down with its cause, and whoever it concerns learns of it by an event. Two who
look at once take it once.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import deferrals, ledger, monitor, promise, roster
from venterom.queue.admission import floor
from venterom.queue.events import (
    DeferralAsked,
    DirectorAlerted,
    OnCallPaged,
    PatientWarned,
)
from venterom.queue.floor import Deferral, Entry, Floor, Kind
from venterom.queue.hours import Hours
from venterom.queue.monitor import Step
from venterom.queue.order import in_order
from venterom.queue.overview import Taken
from venterom.queue.planning import Work
from venterom.queue.tables import EntryRow, EscalationRow, insert_once

Raised = DeferralAsked | OnCallPaged | PatientWarned | DirectorAlerted
ORDER = tuple(Step)
# What is done for a booked time that has come and is late: it cannot be taken for another any more,
# and how likely the doctor is to come is not foreseen, so there is nothing else to be told.
FOR_BOOKED = frozenset({Step.ALERT, Step.APOLOGISE})
BOOKED_P = 1.0  # the clock alone decides


@dataclass(frozen=True, slots=True)
class Seen:
    """The waiting room at one instant, and which steps were taken for whom by then."""

    now: datetime
    floor: Floor
    taken: Mapping[str, frozenset[Step]]  # by promise

    def left(self, entry: Entry, p: float) -> list[Step]:
        """The steps that are still to be taken for one that is as likely as this, in order."""
        if not monitor.is_watched(entry, self.now):
            return []
        wanted = monitor.due(p, entry.deadline - self.now)
        if entry.kind is Kind.BOOKED:
            wanted &= FOR_BOOKED
        return sorted(wanted - self.taken.get(entry.promise, frozenset()), key=ORDER.index)


async def see(db: AsyncSession, now: datetime) -> Seen:
    """Look at all who wait."""
    steps: defaultdict[str, frozenset[Step]] = defaultdict(frozenset)
    here = await floor(db, now)
    own = EscalationRow.promise.in_([entry.promise for entry in here.entries])
    for promised, step in await db.execute(
        select(EscalationRow.promise, EscalationRow.step).where(own)
    ):
        steps[promised] |= {step}
    return Seen(now, here, steps)


def in_danger(seen: Seen, hours: Hours) -> Mapping[str, float]:
    """The promises for which steps are left to be taken, and how likely each is to be kept.

    The future of everybody is played for it, so no transaction is open meanwhile.
    """
    chances = promise.chances(seen.floor, hours, seen.now)
    chances += [(each, BOOKED_P) for each in seen.floor.entries if each.kind is Kind.BOOKED]
    return {entry.promise: p for entry, p in chances if seen.left(entry, p)}


async def climb(
    db: AsyncSession, now: datetime, hours: Hours, dangers: Mapping[str, float]
) -> list[Raised]:
    """Take the steps that promises in danger ask for, each once a promise.

    Whoever has met a doctor since they were looked at is left alone.
    """
    seen = await see(db, now)
    events: list[Raised] = []
    for entry in in_order(entry for entry in seen.floor.entries if entry.promise in dangers):
        p = dangers[entry.promise]
        for step in seen.left(entry, p):
            told = await _take(db, hours, seen, entry, p, step)
            seen = _with_asked(seen, entry, told)
            events += told
    return events


def _with_asked(seen: Seen, entry: Entry, told: list[Raised]) -> Seen:
    """The same, with the doctors who have just been asked: nobody is asked for two at once."""
    now = seen.now
    asked = tuple(
        Deferral(each.visit, each.practitioner, entry.promise, now, now, None, None, None)
        for each in told
        if isinstance(each, DeferralAsked)
    )
    floor = replace(seen.floor, deferrals=seen.floor.deferrals + asked)
    return replace(seen, floor=floor)


async def taken_since(db: AsyncSession, since: datetime) -> tuple[Taken, ...]:
    """Every step that was taken from then on, the latest first."""
    rows = await db.execute(
        select(
            EscalationRow.promise,
            EntryRow.deadline,
            EscalationRow.step,
            EscalationRow.at,
            EscalationRow.p_keep,
            EscalationRow.cause,
        )
        .join(EntryRow, EntryRow.promise == EscalationRow.promise)
        .where(EscalationRow.at >= since)
        .order_by(EscalationRow.promise)
    )
    found = [Taken(*row) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.at, ORDER.index(each.step)), reverse=True))


async def _take(
    db: AsyncSession, hours: Hours, seen: Seen, entry: Entry, p: float, step: Step
) -> list[Raised]:
    told: list[Raised] = []
    likely = None
    match step:
        case Step.DEFER:
            asked = await deferrals.ask(db, seen.now, seen.floor, entry)
            if asked is None:
                return []  # there is nobody to ask now; there may be in a moment
            told = [asked]
        case Step.PAGE:
            told = [OnCallPaged(entry.visit, who) for who in await _on_call(db, seen)]
            if not told:
                return []  # nobody would hear the call; somebody may be on call later
        case Step.TELL:
            likely = promise.likely_by(seen.floor, hours, seen.now, entry)
            told = [PatientWarned(entry.visit, entry.deadline, likely)]
        case Step.ALERT:
            told = [DirectorAlerted(entry.visit, entry.deadline)]
    written = await insert_once(
        db,
        EscalationRow,
        promise=entry.promise,
        step=step,
        visit=entry.visit,
        at=seen.now,
        p_keep=p,
        cause=await ledger.why(db, entry),
        likely=likely,
    )
    return told if written else []


async def _on_call(db: AsyncSession, seen: Seen) -> list[str]:
    """Who is planned to be on call now and is not at work already."""
    here = {shift.practitioner for shift in seen.floor.shifts if shift.present}
    planned = await roster.plans(db, seen.now, seen.now)
    on_call = {line.practitioner for line in planned if line.work is Work.ON_CALL}
    return sorted(on_call - here)
