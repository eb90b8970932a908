"""The triage class in the database: changed by a doctor at work, and never without a line."""

from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import entries, shifts
from venterom.queue.errors import WrongState
from venterom.queue.events import Triaged
from venterom.queue.tables import TriageRow
from venterom.queue.triage import GROUNDS, Ground, Triage, can_be_triaged


async def triage(
    db: AsyncSession, now: datetime, *, visit: str, practitioner: str, to: Triage, ground: Ground
) -> Triaged:
    """Put somebody who waits before others, or back among them. The deadline stays as it was.

    To the same class again changes nothing. Raises NotOnShift, UnknownVisit, WrongState.
    """
    if ground not in GROUNDS[to]:
        raise ValueError(f"{ground} is no ground for {to!r}")
    await shifts.hold(db, practitioner)
    held = await entries.hold(db, visit)
    if not can_be_triaged(held, now):
        raise WrongState
    if held.triage == to:
        return Triaged(visit, practitioner, to, fresh=False)
    await entries.note(db, held, triage=int(to))
    line = insert(TriageRow).values(
        id=token_urlsafe(16),
        visit=visit,
        practitioner=practitioner,
        at=now,
        was=held.triage,
        triage=int(to),
        ground=ground,
    )
    await db.execute(line)
    return Triaged(visit, practitioner, to)
