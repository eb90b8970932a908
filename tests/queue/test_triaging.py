"""Putting somebody first in the database: by a doctor at work, with a ground, and once."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import after, arrive, at_work
from venterom.queue import desk, triaging
from venterom.queue.errors import NotOnShift, UnknownVisit, WrongState
from venterom.queue.tables import TriageRow
from venterom.queue.triage import Ground, Triage

pytestmark = pytest.mark.adapter


async def urgent(db: AsyncSession, visit: str, by: str = "d1", minutes: float = 2) -> bool:
    changed = await triaging.triage(
        db,
        after(minutes),
        visit=visit,
        practitioner=by,
        to=Triage.URGENT,
        ground=Ground.WORSE,
    )
    return changed.fresh


async def two_wait(db: AsyncSession) -> None:
    await at_work(db, "d1")
    await arrive(db, "v1")
    await arrive(db, "v2", after(1))


async def test_whoever_is_put_first_is_taken_first_and_no_deadline_moves(db: AsyncSession) -> None:
    await two_wait(db)
    before = {visit: await desk.entry(db, visit) for visit in ("v1", "v2")}
    assert await urgent(db, "v2")
    for visit, was in before.items():
        now = await desk.entry(db, visit)
        assert now and was and now.deadline == was.deadline
    assert (await desk.claim(db, after(3), practitioner="d1")).visit == "v2"


async def test_each_change_leaves_one_line(db: AsyncSession) -> None:
    await two_wait(db)
    assert await urgent(db, "v2") and not await urgent(db, "v2", minutes=3)
    await triaging.triage(
        db,
        after(4),
        visit="v2",
        practitioner="d1",
        to=Triage.ORDINARY,
        ground=Ground.CALM,
    )
    lines = await db.scalars(select(TriageRow).order_by(TriageRow.at))
    assert [(each.practitioner, each.was, each.triage, each.ground) for each in lines] == [
        ("d1", 0, 1, Ground.WORSE),
        ("d1", 1, 0, Ground.CALM),
    ]
    assert (await desk.claim(db, after(5), practitioner="d1")).visit == "v1"


async def test_a_ground_fits_what_is_done(db: AsyncSession) -> None:
    await two_wait(db)
    with pytest.raises(ValueError, match="no ground"):
        await triaging.triage(
            db, after(2), visit="v2", practitioner="d1", to=Triage.URGENT, ground=Ground.CALM
        )


async def test_a_doctor_who_is_not_at_work_changes_nothing(db: AsyncSession) -> None:
    await two_wait(db)
    with pytest.raises(NotOnShift):
        await urgent(db, "v2", by="d2")
    assert (await desk.claim(db, after(3), practitioner="d1")).visit == "v1"


async def test_who_does_not_wait_cannot_be_put_first(db: AsyncSession) -> None:
    await two_wait(db)
    await desk.claim(db, after(1), practitioner="d1")
    with pytest.raises(WrongState):
        await urgent(db, "v1")
    with pytest.raises(UnknownVisit):
        await urgent(db, "v3")
