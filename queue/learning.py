"""What was learned, in the database: each change of the model is a version, and none is changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import cases, ledger, quantiles
from venterom.queue.cases import Seen
from venterom.queue.events import CertaintyLearned, ServiceLearned
from venterom.queue.floor import FLOOR
from venterom.queue.learn import FEWEST, HELPED, floor_after, refit
from venterom.queue.report import judged, undecided
from venterom.queue.service import FIRST, Service, mean, service
from venterom.queue.states import State
from venterom.queue.tables import CertaintyRow, DeferralRow, EntryRow, ServiceRow

LOOK_BACK = timedelta(days=28)  # a house that sees fewer in four weeks keeps what it knew
MET = (State.IN_CALL, State.WRAP, State.DONE)


@dataclass(frozen=True, slots=True)
class Certainty:
    """How likely a promise has to be."""

    alone: float = FLOOR
    leaning: float = FLOOR  # while somebody on call may be counted on

    def of(self, leans: bool) -> float:
        """The one that counts."""
        return self.leaning if leans else self.alone


async def certainty(db: AsyncSession) -> Certainty:
    """How likely a promise has to be now."""
    columns = select(CertaintyRow.certainty, CertaintyRow.leaning)
    row = (await db.execute(columns.order_by(CertaintyRow.until.desc()).limit(1))).first()
    return Certainty(*row) if row else Certainty()


async def learn(db: AsyncSession, since: datetime, until: datetime) -> tuple[CertaintyLearned, ...]:
    """Learn from the promises of one day, once; those that leaned on somebody on call, and those
    that did not, apart. Nothing if that was done, if nothing was promised, or as long as one
    promise of that day is open: it is to be tried again, so that it counts."""
    done = select(CertaintyRow.until).where(CertaintyRow.until >= until).limit(1)
    if await db.scalar(done) is not None:
        return ()
    asked = await ledger.asked(db, since, until)
    kept, missed = judged(each for each in asked if not each.leans)
    leaning_kept, leaning_missed = judged(each for each in asked if each.leans)
    if undecided(asked) or not kept + missed + leaning_kept + leaning_missed:
        return ()
    before = await certainty(db)
    after = Certainty(
        floor_after(before.alone, kept, missed),
        floor_after(before.leaning, leaning_kept, leaning_missed, HELPED),
    )
    await db.execute(
        insert(CertaintyRow).values(
            until=until,
            certainty=after.alone,
            kept=kept,
            missed=missed,
            leaning=after.leaning,
            leaning_kept=leaning_kept,
            leaning_missed=leaning_missed,
        )
    )
    return tuple(
        CertaintyLearned(until, before.of(leans), after.of(leans), leans)
        for leans in (False, True)
        if before.of(leans) != after.of(leans)
    )


@dataclass(frozen=True, slots=True)
class Version:
    """How long patients take, as it is stored: quantiles in milliseconds, and what they rest on."""

    version: int = FIRST.version
    until: datetime | None = None  # learned from those before; None: not learned from anybody
    consultation: tuple[int, ...] = quantiles.CONSULTATION
    wrap_up: tuple[int, ...] = quantiles.WRAP_UP
    calls: int = 0
    notes: int = 0

    @property
    def service(self) -> Service:
        """What the engine makes of it."""
        return service(self.version, self.consultation, self.wrap_up)

    @property
    def minutes(self) -> tuple[float, float]:
        """The means of a consultation and of a note."""
        return mean(self.service.consultations), mean(self.service.wrap_ups)


async def versions(db: AsyncSession, newest: int | None = None) -> tuple[Version, ...]:
    """All versions that were learned, or only the newest ones; the newest is the first."""
    columns = ServiceRow.__table__.c
    found = await db.execute(select(*columns).order_by(ServiceRow.version.desc()).limit(newest))
    return tuple(
        Version(row.version, row.until, _read(row.consultation), _read(row.wrap_up), *row[4:])
        for row in found
    )


def _read(text: str) -> tuple[int, ...]:
    return tuple(json.loads(text))


async def in_force(db: AsyncSession) -> Version:
    """The version that counts now."""
    return next(iter(await versions(db, 1)), Version())


async def learn_service(db: AsyncSession, now: datetime, until: datetime) -> ServiceLearned | None:
    """Learn from all who were seen since it was learned last, and whose call began before `until`.

    None if that was done, or these are too few yet: then they count the next time.
    """
    before = await in_force(db)
    if before.until is not None and before.until >= until:
        return None
    since = max(before.until or until - LOOK_BACK, until - LOOK_BACK)
    seen = await _seen(db, since)
    calls, notes = cases.calls(seen, until, now), cases.notes(seen, until, now)
    if min(len(calls.finished), len(notes.finished)) < FEWEST:
        return None
    after = Version(
        before.version + 1,
        until,
        refit(before.consultation, calls.finished, calls.running),
        refit(before.wrap_up, notes.finished, notes.running),
        len(calls.finished),
        len(notes.finished),
    )
    await store(db, after)
    return ServiceLearned(after.version, until, *after.minutes)


async def _seen(db: AsyncSession, since: datetime) -> Sequence[Seen]:
    """Those whose call came up from then on. A note of which nobody knows when it was signed is
    left out: it was written before that was noted."""
    known = (EntryRow.state != State.DONE) | EntryRow.signed_at.is_not(None)
    rows = await db.execute(
        select(
            EntryRow.claimed_by,
            EntryRow.connected_at,
            EntryRow.ended_at,
            DeferralRow.accepted_at,
            EntryRow.signed_at,
        )
        .outerjoin(DeferralRow, DeferralRow.visit == EntryRow.visit)
        .where(EntryRow.connected_at >= since, EntryRow.state.in_(MET), known)
    )
    return [Seen(who, at, *times) for who, at, *times in rows if who and at]


async def store(db: AsyncSession, learned: Version) -> None:
    """From here on it counts; a version is stored once."""
    await db.execute(
        insert(ServiceRow).values(
            version=learned.version,
            until=learned.until,
            consultation=json.dumps(learned.consultation),
            wrap_up=json.dumps(learned.wrap_up),
            calls=learned.calls,
            notes=learned.notes,
        )
    )
