"""Going before the visit has begun: the patient cancels, and a booked seat is free again."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import entries, ledger, shifts
from venterom.queue.events import Left
from venterom.queue.states import Act, State
from venterom.queue.tables import SeatRow


async def leave(db: AsyncSession, now: datetime, *, visit: str) -> Left:
    """The patient cancels, also while a doctor is on the way; not in the call.

    Raises UnknownVisit, WrongState.
    """
    held = await entries.hold(db, visit)
    if held.state is State.CANCELLED:
        return Left(visit, held.ended_at or now, fresh=False)
    left = await entries.move(db, held, Act.LEAVE, ended_at=now, lease_until=None)
    await ledger.settle(db, now, left, left_at=now)
    await db.execute(delete(SeatRow).where(SeatRow.visit == visit))
    await shifts.follow(db, now, held, Act.LEAVE)
    return Left(visit, now)
