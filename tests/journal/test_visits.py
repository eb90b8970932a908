"""A visit from the first click to the end."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import (
    GROWN,
    KARI,
    KEYS,
    NOON,
    REASON,
    after,
    child_born,
    consented,
    told,
)
from venterom.journal import chart, note
from venterom.journal.consent import Relation
from venterom.journal.errors import (
    BadReason,
    ConsentMissing,
    NoPatient,
    NoSuchVisit,
    NotYourChild,
    VisitBegun,
    VisitClosed,
)
from venterom.journal.states import Stage
from venterom.journal.tables import VisitRow

pytestmark = pytest.mark.adapter


async def test_opening_again_gives_the_same_draft(db: AsyncSession) -> None:
    first = await chart.open_visit(db, NOON, by=KARI)
    again = await chart.open_visit(db, after(minutes=5), by=KARI)
    assert first == again
    assert first.stage is Stage.DRAFT and first.patient is None
    assert not first.consent and not first.has_reason


async def test_many_clicks_at_once_make_one_draft(
    session_factory: async_sessionmaker[AsyncSession],
) -> None:
    async def click() -> str:
        async with session_factory() as db, db.begin():
            return (await chart.open_visit(db, NOON, by=KARI)).id

    assert len(set(await asyncio.gather(*(click() for _ in range(8))))) == 1
    async with session_factory() as db:
        assert await db.scalar(select(func.count()).select_from(VisitRow)) == 1


async def test_a_visit_under_way_leaves_room_for_a_new_draft(db: AsyncSession) -> None:
    first = await consented(db)
    second = await chart.open_visit(db, after(minutes=1), by=KARI)
    assert second.id != first
    current = await chart.current_visit(db, "kari")
    assert current is not None and current.id == first  # under way goes before a draft
    await chart.close(db, after(minutes=2), visit=first)
    current = await chart.current_visit(db, "kari")
    assert current is not None and current.id == second.id


async def test_somebody_without_a_visit_has_none(db: AsyncSession) -> None:
    assert await chart.current_visit(db, "kari") is None
    with pytest.raises(NoSuchVisit):
        await chart.visit(db, "no such")


@pytest.mark.parametrize(
    ("relation", "patient", "birth_date", "ok"),
    [
        (Relation.SELF, "kari", GROWN, True),
        (Relation.SELF, "somebody", GROWN, False),  # oneself is oneself
        (Relation.CHILD, "liten", child_born(4), True),
        (Relation.CHILD, "liten", child_born(17), True),
        (Relation.CHILD, "stor", child_born(18), False),  # grown children come by themselves
        (Relation.CHILD, "liten", date(2026, 11, 25), False),  # not born yet
        (Relation.CHILD, "kari", child_born(4), False),  # nobody is their own child
    ],
)
async def test_one_acts_for_oneself_or_an_own_child_under_18(
    db: AsyncSession, relation: Relation, patient: str, birth_date: date, ok: bool
) -> None:
    visit = (await chart.open_visit(db, NOON, by=KARI)).id
    try:
        await chart.set_patient(
            db, NOON, visit=visit, patient=patient, relation=relation, birth_date=birth_date
        )
    except NotYourChild:
        assert not ok
    else:
        found = await chart.visit(db, visit)
        assert ok
        assert (found.patient, found.relation, found.birth_date) == (patient, relation, birth_date)


async def test_a_reason_for_somebody_else_is_thrown_away(db: AsyncSession) -> None:
    visit = await told(db)
    await chart.set_patient(
        db, NOON, visit=visit, patient="kari", relation=Relation.SELF, birth_date=GROWN
    )
    assert (await chart.visit(db, visit)).has_reason
    await chart.set_patient(
        db,
        NOON,
        visit=visit,
        patient="liten",
        relation=Relation.CHILD,
        birth_date=child_born(4),
    )
    assert not (await chart.visit(db, visit)).has_reason


async def test_for_whom_cannot_be_changed_in_the_queue(db: AsyncSession) -> None:
    visit = await consented(db)
    with pytest.raises(VisitBegun):
        await chart.set_patient(
            db, NOON, visit=visit, patient="kari", relation=Relation.SELF, birth_date=GROWN
        )


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07", "x" * (note.MAX_REASON + 1)])
async def test_a_reason_is_written_and_short(db: AsyncSession, text: str) -> None:
    visit = await told(db)
    with pytest.raises(BadReason):
        await chart.set_reason(db, KEYS, NOON, visit=visit, text=text)


async def test_a_reason_needs_somebody_whose_it_is(db: AsyncSession) -> None:
    visit = (await chart.open_visit(db, NOON, by=KARI)).id
    with pytest.raises(NoPatient):
        await chart.set_reason(db, KEYS, NOON, visit=visit, text=REASON)
    with pytest.raises(NoPatient):
        await chart.mark_open(db, NOON, visit=visit)


async def test_the_queue_asks_for_reason_and_consent(db: AsyncSession) -> None:
    visit = await told(db)
    with pytest.raises(ConsentMissing):
        await chart.mark_open(db, NOON, visit=visit)
    other = (await chart.open_visit(db, NOON, by=KARI)).id
    await chart.set_patient(
        db, NOON, visit=other, patient="b", relation=Relation.CHILD, birth_date=child_born(4)
    )
    with pytest.raises(BadReason):
        await chart.mark_open(db, NOON, visit=other)


async def test_marking_and_closing_twice_changes_nothing(db: AsyncSession) -> None:
    visit = await consented(db)
    await chart.mark_open(db, after(minutes=1), visit=visit)
    assert (await chart.visit(db, visit)).stage is Stage.OPEN
    await chart.close(db, after(minutes=30), visit=visit)
    await chart.close(db, after(minutes=40), visit=visit)
    found = await chart.visit(db, visit)
    assert found.stage is Stage.CLOSED and found.closed_at == after(minutes=30)
    with pytest.raises(VisitClosed):
        await chart.mark_open(db, after(minutes=41), visit=visit)
    with pytest.raises(VisitClosed):
        await chart.set_reason(db, KEYS, after(minutes=41), visit=visit, text=REASON)


async def test_a_draft_can_be_given_up(db: AsyncSession) -> None:
    visit = await told(db)
    await chart.close(db, NOON, visit=visit)
    assert (await chart.visit(db, visit)).stage is Stage.CLOSED
