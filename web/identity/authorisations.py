"""What the register of health personnel has said of doctors: written down, and found again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.hpr import Answer, Status
from venterom.web.identity.tables import HprAnswer, Occasion, insert_once

COLUMNS = HprAnswer.__table__.c


async def keep(
    db: AsyncSession, now: datetime, *, hpr_number: str, status: Status, occasion: Occasion
) -> Answer:
    """Write an answer down; it is never changed."""
    await insert_once(
        db, HprAnswer, hpr_number=hpr_number, at=now, status=status, occasion=occasion
    )
    return Answer(status, now)


async def newest(db: AsyncSession, hpr_number: str) -> Answer | None:
    """The last answer about this number."""
    query = select(COLUMNS.status, COLUMNS.at).where(COLUMNS.hpr_number == hpr_number)
    row = (await db.execute(query.order_by(COLUMNS.at.desc()).limit(1))).first()
    return None if row is None else Answer(*row)


async def last_answered(db: AsyncSession) -> datetime | None:
    """When the register answered last, about anybody."""
    return await db.scalar(select(COLUMNS.at).order_by(COLUMNS.at.desc()).limit(1))
