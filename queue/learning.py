"""What was learned, in the database: each change of the model is a version, and none is changed."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import ledger
from venterom.queue.events import CertaintyLearned
from venterom.queue.floor import FLOOR
from venterom.queue.learn import floor_after
from venterom.queue.report import judged
from venterom.queue.tables import CertaintyRow


async def certainty(db: AsyncSession) -> float:
    """How likely a promise has to be now."""
    newest = select(CertaintyRow.certainty).order_by(CertaintyRow.until.desc()).limit(1)
    return await db.scalar(newest) or FLOOR


async def learn(db: AsyncSession, since: datetime, until: datetime) -> CertaintyLearned | None:
    """Learn from the promises of one day, once. None if that was done, or nothing was promised."""
    done = select(CertaintyRow.until).where(CertaintyRow.until >= until).limit(1)
    if await db.scalar(done) is not None:
        return None
    kept, missed = judged(await ledger.asked(db, since, until))
    if not kept + missed:
        return None
    before = await certainty(db)
    after = floor_after(before, kept, missed)
    await db.execute(
        insert(CertaintyRow).values(until=until, certainty=after, kept=kept, missed=missed)
    )
    return CertaintyLearned(until, before, after)
