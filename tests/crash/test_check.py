"""What the kill test looks for, it finds."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.crash import check
from tests.crash.people import Acknowledged
from tests.journal.make import KARI, KEYS, after, consented
from venterom.journal import chart

pytestmark = [pytest.mark.adapter, pytest.mark.slow]


async def test_a_second_consent_that_is_lost_is_missed_though_the_first_one_is_there(
    db: AsyncSession,
) -> None:
    first = await consented(db)
    await chart.close(db, after(minutes=1), visit=first)
    await chart.withdraw_consent(db, KEYS, after(minutes=2), visit=first, by=KARI)
    second = await consented(db, now=after(minutes=3))
    known = Acknowledged(consents={first, second}, taken_back={first})
    await check.consents(db, known)
    with pytest.raises(AssertionError, match="lost"):
        await check.consents(db, Acknowledged(consents={first, second, "third"}))
    with pytest.raises(AssertionError, match="lost"):
        await check.consents(db, Acknowledged(taken_back={second}))
