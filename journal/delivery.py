"""Brings signed notes into the EPJ: at least once from here, exactly once over there.

The server's job does three steps, the first and the last each in a transaction of its own:

    parcel = await claim(db, keys, now)      # None: nothing is due
    answer = await send(epj, parcel)         # no transaction is open while we wait for others
    event = await settle(db, now, parcel, answer)

Killed in between, the claim runs out and the note is sent again; the EPJ knows the encounter. Notes
about one patient go in the order in which they were signed: one that has failed holds back those
after it until a person has looked, for a later note may build on it. Other patients' notes pass.
When the EPJ is not there at all, everything waits, and one note at a time is sent to see.
"""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from venterom.journal import attaching, audit, consenting, entry, epj_line, fhir, retry
from venterom.journal.access import SYSTEM, Purpose
from venterom.journal.chain import Action
from venterom.journal.epj import Epj
from venterom.journal.epj_answer import RULES, Receipt, Said
from venterom.journal.errors import EpjRefused, EpjSaid, JournalError
from venterom.journal.events import Delivered, DeliveryDelayed, DeliveryFailed
from venterom.journal.keys import Keys
from venterom.journal.papers import issuing
from venterom.journal.retry import Failure
from venterom.journal.states import Delivery, deliveries_before
from venterom.journal.tables import DeliveryRow
from venterom.journal.writing import last_entry, manifest_of, open_entry

SEND_TIMEOUT = 20  # seconds that the EPJ may take to answer
LEASE = timedelta(seconds=60)  # a claim lives longer than any answer takes


@dataclass(frozen=True, slots=True)
class Parcel:
    """One note on its way; `attempts` is the fence that keeps a late answer out."""

    visit: str
    content_hash: str
    attempts: int
    bundle: fhir.Resource | None  # None: it could not be packed, see `fault`
    fault: str = ""
    failures: int = 0  # how often in a row the EPJ was not there when this was handed out


@dataclass(frozen=True, slots=True)
class Refusal:
    """It did not work; `error` is a class name or one of Said, and tells nothing of anybody."""

    why: Failure
    error: str
    rest: timedelta = timedelta()  # for how long they asked to be left alone


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


async def claim(db: AsyncSession, keys: Keys, now: datetime) -> Parcel | None:
    """Take the first note that is due, and write that it is handed out."""
    line = await epj_line.load(db)
    if retry.rests(line, now):
        return None
    while (row := await _first_due(db, now)) is not None:
        if await _take(db, row, now):
            if line.failures:
                await epj_line.hold(db, line, now + LEASE)
            return replace(await _pack(db, keys, now, row), failures=line.failures)
    return None


async def send(epj: Epj, parcel: Parcel) -> Receipt | Refusal:
    """Hand it over and read the receipt. Never raises: an answer is always to be settled."""
    if parcel.bundle is None:
        return Refusal(Failure.REFUSED, parcel.fault)
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            receipt = await epj.deliver(parcel.visit, parcel.bundle)
    except EpjSaid as fault:
        return Refusal(RULES[Said(fault.said)], fault.said, fault.rest)
    except EpjRefused as fault:
        return Refusal(Failure.REFUSED, type(fault).__name__)
    except Exception as fault:  # whatever a client library may raise: try again
        return Refusal(Failure.UNREACHABLE, type(fault).__name__)
    if (receipt.encounter, receipt.content_hash) != (parcel.visit, parcel.content_hash):
        return Refusal(Failure.REFUSED, "ReceiptMismatch")
    return receipt


async def settle(
    db: AsyncSession, now: datetime, parcel: Parcel, answer: Receipt | Refusal
) -> Delivered | DeliveryDelayed | DeliveryFailed | None:
    """Write down how it went. None: the claim had run out, and somebody else is at it."""
    await _note_line(db, now, parcel, answer)
    if isinstance(answer, Receipt):
        done = await _mark(db, parcel, Delivery.IN_THE_JOURNAL, receipt=_receipt_text(answer))
        return Delivered(parcel.visit, now, answer.reference) if done else None
    again_at = retry.next_try(parcel.attempts, now, answer.why)
    if again_at is None:
        done = await _mark(db, parcel, Delivery.FAILED, last_error=answer.error)
        return DeliveryFailed(parcel.visit, parcel.attempts, answer.error) if done else None
    done = await _mark(db, parcel, Delivery.ON_ITS_WAY, due_at=again_at, last_error=answer.error)
    return DeliveryDelayed(parcel.visit, parcel.attempts, again_at) if done else None


async def _note_line(
    db: AsyncSession, now: datetime, parcel: Parcel, answer: Receipt | Refusal
) -> None:
    """Whether the EPJ is there: a note that could not even be packed does not tell."""
    if isinstance(answer, Refusal) and answer.why is Failure.UNREACHABLE:
        await epj_line.missed(db, now, parcel.failures, why=answer.error, asked=answer.rest)
    elif parcel.bundle is not None:
        await epj_line.there(db)


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
    """Where the visit's note is; None: it is not signed."""
    state = await db.scalar(select(DeliveryRow.state).where(DeliveryRow.visit == visit))
    return None if state is None else Delivery(state)


async def pending(db: AsyncSession, author: str | None = None) -> list[Pending]:
    """All notes, or this doctor's, that are signed and not in the journal; oldest first."""
    query = select(DeliveryRow).where(DeliveryRow.state != Delivery.IN_THE_JOURNAL)
    if author is not None:
        query = query.where(DeliveryRow.author == author)
    rows = await db.scalars(query.order_by(DeliveryRow.n).execution_options(populate_existing=True))
    return [_pending(row) for row in rows]


async def status(db: AsyncSession, visit: str) -> Pending | None:
    """Where the visit's note is and since when; None: it is not signed."""
    row = await db.scalar(
        select(DeliveryRow)
        .where(DeliveryRow.visit == visit)
        .execution_options(populate_existing=True)
    )
    return None if row is None else _pending(row)


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


async def _first_due(db: AsyncSession, now: datetime) -> DeliveryRow | None:
    earlier = aliased(DeliveryRow)
    held_back = exists().where(
        earlier.patient == DeliveryRow.patient,
        earlier.n < DeliveryRow.n,
        earlier.state != Delivery.IN_THE_JOURNAL,
    )
    query = (
        select(DeliveryRow)
        .where(
            DeliveryRow.state.in_(deliveries_before(Delivery.ON_ITS_WAY)),
            DeliveryRow.due_at <= now,
            ~held_back,
        )
        .order_by(DeliveryRow.due_at, DeliveryRow.n)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return await db.scalar(query)


async def _take(db: AsyncSession, row: DeliveryRow, now: datetime) -> bool:
    taken = await db.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.visit == row.visit,
            DeliveryRow.state == row.state,
            DeliveryRow.attempts == row.attempts,
            DeliveryRow.due_at == row.due_at,
        )
        .values(
            state=Delivery.ON_ITS_WAY,
            attempts=DeliveryRow.attempts + 1,
            due_at=now + LEASE,
        )
        .returning(DeliveryRow.attempts)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


async def _pack(db: AsyncSession, keys: Keys, now: datetime, row: DeliveryRow) -> Parcel:
    await audit.append(
        db,
        now,
        actor=SYSTEM,
        action=Action.NOTE_SENT,
        visit=row.visit,
        patient=row.patient,
        purpose=f"{Purpose.OPERATIONS}/journal",
    )
    attempts = row.attempts + 1
    try:
        bundle = await _bundle(db, keys, row)
    except JournalError as fault:
        return Parcel(row.visit, row.content_hash, attempts, None, type(fault).__name__)
    return Parcel(row.visit, row.content_hash, attempts, bundle)


async def _bundle(db: AsyncSession, keys: Keys, row: DeliveryRow) -> fhir.Resource:
    signed = await last_entry(db, row.visit)
    assert signed is not None
    content = entry.unpack(await open_entry(db, keys, signed))
    manifest = manifest_of(signed, keys.pseudonym(signed.patient))
    rows = await attaching.attached(db, signed)
    pictures = [await attaching.attached_bytes(db, keys, each) for each in rows]
    agreed = await consenting.agreed(db, keys, row.visit, until=signed.signed_at)
    papers = await issuing.documents(db, keys, signed)
    return fhir.bundle(
        fhir.SignedNote(manifest, content, signed.jws, tuple(pictures), agreed, tuple(papers))
    )


async def _mark(db: AsyncSession, parcel: Parcel, state: Delivery, **values: object) -> bool:
    done = await db.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.visit == parcel.visit,
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
