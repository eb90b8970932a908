"""Doctors on call, in the database: who was rung for which promise, and who has said yes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.errors import NotRung
from venterom.queue.events import OnCallAnswered, OnCallPaged
from venterom.queue.floor import Entry
from venterom.queue.on_call import AGAIN_AFTER, Answer, Call
from venterom.queue.tables import EPOCH, MILLISECOND, CallRow

LASTS = timedelta(milliseconds=AGAIN_AFTER)  # an older ring neither waits for an answer nor counts


async def recent(db: AsyncSession, now: datetime) -> Mapping[str, Call]:
    """The last call to each who was rung lately."""
    lately = select(CallRow.practitioner, CallRow.at, CallRow.answer).where(
        CallRow.at > now - LASTS
    )
    rows = await db.execute(lately.order_by(CallRow.at))
    return {who: Call(millisecond(at), answer) for who, at, answer in rows}


async def ring(db: AsyncSession, now: datetime, promised: Entry, who: str) -> OnCallPaged:
    """Ring a doctor for a promise in danger."""
    values = {"practitioner": who, "at": now, "promise": promised.promise, "visit": promised.visit}
    await db.execute(insert(CallRow).values(answer=Answer.NONE, **values))
    return OnCallPaged(promised.visit, who)


async def answer(
    db: AsyncSession, now: datetime, *, practitioner: str, comes: bool
) -> OnCallAnswered:
    """The doctor says whether to come. Raises NotRung where that is answered, or long ago."""
    open_ones = (
        CallRow.practitioner == practitioner,
        CallRow.answer == Answer.NONE,
        CallRow.at > now - LASTS,
    )
    said = Answer.COMES if comes else Answer.CANNOT
    change = update(CallRow).where(*open_ones).values(answer=said, answered_at=now)
    visits = (await db.scalars(change.returning(CallRow.visit))).all()
    if not visits:
        raise NotRung
    return OnCallAnswered(visits[0], practitioner, comes)


def millisecond(instant: datetime) -> int:
    """As the rules count them."""
    return (instant - EPOCH) // MILLISECOND
