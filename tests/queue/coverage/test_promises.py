"""How promises were kept comes over to the insurers' side once a month, of many, and for good."""

from datetime import date

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.coverage.register import take_in
from tests.queue.coverage.test_policies import POLICY
from venterom.queue.coverage import insurer, promises
from venterom.queue.coverage.eligibility import UNREACHABLE, Answer, Eligibility, Reason
from venterom.queue.coverage.kept import FEWEST, Kept
from venterom.queue.coverage.portal_tables import KeptRow
from venterom.queue.coverage.usage import Month

pytestmark = pytest.mark.adapter
DAY = date(2026, 11, 24)
OCTOBER = Month(2026, 10)


async def test_every_month_of_a_year_that_is_over_is_due_until_it_is_told(
    db: AsyncSession,
) -> None:
    assert len(await promises.due(db, DAY)) == 12
    await promises.tell(db, OCTOBER.before, {"fjord": (20, 20)})
    assert await promises.due(db, DAY) == (OCTOBER,)
    await promises.tell(db, OCTOBER, {"fjord": (1, 1)})  # too few is told, too
    assert await promises.due(db, DAY) == ()
    assert await promises.due(db, date(2026, 12, 1)) == (OCTOBER.after,)


async def test_what_was_told_is_never_told_otherwise(db: AsyncSession) -> None:
    assert await promises.tell(db, OCTOBER, {"fjord": (19, 20)}) == (Kept(OCTOBER, 19, 20),)
    assert await promises.tell(db, OCTOBER, {"fjord": (21, 21)}) == ()
    assert await promises.year(db, DAY, insurer="fjord") == {OCTOBER: Kept(OCTOBER, 19, 20)}


async def test_an_insurer_is_told_of_its_own_and_of_a_year(db: AsyncSession) -> None:
    await promises.tell(db, OCTOBER, {"fjord": (20, 20), "other": (30, 31)})
    await promises.tell(db, Month(2025, 10), {"fjord": (40, 40)})
    await promises.tell(db, Month(2025, 11), {"fjord": (3, 3)})
    told = await promises.year(db, DAY, insurer="fjord")
    assert list(told.values()) == [Kept(Month(2025, 11), None, None), Kept(OCTOBER, 20, 20)]


async def test_few_cannot_even_be_stored(db: AsyncSession) -> None:
    for kept, told in ((5, FEWEST - 1), (FEWEST + 1, FEWEST), (None, FEWEST), (1, None)):
        row = insert(KeptRow).values(insurer="fjord", month="2026-10", kept=kept, promises=told)
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await db.execute(row)


async def test_a_count_is_not_changed(db: AsyncSession) -> None:
    await promises.tell(db, OCTOBER, {"fjord": (20, 20)})
    with pytest.raises(DBAPIError, match="insert-only"):
        async with db.begin_nested():
            await db.execute(KeptRow.__table__.update().values(kept=19))  # type: ignore[attr-defined]


async def test_customers_are_those_whose_visit_was_covered(db: AsyncSession) -> None:
    await take_in(db, [POLICY])
    covered = Eligibility(Answer.COVERED, Reason.VALID, "fjord", DAY)
    expired = Eligibility(Answer.NOT_COVERED, Reason.EXPIRED, "fjord", DAY)
    for visit, answer in (("v1", covered), ("v2", expired), ("v3", UNREACHABLE)):
        await insurer.record_check(db, visit=visit, number=POLICY.number, eligibility=answer)
    many = [f"nobody{n}" for n in range(2 * promises.AT_ONCE)]
    found = await promises.insurers_of(db, ["v2", "v3", *many, "v1", "v4"])
    assert found == {"v1": "fjord"}
