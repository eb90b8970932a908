"""What was learned is a version of its own, once a day, and counts from then on."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, entry, put
from venterom.queue import desk, learning, ledger
from venterom.queue.floor import FLOOR
from venterom.queue.learn import floor_after
from venterom.queue.monitor import Cause
from venterom.queue.promise import Outcome
from venterom.queue.tables import CertaintyRow

pytestmark = pytest.mark.adapter
DAY = 24 * 60


async def ended(db: AsyncSession, *outcomes: tuple[Outcome, str]) -> None:
    for n, (outcome, cause) in enumerate(outcomes):
        await put(db, entry(f"v{n}"))
        await ledger.record(db, f"promise of v{n}", outcome, after(20), cause)


async def test_before_anything_is_learned_a_promise_has_to_be_very_likely(
    db: AsyncSession,
) -> None:
    assert await learning.certainty(db) == FLOOR == (await desk.floor(db, NOON)).certainty


async def test_a_day_is_learned_from_once(db: AsyncSession) -> None:
    await ended(db, *[(Outcome.KEPT, "")] * 9, (Outcome.BROKEN, Cause.LONG_CALLS))
    learned = await learning.learn(db, NOON, after(DAY))
    assert learned is not None
    assert (learned.before, learned.after) == (FLOOR, floor_after(FLOOR, 9, 1))
    assert await learning.learn(db, NOON, after(DAY)) is None
    assert await learning.certainty(db) == learned.after
    [row] = await db.scalars(select(CertaintyRow))
    assert (row.kept, row.missed, row.until) == (9, 1, after(DAY))


async def test_what_was_kept_by_a_rescue_is_missed(db: AsyncSession) -> None:
    await ended(db, (Outcome.KEPT, ""), (Outcome.KEPT, Cause.DOCTOR_LOST))
    await learning.learn(db, NOON, after(DAY))
    [row] = await db.scalars(select(CertaintyRow))
    assert (row.kept, row.missed) == (1, 1)


async def test_who_left_teaches_nothing(db: AsyncSession) -> None:
    await ended(db, (Outcome.WITHDRAWN, ""))
    assert await learning.learn(db, NOON, after(DAY)) is None
    assert await learning.certainty(db) == FLOOR
