"""The ladder in the database: every so often each promise is looked at, and steps are taken.

    seen = await see(db, now)            # reads only
    dangers = in_danger(seen, hours)     # no transaction is open: it takes a while
    events = await climb(db, now, dangers)

A step is written down with its cause, and whoever it concerns learns of it by an event. Two who
look at once take it once. Only the doctors on call are rung as often as it takes, one after the
other (`on_call`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
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
from venterom.queue.states import LIVE
from venterom.queue.tables import EntryRow, EscalationRow, insert_new

Key = tuple[str, Step]  # of a step: the promise that it was taken for
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


@dataclass(frozen=True, slots=True)
class Danger:
    """How likely a promise is to be kept, and by when a doctor comes if it is not, where that is
    to be told and can be said."""

    p: float
    likely: datetime | None = None


async def see(db: AsyncSession, now: datetime) -> Seen:
    """Look at all who wait."""
    steps: defaultdict[str, frozenset[Step]] = defaultdict(frozenset)
    here = await floor(db, now)
    theirs = EntryRow.promise == EscalationRow.promise
    taken = select(EscalationRow.promise, EscalationRow.step).join(EntryRow, theirs)
    for promised, step in await db.execute(taken.where(EntryRow.state.in_(LIVE))):
        steps[promised] |= {step}
    return Seen(now, here, steps, await ringing.recent(db, now))


def in_danger(seen: Seen, hours: Hours) -> Mapping[str, Danger]:
    """The promises for which steps are left to be taken.

    The future of everybody is played for it, so no transaction is open meanwhile.
    """
    chances = promise.chances(seen.floor, hours, seen.now)
    chances += [(each, BOOKED_P) for each in seen.floor.entries if each.kind is Kind.BOOKED]
    left = {entry.promise: (p, seen.left(entry, p)) for entry, p in chances}
    told = {promised for promised, (_, steps) in left.items() if Step.TELL in steps}
    likely = promise.likely_by(seen.floor, hours, seen.now, told) if told else {}
    return {each: Danger(p, likely.get(each)) for each, (p, steps) in left.items() if steps}


async def climb(db: AsyncSession, now: datetime, dangers: Mapping[str, Danger]) -> list[Raised]:
    """Take the steps that promises in danger ask for, each once a promise.

    Whoever has met a doctor since they were looked at is left alone.
    """
    seen = await see(db, now)
    due = [entry for entry in in_order(seen.floor.entries) if entry.promise in dangers]
    steps = {each.promise: seen.left(each, dangers[each.promise].p) for each in due}
    calling = [each for each in due if Step.PAGE in steps[each.promise]]
    raised: dict[Key, Raised | None] = {}
    for entry in due:
        for step in steps[entry.promise]:
            if step is Step.DEFER:
                asked = await deferrals.ask(db, seen.now, seen.floor, entry)
                if asked is None:
                    continue  # there is nobody to ask now; there may be in a moment
                seen = _with_asked(seen, entry, asked)
                raised[entry.promise, step] = asked
            elif step is not Step.PAGE:
                raised[entry.promise, step] = _event(entry, step, dangers[entry.promise])
    written = await _write(db, seen, dangers, raised)
    told = [each for key, each in raised.items() if each is not None and key in written]
    return [*told, *await _ring(db, seen, calling, dangers)]


async def _ring(
    db: AsyncSession, seen: Seen, calling: Sequence[Entry], dangers: Mapping[str, Danger]
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
        await _write(db, seen, dangers, [(entry.promise, Step.PAGE)])
        rung.append(await ringing.ring(db, seen.now, entry, who))
    return rung


def _with_asked(seen: Seen, entry: Entry, told: DeferralAsked) -> Seen:
    """The same, with the doctor who has just been asked: nobody is asked for two at once."""
    now, own = seen.now, (told.visit, told.practitioner, entry.promise)
    asked = Deferral(*own, now, now, None, None, None)
    floor = replace(seen.floor, deferrals=(*seen.floor.deferrals, asked))
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


def _event(entry: Entry, step: Step, danger: Danger) -> Raised | None:
    """Who learns of it."""
    match step:
        case Step.TELL:
            return PatientWarned(entry.visit, entry.deadline, danger.likely)
        case Step.ALERT:
            return DirectorAlerted(entry.visit, entry.deadline)
    return None


async def _write(
    db: AsyncSession, seen: Seen, dangers: Mapping[str, Danger], steps: Collection[Key]
) -> Collection[Key]:
    """A line of its own for each step; returns those that were the first."""
    if not steps:
        return ()
    entries = {entry.promise: entry for entry in seen.floor.entries}
    causes = await ledger.causes(db, [entries[each] for each in {each for each, _ in steps}])
    lines = [
        {
            "promise": each,
            "step": step,
            "visit": entries[each].visit,
            "at": seen.now,
            "p_keep": dangers[each].p,
            "cause": causes[each],
            "likely": dangers[each].likely if step is Step.TELL else None,
        }
        for each, step in steps
    ]
    return await insert_new(db, EscalationRow, lines, ("promise", "step"))
