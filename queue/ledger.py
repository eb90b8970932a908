"""The ledger: a line before anybody sees an offer, and one outcome for each that is accepted."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import BigInteger, ColumnElement, Row, exists, func, insert, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import grounds
from venterom.queue.floor import Entry, Warned
from venterom.queue.monitor import Cause, Step, cause
from venterom.queue.planning import Work
from venterom.queue.promise import (
    OFFER_LIVES,
    Decision,
    Offer,
    Outcome,
    outcome,
)
from venterom.queue.report import Asked
from venterom.queue.states import Phase, State
from venterom.queue.tables import (
    EPOCH,
    MILLISECOND,
    EntryRow,
    EscalationRow,
    LockRow,
    OutcomeRow,
    PlanRow,
    PromiseRow,
    ShiftRow,
    insert_once,
)

ADMISSION = "admission"  # the name of the lock
SIGN = 1 << 63  # a seed has 64 bits, and the column's first one is a sign
HOUR = timedelta(hours=1)
HOUR_MS = HOUR // MILLISECOND  # the time zone moves by whole hours, so an hour here is one there


@dataclass(frozen=True, slots=True)
class Tally:
    """How promises ended, slots left out."""

    kept: int
    broken: int


async def admit(db: AsyncSession) -> None:
    """Hold the admission lock until the transaction ends: to check and to promise is one act.

    On SQLite every writing transaction is alone already.
    """
    await insert_once(db, LockRow, name=ADMISSION)
    await db.execute(select(LockRow.name).where(LockRow.name == ADMISSION).with_for_update())


async def write(
    db: AsyncSession,
    offer: Offer,
    *,
    patient: str,
    p_min_others: float,
    model: str,
    basis: str,
    seed: int = 0,
    leans: bool = False,
) -> None:
    """Add a line; `basis` is the canonical JSON that the decision rests on, `seed` that of its
    chance: 0 where none was needed. `leans`: somebody on call was counted on."""
    line = insert(PromiseRow).values(
        id=offer.id,
        visit=offer.visit,
        patient=patient,
        quoted_at=offer.quoted_at,
        decision=offer.decision,
        deadline=offer.deadline,
        p_keep=offer.p_keep,
        p_min_others=p_min_others,
        model=model,
        seed=seed if seed < SIGN else seed - 2 * SIGN,
        state_json=basis,
        inputs_sha256=sha256(basis.encode()).hexdigest(),
        leans=leans,
    )
    await db.execute(line)


_OFFER = select(
    PromiseRow.id,
    PromiseRow.visit,
    PromiseRow.decision,
    PromiseRow.deadline,
    PromiseRow.p_keep,
    PromiseRow.quoted_at,
    PromiseRow.state_json,
)


async def offer(db: AsyncSession, promise: str) -> Offer:
    """The offer of this line, which must exist."""
    return _value((await db.execute(_OFFER.where(PromiseRow.id == promise))).one())


async def offer_to(db: AsyncSession, promise: str, *, visit: str, patient: str) -> Offer | None:
    """The offer of this line, if it was made for this visit of this patient."""
    own = (PromiseRow.id == promise, PromiseRow.visit == visit, PromiseRow.patient == patient)
    row = (await db.execute(_OFFER.where(*own))).first()
    return None if row is None else _value(row)


async def last_offer(db: AsyncSession, *, visit: str, patient: str) -> Offer | None:
    """What was offered last for this visit of this patient."""
    own = (PromiseRow.visit == visit, PromiseRow.patient == patient)
    newest = _OFFER.where(*own).order_by(PromiseRow.quoted_at.desc(), PromiseRow.id).limit(1)
    row = (await db.execute(newest)).first()
    return None if row is None else _value(row)


def _value(row: Row[str, str, Decision, datetime | None, float, datetime, str]) -> Offer:
    promise, visit, decision, deadline, p_keep, quoted_at, basis = row
    return Offer(promise, visit, decision, deadline, p_keep, quoted_at, grounds.slots_in(basis))


async def held(db: AsyncSession, now: datetime, *, besides: str) -> tuple[datetime, ...]:
    """Deadlines that patients other than `besides` are shown now and may accept as they are.

    Without them, all who ask within the same seconds would be sold the same minutes.
    """
    accepted = exists().where(EntryRow.promise == PromiseRow.id)
    found = await db.scalars(
        select(PromiseRow.deadline).where(
            PromiseRow.quoted_at >= now - OFFER_LIVES,
            PromiseRow.deadline.is_not(None),
            PromiseRow.patient != besides,
            ~accepted,
        )
    )
    return tuple(deadline for deadline in found if deadline is not None)


async def record(db: AsyncSession, promise: str, ended: Outcome, at: datetime, cause: str) -> bool:
    """Write how a promise ended. Only the first outcome counts; says whether this was it.

    `cause` says why it was broken, or had to be rescued, and is empty otherwise.
    """
    return await insert_once(db, OutcomeRow, promise=promise, outcome=ended, at=at, cause=cause)


def is_settled() -> ColumnElement[bool]:
    """Of an entry in a query: whether it is written down how its promise ended."""
    return exists().where(OutcomeRow.promise == EntryRow.promise)


async def settle(
    db: AsyncSession, now: datetime, promised: Entry, *, left_at: datetime | None = None
) -> Outcome | None:
    """Write how an entry's promise ended, if it can be said by now."""
    ended = outcome(promised.deadline, promised.doctor_joined_at, left_at, now)
    if ended is not None:
        await record(db, promised.promise, ended, now, await _cause(db, promised, ended))
    return ended


async def _cause(db: AsyncSession, promised: Entry, ended: Outcome) -> str:
    if ended is Outcome.BROKEN:
        return await why(db, promised)
    if ended is Outcome.KEPT:
        return await _rescued(db, promised)
    return ""


async def give_up(db: AsyncSession, now: datetime, promised: Entry) -> None:
    """The patient takes something else: withdrawn, unless it was we who could not keep it."""
    warned = await warning(db, promised.promise) is not None
    ended = Outcome.BROKEN if warned or now > promised.deadline else Outcome.WITHDRAWN
    await record(db, promised.promise, ended, now, await _cause(db, promised, ended))


async def warning(db: AsyncSession, promise: str) -> Warned | None:
    """What a patient was told about a promise that will hardly be kept, if it came to that."""
    told = (EscalationRow.promise == promise, EscalationRow.step == Step.TELL)
    row = (await db.execute(select(EscalationRow.at, EscalationRow.likely).where(*told))).first()
    return None if row is None else Warned(row.at, row.likely)


async def warnings(db: AsyncSession) -> dict[str, Warned]:
    """The same of all who wait, by promise."""
    theirs = EntryRow.promise == EscalationRow.promise
    waiting = (EntryRow.state == State.WAITING, EscalationRow.step == Step.TELL)
    query = select(EscalationRow.promise, EscalationRow.at, EscalationRow.likely)
    rows = await db.execute(query.join(EntryRow, theirs).where(*waiting))
    return {row.promise: Warned(row.at, row.likely) for row in rows}


async def why(db: AsyncSession, promised: Entry) -> Cause:
    """Why a promise is in danger, or was broken."""
    return (await causes(db, [promised]))[promised.promise]


async def causes(db: AsyncSession, promised: Collection[Entry]) -> dict[str, Cause]:
    """The same of many, by promise."""
    there = ShiftRow.phase.not_in({Phase.OFF, Phase.LOST})
    here = await db.scalar(select(func.count()).select_from(ShiftRow).where(there))
    own = PromiseRow.id.in_([entry.promise for entry in promised])
    bases = await db.execute(select(PromiseRow.id, PromiseRow.state_json).where(own))
    then = {promise: grounds.doctors_in(basis or "{}") for promise, basis in bases}
    return {each.promise: cause(each, then[each.promise], here or 0) for each in promised}


async def _rescued(db: AsyncSession, promised: Entry) -> str:
    """Why a promise that was kept would not have been without help from outside: the doctor came
    in from being on call. It is not enough that somebody was called: another may have been free
    first, and the model was right."""
    came_in = exists().where(
        ShiftRow.practitioner == promised.claimed_by,
        ShiftRow.phase != Phase.OFF,
        PlanRow.practitioner == ShiftRow.practitioner,
        PlanRow.work == Work.ON_CALL,
        PlanRow.on_at <= ShiftRow.on_at,
        PlanRow.off_at > ShiftRow.on_at,
    )
    return await why(db, promised) if await db.scalar(select(came_in)) else ""


async def tally(db: AsyncSession, since: datetime) -> Tally:
    """How many promises were kept and broken from `since` on."""
    ended = await db.scalars(
        select(OutcomeRow.outcome)
        .join(PromiseRow, PromiseRow.id == OutcomeRow.promise)
        .where(OutcomeRow.at >= since, PromiseRow.decision != Decision.SLOT)
    )
    count = Counter(ended)
    return Tally(count[Outcome.KEPT], count[Outcome.BROKEN])


async def asked(db: AsyncSession, since: datetime, until: datetime) -> tuple[Asked, ...]:
    """Every visit that was offered something in this time: what it accepted, or saw last."""
    lines = await db.execute(
        select(
            PromiseRow.visit,
            PromiseRow.quoted_at,
            PromiseRow.decision,
            PromiseRow.p_keep,
            EntryRow.promise.is_not(None),
            OutcomeRow.outcome,
            func.coalesce(OutcomeRow.cause, ""),
            PromiseRow.leans,
        )
        .outerjoin(EntryRow, EntryRow.promise == PromiseRow.id)
        .outerjoin(OutcomeRow, OutcomeRow.promise == PromiseRow.id)
        .where(PromiseRow.quoted_at >= since, PromiseRow.quoted_at < until)
        .order_by(EntryRow.promise.is_not(None), PromiseRow.quoted_at, PromiseRow.id)
    )
    counts = {one.visit: one for one in (Asked(*line) for line in lines)}  # the last line counts
    return tuple(counts.values())


async def asked_by_hour(
    db: AsyncSession, since: datetime, until: datetime
) -> Mapping[datetime, int]:
    """How many visits asked for the first time in each hour of this time, if any did."""
    first = select(func.min(PromiseRow.quoted_at).label("at")).group_by(PromiseRow.visit).subquery()
    hour = type_coerce(first.c.at, BigInteger) // HOUR_MS
    within = (first.c.at >= since, first.c.at < until)
    rows = await db.execute(select(hour, func.count()).where(*within).group_by(hour))
    return {EPOCH + int(number) * HOUR: count for number, count in rows}
