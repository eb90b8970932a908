"""Who has looked up which policy: for the insurer that asks about its own people, and for the
patient whose policy it is. By day: a look-up has no time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage.eligibility import Reason
from venterom.queue.coverage.tables import CheckRow, LookUpRow, PolicyRow
from venterom.queue.coverage.usage import Month

# What was said of a number without saying that it is hers who typed it.
SAYS_NOTHING = (Reason.UNKNOWN, Reason.MALFORMED, Reason.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Looked:
    """On a day, an insurer's clerk or program looked up a number, so many times."""

    day: date
    insurer: str
    clerk: str  # or the program
    number: str
    times: int


async def of_insurer(
    db: AsyncSession, *, insurer: str, month: Month, most: int | None = None
) -> tuple[Looked, ...]:
    """An insurer's own look-ups of a month, latest first; no more than `most`, if that is said."""
    days = (LookUpRow.day >= month.first, LookUpRow.day < month.after.first)
    return await _looked(db, most, LookUpRow.insurer == insurer, *days)


async def at_numbers(db: AsyncSession, numbers: Collection[str]) -> tuple[Looked, ...]:
    """Every look-up of these numbers, latest first: also by those who were told nothing."""
    return await _looked(db, None, LookUpRow.number.in_(numbers))


async def numbers_of(
    db: AsyncSession, *, own: Collection[str], others: Collection[str], born: date
) -> frozenset[str]:
    """The policies of somebody born on this day: those that were found to be hers in her `own`
    visits, and of visits in which a child had come with a parent (`others`) those of a holder born
    on this day: it may be the other's."""
    found = CheckRow.reason.not_in(SAYS_NOTHING)
    mine = (CheckRow.visit.in_(own), or_(PolicyRow.number.is_(None), _born(born)))
    theirs = (CheckRow.visit.in_(others), _born(born))
    checked = select(CheckRow.number).outerjoin(PolicyRow, PolicyRow.number == CheckRow.number)
    asked = [checked.where(found, *mine), checked.where(found, *theirs)]
    return frozenset([number for query in asked for number in await db.scalars(query)])


def _born(day: date) -> ColumnElement[bool]:
    return PolicyRow.holder_birth_date == day


async def _looked(
    db: AsyncSession, most: int | None, *which: ColumnElement[bool]
) -> tuple[Looked, ...]:
    what = (LookUpRow.day, LookUpRow.insurer, LookUpRow.clerk, LookUpRow.number)
    newest = func.max(LookUpRow.id).desc()
    query = select(*what, func.count()).where(*which).group_by(*what).order_by(newest).limit(most)
    return tuple(Looked(*row) for row in await db.execute(query))
