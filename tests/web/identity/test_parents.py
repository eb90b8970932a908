"""Relations in the database: what was said, what the registry says, and for how long it counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.identity.test_people import NOW, child, patient
from venterom.journal.access import Actor
from venterom.journal.tables import AuditRow
from venterom.web.identity import parents, people
from venterom.web.identity.kinship import STANDS, Kin
from venterom.web.identity.tables import Basis

pytestmark = pytest.mark.adapter


async def family(db: AsyncSession) -> tuple[Actor, str]:
    """A parent who says so, and the child."""
    parent = await patient(db)
    own = await child(db, parent.id)
    return Actor(parent.id, "patient", parent.name), own.id


async def settle(db: AsyncSession, by: Actor, own: str, said: Kin) -> None:
    await parents.settle(db, NOW, by=by, child=own, said=said)


async def test_what_the_registry_confirms_counts_for_a_week(db: AsyncSession) -> None:
    by, own = await family(db)
    assert await parents.parents_of(db, NOW, own) == {by.person: Basis.STATED}
    await settle(db, by, own, Kin.RELATED)
    assert await parents.parents_of(db, NOW, own) == {by.person: Basis.REGISTER}
    assert await parents.parents_of(db, NOW + STANDS, own) == {by.person: Basis.REGISTER}
    late = NOW + STANDS + timedelta(seconds=1)
    assert await parents.parents_of(db, late, own) == {by.person: Basis.STATED}


async def test_a_relation_that_the_registry_denies_is_none_any_more(db: AsyncSession) -> None:
    by, own = await family(db)
    await settle(db, by, own, Kin.RELATED)
    await settle(db, by, own, Kin.NOT_RELATED)
    assert await parents.relation(db, by.person, own) is None
    assert await parents.parents_of(db, NOW, own) == {}
    assert not await people.is_parent(db, by.person, own)


async def test_that_nobody_answered_changes_nothing(db: AsyncSession) -> None:
    by, own = await family(db)
    await settle(db, by, own, Kin.RELATED)
    before = await parents.relation(db, by.person, own)
    await settle(db, by, own, Kin.UNCHECKED)
    assert await parents.relation(db, by.person, own) == before


async def test_the_other_parent_is_another_relation(db: AsyncSession) -> None:
    by, own = await family(db)
    other = await patient(db, number="01919012303", name="Per Testesen")
    await child(db, other.id)
    await settle(db, by, own, Kin.NOT_RELATED)
    assert await parents.parents_of(db, NOW, own) == {other.id: Basis.STATED}


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (Kin.RELATED, ["HOPERAT/related"]),
        (Kin.NOT_RELATED, ["HOPERAT/not_related"]),
        (Kin.UNCHECKED, []),
    ],
)
async def test_each_answer_is_a_line_in_the_log_of_the_childs_record(
    db: AsyncSession, said: Kin, lines: list[str]
) -> None:
    by, own = await family(db)
    await settle(db, by, own, said)
    found = (await db.scalars(select(AuditRow).where(AuditRow.patient == own))).all()
    assert [line.purpose for line in found] == lines
    assert all((line.actor, line.action) == (by.person, "relation.checked") for line in found)
