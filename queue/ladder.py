"""The ladder in the database: every so often each promise is looked at, and steps are taken.

A step is written down with its cause, and whoever it concerns learns of it by an event. Two who
look at once take it once.
"""

from collections import defaultdict
from collections.abc import Mapping
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
from venterom.queue.floor import Entry, Floor
from venterom.queue.hours import Hours
from venterom.queue.monitor import Step
from venterom.queue.overview import Taken
from venterom.queue.planning import Work
from venterom.queue.tables import EntryRow, EscalationRow, insert_once

Raised = DeferralAsked | OnCallPaged | PatientWarned | DirectorAlerted
ORDER = tuple(Step)


async def climb(db: AsyncSession, now: datetime, hours: Hours) -> list[Raised]:
    """Take the steps that promises in danger ask for, each once a promise."""
    seen = await floor(db, now)
    events: list[Raised] = []
    before = await _taken_for(db, seen)
    for entry, p in promise.chances(seen, hours, now):
        if not monitor.is_watched(entry, now):
            continue
        steps = monitor.due(p, entry.deadline - now) - before[entry.promise]
        for step in sorted(steps, key=ORDER.index):
            events += await _take(db, now, hours, seen, entry, p, step)
    return events


async def _taken_for(db: AsyncSession, seen: Floor) -> Mapping[str, set[Step]]:
    """The steps that were taken already for the promises of those who are here."""
    steps: defaultdict[str, set[Step]] = defaultdict(set)
    own = EscalationRow.promise.in_([entry.promise for entry in seen.entries])
    for promised, step in await db.execute(
        select(EscalationRow.promise, EscalationRow.step).where(own)
    ):
        steps[promised].add(step)
    return steps


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
    db: AsyncSession,
    now: datetime,
    hours: Hours,
    seen: Floor,
    entry: Entry,
    p: float,
    step: Step,
) -> list[Raised]:
    told: list[Raised] = []
    likely = None
    match step:
        case Step.DEFER:
            asked = await deferrals.ask(db, now, seen, entry)
            if asked is None:
                return []  # there is nobody to ask now; there may be in a moment
            told = [asked]
        case Step.PAGE:
            told = [OnCallPaged(entry.visit, who) for who in await _on_call(db, now, seen)]
        case Step.TELL:
            likely = promise.likely_by(seen, hours, now, entry)
            told = [PatientWarned(entry.visit, entry.deadline, likely)]
        case Step.ALERT:
            told = [DirectorAlerted(entry.visit, entry.deadline)]
    written = await insert_once(
        db,
        EscalationRow,
        promise=entry.promise,
        step=step,
        visit=entry.visit,
        at=now,
        p_keep=p,
        cause=await ledger.why(db, entry),
        likely=likely,
    )
    return told if written else []


async def _on_call(db: AsyncSession, now: datetime, seen: Floor) -> list[str]:
    """Who is planned to be on call now and is not at work already."""
    here = {shift.practitioner for shift in seen.shifts if shift.present}
    planned = await roster.plans(db, now, now)
    on_call = {line.practitioner for line in planned if line.work is Work.ON_CALL}
    return sorted(on_call - here)
