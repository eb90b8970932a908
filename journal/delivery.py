"""Brings signed notes into the EPJ: at least once from here, exactly once over there.

The server's job does four steps, the first and the last each in a transaction of its own:

    claimed = await claim(db, now, most)           # empty: nothing is due
    parcels = await pack(reading, keys, claimed)   # packing.py; whoever writes need not wait
    answer = await send(epj, parcel)               # each; no transaction is open meanwhile
    events = await settle(db, now, answered)

So several notes cost two commits together. Killed in between, a claim runs out and the note is sent
again; the EPJ knows it. Notes about one patient go one after the other, in the order in which they
were signed, a later version of a note like any other: one that has failed holds back those after it
until a person has looked, for a later one may build on it. Other patients' notes pass. When the EPJ
is not there at all, everything waits, and one note at a time is sent to see.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, TypeGuard

from sqlalchemy import Select, Update, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from venterom.journal import audit, epj_line, retry
from venterom.journal.access import SYSTEM, Purpose
from venterom.journal.audit import Told
from venterom.journal.chain import Action
from venterom.journal.epj import Epj
from venterom.journal.epj_answer import RULES, Receipt, Said
from venterom.journal.errors import EpjRefused, EpjSaid
from venterom.journal.events import Delivered, DeliveryDelayed, DeliveryFailed
from venterom.journal.packing import Claimed, Parcel
from venterom.journal.retry import Failure
from venterom.journal.states import Delivery, deliveries_before
from venterom.journal.tables import DeliveryRow

SEND_TIMEOUT = 20  # seconds that the EPJ may take to answer
LEASE = timedelta(seconds=60)  # a claim lives longer than any answer takes


@dataclass(frozen=True, slots=True)
class Refusal:
    """It did not work; `error` is a class name or one of Said, and tells nothing of anybody."""

    why: Failure
    error: str
    rest: timedelta = timedelta()  # for how long they asked to be left alone


Answered: TypeAlias = tuple[Parcel, Receipt | Refusal]


@dataclass(frozen=True, slots=True)
class Pending:
    """Where a note is, for the screen of the doctor who signed it."""

    visit: str
    patient: str
    author: str
    state: Delivery
    attempts: int
    signed_at: datetime
    delivered_at: datetime | None
    last_error: str


async def claim(db: AsyncSession, now: datetime, most: int = 1) -> list[Claimed]:
    """Take the first notes that are due, of as many patients, and write that they are handed out.
    Only one, to see, when nobody was there the last time."""
    line = await epj_line.load(db)
    if retry.rests(line, now):
        return []
    taken = await db.execute(_take(now, 1 if line.failures else most))
    claimed = [Claimed(**row, failures=line.failures) for row in taken.mappings()]
    claimed.sort(key=lambda each: each.n)
    if claimed and line.failures:
        await epj_line.hold(db, line, now + LEASE)
    await audit.append_all(
        db,
        now,
        [Told(each.visit, each.patient) for each in claimed],
        actor=SYSTEM,
        action=Action.NOTE_SENT,
        purpose=f"{Purpose.OPERATIONS}/journal",
    )
    return claimed


async def send(epj: Epj, parcel: Parcel) -> Receipt | Refusal:
    """Hand it over and read the receipt. Never raises: an answer is always to be settled."""
    if parcel.bundle is None:
        return Refusal(Failure.REFUSED, parcel.fault)
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            receipt = await epj.deliver(parcel.name, parcel.bundle)
    except EpjSaid as fault:
        return Refusal(RULES[Said(fault.said)], fault.said, fault.rest)
    except EpjRefused as fault:
        return Refusal(Failure.REFUSED, type(fault).__name__)
    except Exception as fault:  # whatever a client library may raise: try again
        return Refusal(Failure.UNREACHABLE, type(fault).__name__)
    if (receipt.note, receipt.content_hash) != (parcel.name, parcel.content_hash):
        return Refusal(Failure.REFUSED, "ReceiptMismatch")
    return receipt


async def settle(
    db: AsyncSession, now: datetime, answered: Sequence[Answered]
) -> list[Delivered | DeliveryDelayed | DeliveryFailed]:
    """Write down how it went. Nothing comes of a note whose claim had run out: somebody else is at
    it."""
    await _note_line(db, now, answered)
    events = [await _settle(db, now, parcel, answer) for parcel, answer in answered]
    return [event for event in events if event is not None]


async def _settle(
    db: AsyncSession, now: datetime, parcel: Parcel, answer: Receipt | Refusal
) -> Delivered | DeliveryDelayed | DeliveryFailed | None:
    if isinstance(answer, Receipt):
        said = {"receipt": _receipt_text(answer), "due_at": now}
        done = await _mark(db, parcel, Delivery.IN_THE_JOURNAL, **said)
        return Delivered(parcel.visit, now, answer.reference) if done else None
    again_at = retry.next_try(parcel.attempts, now, answer.why)
    if again_at is None:
        done = await _mark(db, parcel, Delivery.FAILED, last_error=answer.error)
        return DeliveryFailed(parcel.visit, parcel.attempts, answer.error) if done else None
    done = await _mark(db, parcel, Delivery.ON_ITS_WAY, due_at=again_at, last_error=answer.error)
    return DeliveryDelayed(parcel.visit, parcel.attempts, again_at) if done else None


async def _note_line(db: AsyncSession, now: datetime, answered: Sequence[Answered]) -> None:
    """Whether the EPJ is there: a note that could not even be packed does not tell."""
    sent = [each for each in answered if each[0].bundle is not None]
    silent = [(parcel, answer) for parcel, answer in sent if is_away(answer)]
    if silent and retry.away(len(sent), [answer.rest for _, answer in silent]):
        parcel, answer = max(silent, key=lambda each: each[1].rest)
        await epj_line.missed(db, now, parcel.failures, why=answer.error, asked=answer.rest)
    elif sent:
        await epj_line.there(db)


def is_away(answer: Receipt | Refusal) -> TypeGuard[Refusal]:
    """Whether nobody was there."""
    return isinstance(answer, Refusal) and answer.why is Failure.UNREACHABLE


async def try_again(db: AsyncSession, now: datetime, *, visit: str) -> bool:
    """A person has looked and asks for another round of tries; False: it had not failed."""
    done = await db.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.visit == visit, DeliveryRow.state.in_(deliveries_before(Delivery.SIGNED))
        )
        .values(state=Delivery.SIGNED, attempts=0, due_at=now)
        .returning(DeliveryRow.visit)
    )
    return done.first() is not None


async def state_of(db: AsyncSession, visit: str) -> Delivery | None:
    """Where the visit's note is, in its newest version; None: it is not signed."""
    row = await db.scalar(_newest(visit))
    return None if row is None else Delivery(row.state)


async def pending(db: AsyncSession, author: str | None = None) -> list[Pending]:
    """All notes, or this doctor's, that are signed and not in the journal; oldest first."""
    query = select(DeliveryRow).where(DeliveryRow.state != Delivery.IN_THE_JOURNAL)
    if author is not None:
        query = query.where(DeliveryRow.author == author)
    rows = await db.scalars(query.order_by(DeliveryRow.n).execution_options(populate_existing=True))
    return [_pending(row) for row in rows]


async def status(db: AsyncSession, visit: str) -> Pending | None:
    """Where the visit's note is, in its newest version, and since when; None: it is not signed."""
    row = await db.scalar(_newest(visit))
    return None if row is None else _pending(row)


def _newest(visit: str) -> Select[DeliveryRow]:
    query = select(DeliveryRow).where(DeliveryRow.visit == visit)
    newest = query.order_by(DeliveryRow.version.desc()).limit(1)
    return newest.execution_options(populate_existing=True)


def _pending(row: DeliveryRow) -> Pending:
    received = json.loads(row.receipt)["received_at"] if row.receipt else None
    return Pending(
        visit=row.visit,
        patient=row.patient,
        author=row.author,
        state=Delivery(row.state),
        attempts=row.attempts,
        signed_at=row.signed_at,
        delivered_at=datetime.fromisoformat(received) if received else None,
        last_error=row.last_error or "",
    )


def _take(now: datetime, most: int) -> Update:
    """Of two who want the same note at once the second one finds that it is not due any more."""
    waiting, earlier = aliased(DeliveryRow), aliased(DeliveryRow)
    held_back = exists().where(
        earlier.patient == waiting.patient,
        earlier.n < waiting.n,
        earlier.state != Delivery.IN_THE_JOURNAL,
    )
    states = deliveries_before(Delivery.ON_ITS_WAY)
    chosen = (
        select(waiting.n)
        .where(waiting.state.in_(states), waiting.due_at <= now, ~held_back)
        .order_by(waiting.due_at, waiting.n)
        .limit(most)
    )
    return (
        update(DeliveryRow)
        .where(DeliveryRow.n.in_(chosen), DeliveryRow.state.in_(states), DeliveryRow.due_at <= now)
        .values(state=Delivery.ON_ITS_WAY, attempts=DeliveryRow.attempts + 1, due_at=now + LEASE)
        .returning(
            DeliveryRow.n,
            DeliveryRow.visit,
            DeliveryRow.version,
            DeliveryRow.patient,
            DeliveryRow.content_hash,
            DeliveryRow.attempts,
        )
        .execution_options(synchronize_session=False)
    )


async def _mark(db: AsyncSession, parcel: Parcel, state: Delivery, **values: object) -> bool:
    done = await db.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.visit == parcel.visit,
            DeliveryRow.version == parcel.version,
            DeliveryRow.state == Delivery.ON_ITS_WAY,
            DeliveryRow.attempts == parcel.attempts,
        )
        .values(state=state, **values)
        .returning(DeliveryRow.visit)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


def _receipt_text(receipt: Receipt) -> str:
    return json.dumps(
        {
            "reference": receipt.reference,
            "received_at": receipt.received_at.isoformat(),
            "content_hash": receipt.content_hash,
        }
    )
