"""The director's choice of levers in the database: the last one counts, and each is kept."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after
from venterom.queue import choices, desk
from venterom.queue.choices import Choice
from venterom.queue.levers import Levers
from venterom.queue.tables import LeversRow

pytestmark = pytest.mark.adapter

OFF = Levers(defers=False)


async def test_before_the_first_choice_it_is_as_from_the_start(db: AsyncSession) -> None:
    assert await choices.current(db) == Choice(Levers(defers=True, plans=False))


async def test_the_last_choice_counts_from_the_next_decision_on(db: AsyncSession) -> None:
    assert (await choices.choose(db, NOON, OFF, by="r1")).fresh
    assert (await choices.choose(db, after(1), Levers(plans=True), by="r2")).fresh
    assert await choices.current(db) == Choice(Levers(plans=True), "r2", after(1))
    assert (await desk.floor(db, after(2))).levers == Levers(plans=True)
    assert await db.scalar(select(func.count()).select_from(LeversRow)) == 2


async def test_the_same_again_is_no_choice(db: AsyncSession) -> None:
    await choices.choose(db, NOON, OFF, by="r1")
    assert not (await choices.choose(db, after(1), OFF, by="r2")).fresh
    assert (await choices.current(db)).by == "r1"
