"""What insurers are billed for, as it is stored."""

from datetime import date

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.coverage.register import take_in
from tests.queue.coverage.test_policies import POLICY
from venterom.queue.coverage import charges
from venterom.queue.coverage.billing import SEVERAL, Part
from venterom.queue.coverage.portal_tables import ChargeRow
from venterom.queue.coverage.usage import Month

pytestmark = pytest.mark.adapter
OCTOBER = Month(2026, 10)
OWN = POLICY.insurer


async def charge(db: AsyncSession, count: int, *, month: Month = OCTOBER, **more: object) -> None:
    """Put so many visits on a bill."""
    plain = {"insurer": OWN, "number": POLICY.number, "later": False}
    start = f"{month}{sorted(more.items())}"
    for n in range(count):
        named = {**plain, **more, "visit": f"{abs(hash(start)) % 10**9}-{n}"}
        await charges.charge(db, month=month, **named)  # type: ignore[arg-type]


async def test_a_bill_is_of_one_insurer_and_one_month(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    await charge(db, 7)
    await charge(db, 6, later=True)
    await charge(db, 5, number="NOT-OURS")
    await charge(db, 11, insurer="other")
    await charge(db, 9, month=OCTOBER.after)
    bill = await charges.bill(db, insurer=OWN, month=OCTOBER)
    assert (bill.uses, bill.later) == (18, 6)
    assert bill.products == (Part(POLICY.product, 13), Part(SEVERAL, 5))
    other = await charges.bill(db, insurer="other", month=OCTOBER)
    assert (other.uses, other.later) == (11, 0)
    assert (await charges.bill(db, insurer="none", month=OCTOBER)).products == ()


async def test_a_year_has_twelve_months_that_are_over(db: AsyncSession) -> None:
    await charge(db, 2)
    await charge(db, 3, month=Month(2025, 11))
    await charge(db, 1, month=Month(2025, 10))  # too long ago
    await charge(db, 1, month=Month(2026, 11))  # runs still
    await charge(db, 1, insurer="other")
    year = await charges.year(db, date(2026, 11, 24), insurer=OWN)
    assert [(str(each.month), each.uses) for each in year if each.uses] == [
        ("2025-11", 3),
        ("2026-10", 2),
    ]
    assert len(year) == 12 and year[-1].month == OCTOBER


async def test_what_is_billed_is_only_added_to(db: AsyncSession) -> None:
    await charge(db, 1)
    for change in (update(ChargeRow).values(month="2026-11"), delete(ChargeRow)):
        with pytest.raises(DBAPIError, match="insert-only"):
            async with db.begin_nested():
                await db.execute(change)
