"""The ladder in the database: every so often each promise is looked at, and steps are taken.

    seen = await see(db, now)            # reads only
    dangers = in_danger(seen, hours)     # no transaction is open: it takes a while
    events = await climb(db, now, hours, dangers)

A step is written down with its cause, and whoever it concerns learns of it by an event. Two who
look at once take it once. Only the doctors on call are rung as often as it takes, one after the
other (`on_call`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import deferrals, ledger, monitor, on_call, promise, ringing
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
from venterom.queue.on_call import Call
from venterom.queue.order import in_order
from venterom.queue.overview import Taken
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
    rung: Mapping[str, Call]  # on call, by practitioner

    def left(self, entry: Entry, p: float) -> list[Step]:
        """The steps that are still to be taken for one that is as likely as this, in order; to
        ring doctors on call always is, as long as there are any and the promise is in danger."""
        if not monitor.is_watched(entry, self.now):
            return []
        wanted = monitor.due(p, entry.deadline - self.now)
        if entry.kind is Kind.BOOKED:
            wanted &= FOR_BOOKED
        once = self.taken.get(entry.promise, frozenset())
        done = once - {Step.PAGE} if self.floor.on_call else once | {Step.PAGE}
        return sorted(wanted - done, key=ORDER.index)


async def see(db: AsyncSession, now: datetime) -> Seen:
    """Look at all who wait."""
    steps: defaultdict[str, frozenset[Step]] = defaultdict(frozenset)
    here = await floor(db, now)
    own = EscalationRow.promise.in_([entry.promise for entry in here.entries])
    for promised, step in await db.execute(
        select(EscalationRow.promise, EscalationRow.step).where(own)
    ):
        steps[promised] |= {step}
    return Seen(now, here, steps, await ringing.recent(db, now))


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
    calling: list[Entry] = []
    for entry in in_order(entry for entry in seen.floor.entries if entry.promise in dangers):
        p = dangers[entry.promise]
        for step in seen.left(entry, p):
            if step is Step.PAGE:
                calling.append(entry)
                continue
            told = await _take(db, hours, seen, entry, p, step)
            seen = _with_asked(seen, entry, told)
            events += told
    return [*events, *await _ring(db, seen, calling, dangers)]


async def _ring(
    db: AsyncSession, seen: Seen, calling: Sequence[Entry], dangers: Mapping[str, float]
) -> list[Raised]:
    """Ring those on call whom so many promises need, and first for those for whom nobody was rung
    yet. Before that a doctor who writes is asked, and has until the next look to answer."""
    asked = {each.promise for each in seen.floor.deferrals if each.asked_at == seen.now}
    urgent = [entry for entry in calling if entry.promise not in asked]
    urgent.sort(key=lambda entry: Step.PAGE in seen.taken.get(entry.promise, ()))
    now = ringing.millisecond(seen.now)
    whom = on_call.to_ring(seen.floor.on_call, seen.rung, len(urgent), now)
    rung: list[Raised] = []
    for entry, who in zip(urgent, whom, strict=False):  # fewer may be free than are needed
        await _write(db, seen.now, entry, dangers[entry.promise], Step.PAGE)
        rung.append(await ringing.ring(db, seen.now, entry, who))
    return rung


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
        case Step.TELL:
            likely = promise.likely_by(seen.floor, hours, seen.now, entry)
            told = [PatientWarned(entry.visit, entry.deadline, likely)]
        case Step.ALERT:
            told = [DirectorAlerted(entry.visit, entry.deadline)]
    return told if await _write(db, seen.now, entry, p, step, likely) else []


async def _write(
    db: AsyncSession,
    now: datetime,
    entry: Entry,
    p: float,
    step: Step,
    likely: datetime | None = None,
) -> bool:
    """A line of its own for each step; says whether this was the first."""
    return await insert_once(
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
