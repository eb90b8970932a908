"""How the promises to insurers' customers went, month by month: written once by the service, read
by the insurer."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage import kept
from venterom.queue.coverage.eligibility import Answer
from venterom.queue.coverage.kept import Kept
from venterom.queue.coverage.portal_tables import KeptRow
from venterom.queue.coverage.tables import CheckRow, insert_once
from venterom.queue.coverage.usage import Month, months_over

AT_ONCE = 500  # visits in one question: both databases take more, and it is no slower so


async def due(db: AsyncSession, day: date) -> tuple[Month, ...]:
    """The months that are over and have not been told, earliest first; none older than a year."""
    last = await db.scalar(select(func.max(KeptRow.month)))
    return tuple(month for month in months_over(day) if str(month) > (last or ""))


async def insurers_of(db: AsyncSession, visits: Sequence[str]) -> Mapping[str, str]:
    """Whose customer was the patient of each visit; only of those that were covered."""
    found: dict[str, str] = {}
    for begin in range(0, len(visits), AT_ONCE):
        rows = await db.execute(
            select(CheckRow.visit, CheckRow.insurer).where(
                CheckRow.visit.in_(visits[begin : begin + AT_ONCE]),
                CheckRow.answer == Answer.COVERED,
            )
        )
        found |= {visit: insurer for visit, insurer in rows}
    return found


async def tell(
    db: AsyncSession, month: Month, counts: Mapping[str, tuple[int, int]]
) -> tuple[Kept, ...]:
    """Write down how many promises were kept, of how many, by insurer; of few nothing, ever."""
    told = []
    for insurer, (part, promises) in sorted(counts.items()):
        each = kept.tell(month, part, promises)
        values = {"month": str(month), "kept": each.kept, "promises": each.promises}
        if await insert_once(db, KeptRow, insurer=insurer, **values):
            told.append(each)
    return tuple(told)


async def year(db: AsyncSession, day: date, *, insurer: str) -> Mapping[Month, Kept]:
    """The last twelve months that are over and were told, earliest first."""
    months = {str(month): month for month in months_over(day)}
    rows = await db.execute(
        select(KeptRow.month, KeptRow.kept, KeptRow.promises)
        .where(KeptRow.insurer == insurer, KeptRow.month.in_(months))
        .order_by(KeptRow.month)
    )
    return {months[month]: Kept(months[month], part, promises) for month, part, promises in rows}
