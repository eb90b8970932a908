"""Doctors on call who are rung, and what they answer."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after, entry, put
from venterom.queue import ringing
from venterom.queue.errors import NotRung
from venterom.queue.events import OnCallAnswered, OnCallPaged
from venterom.queue.on_call import Answer

pytestmark = pytest.mark.adapter


async def test_a_ring_waits_for_an_answer(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    assert await ringing.ring(db, NOON, entry("v1"), "d9") == OnCallPaged("v1", "d9")
    assert {who: call.answer for who, call in (await ringing.recent(db, after(1))).items()} == {
        "d9": Answer.NONE
    }


@pytest.mark.parametrize(("comes", "answer"), [(True, Answer.COMES), (False, Answer.CANNOT)])
async def test_it_is_answered_once(db: AsyncSession, comes: bool, answer: Answer) -> None:
    await put(db, entry("v1"))
    await ringing.ring(db, NOON, entry("v1"), "d9")
    said = await ringing.answer(db, after(1), practitioner="d9", comes=comes)
    assert said == OnCallAnswered("v1", "d9", comes)
    assert (await ringing.recent(db, after(1)))["d9"].answer is answer
    with pytest.raises(NotRung):
        await ringing.answer(db, after(1), practitioner="d9", comes=True)


async def test_an_old_ring_cannot_be_answered_and_does_not_count(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await ringing.ring(db, NOON, entry("v1"), "d9")
    assert await ringing.recent(db, after(15)) == {}
    with pytest.raises(NotRung):
        await ringing.answer(db, after(15), practitioner="d9", comes=True)


async def test_of_several_rings_the_last_counts(db: AsyncSession) -> None:
    await put(db, entry("v1"), entry("v2"))
    await ringing.ring(db, NOON, entry("v1"), "d9")
    await ringing.answer(db, NOON, practitioner="d9", comes=False)
    await ringing.ring(db, after(14), entry("v2"), "d9")
    assert (await ringing.recent(db, after(14)))["d9"].answer is Answer.NONE


async def test_nobody_answers_for_another(db: AsyncSession) -> None:
    await put(db, entry("v1"))
    await ringing.ring(db, NOON, entry("v1"), "d9")
    with pytest.raises(NotRung):
        await ringing.answer(db, after(1), practitioner="d8", comes=True)
    assert (await ringing.recent(db, after(1)))["d9"].answer is Answer.NONE
