"""What insurers are billed for: each visit once, in the month in which it was counted."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage import billing
from venterom.queue.coverage.billing import Bill
from venterom.queue.coverage.portal_tables import ChargeRow
from venterom.queue.coverage.tables import PolicyRow, insert_once
from venterom.queue.coverage.usage import Month, Uses, months_over


async def charge(
    db: AsyncSession, *, visit: str, insurer: str, number: str, month: Month, later: bool
) -> None:
    """Put a visit on the bill of a month that is not over, once. `later`: it was settled after the
    visit. The product is that of the day: the bill stays as it is when the policy changes. A policy
    that stands in the insurer's own register only has none here."""
    product = await db.scalar(select(PolicyRow.product).where(PolicyRow.number == number))
    values = {"insurer": insurer, "product": product or "", "month": str(month), "later": later}
    await insert_once(db, ChargeRow, visit=visit, **values)


async def bill(db: AsyncSession, *, insurer: str, month: Month) -> Bill:
    """The bill of a month that is over."""
    own = (ChargeRow.insurer == insurer, ChargeRow.month == str(month))
    counted = await db.execute(
        select(ChargeRow.product, func.count()).where(*own).group_by(ChargeRow.product)
    )
    by_product: Mapping[str, int] = {product: count for product, count in counted}
    later = await db.scalar(select(func.count()).where(*own, ChargeRow.later))
    return billing.bill(month, by_product, later or 0)


async def year(db: AsyncSession, day: date, *, insurer: str) -> tuple[Uses, ...]:
    """The last twelve months that are over, earliest first."""
    months = months_over(day)
    counted = await db.execute(
        select(ChargeRow.month, func.count())
        .where(ChargeRow.insurer == insurer, ChargeRow.month >= str(months[0]))
        .group_by(ChargeRow.month)
    )
    counts = {month: count for month, count in counted}
    return tuple(Uses(month, counts.get(str(month), 0)) for month in months)
