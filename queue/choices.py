"""Which levers are on, in the database: a choice is a line with who made it, and never changed."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue import ledger
from venterom.queue.events import LeversChosen
from venterom.queue.levers import Levers
from venterom.queue.tables import LeversRow


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, by whom and when; by nobody before the first choice."""

    levers: Levers = Levers()
    by: str = ""
    at: datetime | None = None


async def current(db: AsyncSession) -> Choice:
    """The choice that counts now."""
    columns = (LeversRow.defers, LeversRow.plans, LeversRow.leans, LeversRow.by, LeversRow.at)
    newest = select(*columns).order_by(LeversRow.number.desc()).limit(1)
    row = (await db.execute(newest)).first()
    return Choice(Levers(*row[:-2]), row.by, row.at) if row else Choice()


async def choose(db: AsyncSession, now: datetime, levers: Levers, *, by: str) -> LeversChosen:
    """From the next decision on these are on; to choose the same again writes nothing."""
    await ledger.admit(db)
    if (await current(db)).levers == levers:
        return LeversChosen(by, **asdict(levers), fresh=False)
    await db.execute(insert(LeversRow).values(by=by, at=now, **asdict(levers)))
    return LeversChosen(by, **asdict(levers))
