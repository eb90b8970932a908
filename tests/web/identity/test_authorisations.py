"""What the register of health personnel has said, kept."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.identity.test_people import NOW
from venterom.web.identity import authorisations
from venterom.web.identity.hpr import Answer, Status
from venterom.web.identity.tables import Occasion

pytestmark = pytest.mark.adapter

LATER = NOW + timedelta(hours=1)


async def test_the_newest_answer_about_a_number_is_the_one_that_counts(db: AsyncSession) -> None:
    for at, status in ((LATER, Status.NOT_FOUND), (NOW, Status.FULL)):
        kept = await authorisations.keep(
            db, at, hpr_number="9990001", status=status, occasion=Occasion.SIGN_IN
        )
        assert kept == Answer(status, at)
    assert await authorisations.newest(db, "9990001") == Answer(Status.NOT_FOUND, LATER)
    assert await authorisations.newest(db, "9990002") is None
    assert await authorisations.last_answered(db) == LATER


async def test_nobody_has_answered_at_first(db: AsyncSession) -> None:
    assert await authorisations.last_answered(db) is None


@pytest.mark.parametrize(
    "change", ["UPDATE hpr_answer SET status = 'full'", "DELETE FROM hpr_answer"]
)
async def test_an_answer_is_never_changed(db: AsyncSession, change: str) -> None:
    await authorisations.keep(
        db, NOW, hpr_number="9990001", status=Status.SUSPENDED, occasion=Occasion.NIGHTLY
    )
    with pytest.raises(DBAPIError):
        async with db.begin_nested():
            await db.execute(text(change))
