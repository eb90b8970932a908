"""Brings prescriptions to the national module: at least once from here, exactly once over there.

As with notes (delivery.py) there are three steps, the first and the last in transactions of their
own, and none is open while we wait for others:

    errand = await claim(db, keys, now)              # None: nothing is due
    answer = await send(national, errand, …, clock)  # asks first, then sends
    event = await settle(db, keys, now, errand, answer)

Before anything is sent the module is asked what there is. That is the 4-hour rule, and it is also
how a prescription is found that arrived the last time, when only the answer was lost.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Update, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from venterom.journal import audit, entry, retry, versions
from venterom.journal.access import SYSTEM, Purpose
from venterom.journal.chain import Action
from venterom.journal.errors import JournalError, NationalRefused
from venterom.journal.events import PrescriptionFailed, PrescriptionSent
from venterom.journal.keys import Keys
from venterom.journal.papers import receipts, sfm
from venterom.journal.papers.national import National
from venterom.journal.papers.prescription import Prescription
from venterom.journal.papers.receipts import Sending, State, sendings
from venterom.journal.papers.sfm import Errand, Order, Prescriber, Result, Subject
from venterom.journal.papers.tables import PrescribingRow
from venterom.journal.retry import Failure
from venterom.journal.rows import insert_new, one
from venterom.journal.tables import EntryRow
from venterom.journal.writing import open_entry

__all__ = ["Parcel", "Refusal", "Sending", "State", "claim", "send", "sendings", "settle"]

SEND_TIMEOUT = 30  # seconds that the module may take for both questions
LEASE = timedelta(seconds=90)  # a claim lives longer than any answer takes
_OPEN = (State.WAITING, State.ON_ITS_WAY)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One errand; `attempts` is the fence that keeps a late answer out."""

    paper: str
    errand: Errand
    visit: str
    patient: str
    attempts: int
    author_hpr: str
    author_name: str
    order: Order | None  # None: it could not be read, see `fault`
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """It did not work; `error` says nothing about anybody."""

    why: Failure
    error: str


async def queue(
    db: AsyncSession, now: datetime, written: EntryRow, paper: str, errand: Errand
) -> None:
    """It is due. Doing it again changes nothing."""
    await insert_new(
        db,
        PrescribingRow,
        paper=paper,
        errand=errand,
        visit=written.visit,
        patient=written.patient,
        author=written.author,
        state=State.WAITING,
        attempts=0,
        due_at=now,
    )


async def call_off(db: AsyncSession, paper: str) -> bool:
    """A prescription that nobody has begun to send is not sent; True: so nothing is recalled."""
    done = await db.execute(
        update(PrescribingRow)
        .where(
            PrescribingRow.paper == paper,
            PrescribingRow.errand == Errand.SEND,
            PrescribingRow.state == State.WAITING,
            PrescribingRow.attempts == 0,
        )
        .values(state=State.FAILED, last_error="CalledOff")
        .returning(PrescribingRow.paper)
    )
    return done.first() is not None


async def has_errands(db: AsyncSession, visit: str) -> bool:
    """Whether something of this visit is still to be sent or recalled."""
    is_open = PrescribingRow.state.in_(_OPEN)
    return await one(db, PrescribingRow, PrescribingRow.visit == visit, is_open) is not None


async def claim(
    db: AsyncSession, keys: Keys, now: datetime, today: Callable[[datetime], date]
) -> Parcel | None:
    """Take the first errand that is due, and write that it is handed out. `today` says which day
    in Norway a moment is in."""
    row = (await db.execute(_take(now))).first()
    if row is None:
        return None
    written = await versions.with_paper(db, row.paper)
    assert written is not None, "a prescription is signed with a note"
    await audit.append(
        db,
        now,
        actor=SYSTEM,
        action=Action.PRESCRIPTION_SENT,
        visit=row.visit,
        patient=row.patient,
        purpose=f"{Purpose.TREATMENT}/{row.errand}",
    )
    try:
        order, fault = await _order(db, keys, row.paper, Errand(row.errand), written, today), ""
    except JournalError as bad:
        order, fault = None, type(bad).__name__
    return Parcel(
        paper=row.paper,
        errand=Errand(row.errand),
        visit=row.visit,
        patient=row.patient,
        attempts=row.attempts,
        author_hpr=written.author_hpr,
        author_name=written.author_name,
        order=order,
        fault=fault,
    )


async def send(
    national: National,
    parcel: Parcel,
    subject: Subject,
    her: str,
    clock: Callable[[], datetime],
) -> Result | Refusal:
    """Ask, then send. Never raises: an answer is always to be settled."""
    order = parcel.order
    if order is None:
        return Refusal(Failure.REFUSED, parcel.fault)
    by = Prescriber(parcel.author_name, parcel.author_hpr, her)
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            asked_at = clock()
            known = sfm.read_known(await national.get_medication(by, sfm.ask(subject)))
            if order.errand is Errand.SEND and order.id in known.prescriptions:
                return Result(order.id, known.prescriptions[order.id])
            if not sfm.fresh(asked_at, now := clock()):
                return Refusal(Failure.UNREACHABLE, "TooOldToSend")
            parameters = sfm.send(order, subject, by, known, now)
            return sfm.read_result(await national.send_medication(by, parameters), order)
    except NationalRefused as fault:
        return Refusal(Failure.REFUSED, fault.detail[:80] or type(fault).__name__)
    except Exception as fault:  # whatever a client library may raise: try again
        return Refusal(Failure.UNREACHABLE, type(fault).__name__)


async def settle(
    db: AsyncSession, keys: Keys, now: datetime, parcel: Parcel, answer: Result | Refusal
) -> PrescriptionSent | PrescriptionFailed | None:
    """Write down how it went. None: it will be tried again, or somebody else is at it."""
    if isinstance(answer, Result):
        if not await _mark(db, parcel, State.DONE):
            return None
        await receipts.keep(db, keys, now, parcel.paper, parcel.errand, parcel.patient, answer)
        return PrescriptionSent(parcel.visit, now, parcel.paper, parcel.errand)
    again_at = retry.next_try(parcel.attempts, now, answer.why)
    if again_at is not None:
        await _mark(db, parcel, State.ON_ITS_WAY, due_at=again_at, last_error=answer.error)
        return None
    failed = await _mark(db, parcel, State.FAILED, last_error=answer.error)
    return PrescriptionFailed(parcel.visit, parcel.paper, answer.error) if failed else None


async def try_again(db: AsyncSession, now: datetime, *, visit: str, paper: str) -> bool:
    """A person has looked and asks for another round of tries; False: nothing had failed."""
    done = await db.execute(
        update(PrescribingRow)
        .where(
            PrescribingRow.visit == visit,
            PrescribingRow.paper == paper,
            PrescribingRow.state == State.FAILED,
            PrescribingRow.last_error != "CalledOff",
        )
        .values(state=State.WAITING, attempts=0, due_at=now)
        .returning(PrescribingRow.paper)
    )
    return done.first() is not None


async def _order(
    db: AsyncSession,
    keys: Keys,
    paper: str,
    errand: Errand,
    written: EntryRow,
    today: Callable[[datetime], date],
) -> Order:
    content = entry.unpack(await open_entry(db, keys, written))
    (body,) = [each.body for each in content.papers if each.id == paper]
    assert isinstance(body, Prescription)
    return Order(paper, errand, body, today(written.signed_at), written.withheld)


def _take(now: datetime) -> Update:
    """Of two who want the same errand at once the second one finds that it is not due any more."""
    waiting, first = aliased(PrescribingRow), aliased(PrescribingRow)
    not_sent_yet = exists().where(
        first.paper == waiting.paper,
        first.errand == Errand.SEND,
        waiting.errand == Errand.RECALL,
        first.state.in_(_OPEN),
    )
    chosen = (
        select(waiting.paper, waiting.errand)
        .where(waiting.state.in_(_OPEN), waiting.due_at <= now, ~not_sent_yet)
        .order_by(waiting.due_at, waiting.paper)
        .limit(1)
    )
    is_it = tuple_(PrescribingRow.paper, PrescribingRow.errand).in_(chosen)
    return (
        update(PrescribingRow)
        .where(is_it, PrescribingRow.state.in_(_OPEN), PrescribingRow.due_at <= now)
        .values(state=State.ON_ITS_WAY, attempts=PrescribingRow.attempts + 1, due_at=now + LEASE)
        .returning(
            PrescribingRow.paper,
            PrescribingRow.errand,
            PrescribingRow.visit,
            PrescribingRow.patient,
            PrescribingRow.attempts,
        )
        .execution_options(synchronize_session=False)
    )


async def _mark(db: AsyncSession, parcel: Parcel, state: State, **values: object) -> bool:
    done = await db.execute(
        update(PrescribingRow)
        .where(
            PrescribingRow.paper == parcel.paper,
            PrescribingRow.errand == parcel.errand,
            PrescribingRow.state == State.ON_ITS_WAY,
            PrescribingRow.attempts == parcel.attempts,
        )
        .values(state=state, **values)
        .returning(PrescribingRow.paper)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None
