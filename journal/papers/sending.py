"""Brings papers to those who are to have them: at least once from here, exactly once over there.

One list and one claim for all kinds of papers that are sent: prescriptions (prescribing.py) and
sick notes (reporting.py). As with notes (delivery.py) there are three steps, the first and the last
in transactions of their own, and none is open while we wait for others:

    parcel = await claim(db, keys, now, kind)        # None: nothing of this kind is due
    answer = await prescribing.send(…)               # asks first, then sends; or reporting.send
    event = await settle(db, keys, now, parcel, answer)

Whoever sends asks first what the other side has: that is how a paper is found that arrived the
last time, when only the answer was lost. Kinds are claimed apart, so that none waits for an outage
of the other's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from venterom.journal import audit, entry, retry, versions
from venterom.journal.access import CARE_LASTS, SYSTEM, Purpose
from venterom.journal.chain import Action
from venterom.journal.entry import Content
from venterom.journal.errors import JournalError
from venterom.journal.events import PaperNotSent, PaperSent
from venterom.journal.keys import Keys
from venterom.journal.papers import receipts
from venterom.journal.papers.errand import CALLED_OFF, Errand, Refusal, Result, State
from venterom.journal.papers.paper import Body, Kind
from venterom.journal.papers.tables import ErrandRow, WithdrawalRow
from venterom.journal.rows import insert_new, one
from venterom.journal.tables import EntryRow
from venterom.journal.writing import open_entry

LEASE = timedelta(seconds=90)  # a claim lives longer than any answer takes
SAID: Mapping[Kind, Action] = {
    Kind.PRESCRIPTION: Action.PRESCRIPTION_SENT,
    Kind.SICK_NOTE: Action.SICK_NOTE_SENT,
}
_OPEN = (State.WAITING, State.ON_ITS_WAY)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One errand; `attempts` is the fence that keeps a late answer out."""

    paper: str
    kind: Kind
    errand: Errand
    visit: str
    patient: str
    attempts: int
    author_hpr: str
    author_name: str
    signed_at: datetime
    withheld: bool  # from parents
    withdrawn: bool  # by now
    content: Content | None  # of the note; None: it could not be read, see `fault`
    fault: str = ""

    @property
    def body(self) -> Body:
        """What the paper says."""
        assert self.content is not None
        (found,) = [each.body for each in self.content.papers if each.id == self.paper]
        return found


async def queue(
    db: AsyncSession, now: datetime, written: EntryRow, paper: str, kind: Kind, errand: Errand
) -> None:
    """It is due. Doing it again changes nothing."""
    await insert_new(
        db,
        ErrandRow,
        paper=paper,
        kind=kind,
        errand=errand,
        visit=written.visit,
        patient=written.patient,
        author=written.author,
        state=State.WAITING,
        attempts=0,
        due_at=now,
    )


async def call_off(db: AsyncSession, paper: str) -> bool:
    """What nobody has begun to send is not sent; True: so nothing is recalled."""
    done = await db.execute(
        update(ErrandRow)
        .where(
            ErrandRow.paper == paper,
            ErrandRow.errand == Errand.SEND,
            ErrandRow.state == State.WAITING,
            ErrandRow.attempts == 0,
            ErrandRow.last_error.is_(None),  # nor in a round before
        )
        .values(state=State.FAILED, last_error=CALLED_OFF)
        .returning(ErrandRow.paper)
    )
    return done.first() is not None


async def has_errands(db: AsyncSession, visit: str) -> bool:
    """Whether something of this visit is still to be sent or recalled."""
    is_open = ErrandRow.state.in_(_OPEN)
    return await one(db, ErrandRow, ErrandRow.visit == visit, is_open) is not None


async def claim(db: AsyncSession, keys: Keys, now: datetime, kind: Kind) -> Parcel | None:
    """Take the first errand of this kind that is due, and write that it is handed out."""
    row = (await db.execute(_take(now, kind))).first()
    if row is None:
        return None
    written = await versions.with_paper(db, row.paper)
    assert written is not None, "a paper is signed with a note"
    await audit.append(
        db,
        now,
        actor=SYSTEM,
        action=SAID[kind],
        visit=row.visit,
        patient=row.patient,
        purpose=f"{Purpose.TREATMENT}/{row.errand}",
    )
    try:
        content, fault = entry.unpack(await open_entry(db, keys, written)), ""
    except JournalError as bad:
        content, fault = None, type(bad).__name__
    gone = await one(db, WithdrawalRow, WithdrawalRow.paper == row.paper)
    return Parcel(
        paper=row.paper,
        kind=kind,
        errand=Errand(row.errand),
        visit=row.visit,
        patient=row.patient,
        attempts=row.attempts,
        author_hpr=written.author_hpr,
        author_name=written.author_name,
        signed_at=written.signed_at,
        withheld=written.withheld,
        withdrawn=gone is not None,
        content=content,
        fault=fault,
    )


async def settle(
    db: AsyncSession, keys: Keys, now: datetime, parcel: Parcel, answer: Result | Refusal
) -> PaperSent | PaperNotSent | None:
    """Write down how it went. None: it will be tried again, or somebody else is at it."""
    if isinstance(answer, Result):
        if not await _mark(db, parcel, State.DONE):
            return None
        await receipts.keep(db, keys, now, parcel.paper, parcel.errand, parcel.patient, answer)
        return PaperSent(parcel.visit, now, parcel.paper, parcel.errand)
    again_at = retry.next_try(parcel.attempts, now, answer.why)
    if again_at is not None:
        await _mark(db, parcel, State.ON_ITS_WAY, due_at=again_at, last_error=answer.error)
        return None
    failed = await _mark(db, parcel, State.FAILED, last_error=answer.error)
    return PaperNotSent(parcel.visit, parcel.paper, answer.error) if failed else None


async def try_again(db: AsyncSession, now: datetime, *, visit: str, paper: str) -> bool:
    """A person has looked and asks for another round of tries; False: nothing had failed."""
    done = await db.execute(
        update(ErrandRow)
        .where(
            ErrandRow.visit == visit,
            ErrandRow.paper == paper,
            ErrandRow.state == State.FAILED,
            ErrandRow.last_error != CALLED_OFF,
        )
        .values(state=State.WAITING, attempts=0, due_at=now)
        .returning(ErrandRow.paper)
    )
    return done.first() is not None


async def stopped(db: AsyncSession, now: datetime, author: str) -> dict[str, str]:
    """The visits, with their patients, of which a paper or a recall of this doctor's has not come
    through and nobody tries any more; as long as she may look at them."""
    not_needed = exists().where(
        WithdrawalRow.paper == ErrandRow.paper, ErrandRow.errand == Errand.SEND
    )
    query = select(ErrandRow.visit, ErrandRow.patient).where(
        ErrandRow.kind.in_(SAID),
        ErrandRow.state == State.FAILED,
        ErrandRow.due_at > now - CARE_LASTS,
        ErrandRow.author == author,
        ~not_needed,
    )
    found = await db.execute(query.order_by(ErrandRow.due_at))
    return {visit: patient for visit, patient in found}


def _take(now: datetime, kind: Kind) -> Update:
    """Of two who want the same errand at once the second one finds that it is not due any more."""
    waiting, first = aliased(ErrandRow), aliased(ErrandRow)
    not_sent_yet = exists().where(
        first.paper == waiting.paper,
        first.errand == Errand.SEND,
        waiting.errand == Errand.RECALL,
        first.state.in_(_OPEN),
    )
    chosen = (
        select(waiting.paper, waiting.errand)
        .where(waiting.kind == kind, waiting.state.in_(_OPEN))
        .where(waiting.due_at <= now, ~not_sent_yet)
        .order_by(waiting.due_at, waiting.paper)
        .limit(1)
    )
    is_it = tuple_(ErrandRow.paper, ErrandRow.errand).in_(chosen)
    return (
        update(ErrandRow)
        .where(is_it, ErrandRow.state.in_(_OPEN), ErrandRow.due_at <= now)
        .values(state=State.ON_ITS_WAY, attempts=ErrandRow.attempts + 1, due_at=now + LEASE)
        .returning(
            ErrandRow.paper,
            ErrandRow.errand,
            ErrandRow.visit,
            ErrandRow.patient,
            ErrandRow.attempts,
        )
        .execution_options(synchronize_session=False)
    )


async def _mark(db: AsyncSession, parcel: Parcel, state: State, **values: object) -> bool:
    done = await db.execute(
        update(ErrandRow)
        .where(
            ErrandRow.paper == parcel.paper,
            ErrandRow.errand == parcel.errand,
            ErrandRow.state == State.ON_ITS_WAY,
            ErrandRow.attempts == parcel.attempts,
        )
        .values(state=state, **values)
        .returning(ErrandRow.paper)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None
