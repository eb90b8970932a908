"""Who is whose parent, by whose word: what was said to us, and what the registry says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit
from venterom.journal.access import Actor, Purpose
from venterom.journal.chain import Action
from venterom.web.identity import kinship
from venterom.web.identity.kinship import Kin
from venterom.web.identity.tables import Basis, RelationRow

RELATIONS = RelationRow.__table__.c


@dataclass(frozen=True, slots=True)
class Relation:
    """That somebody says to be a child's parent, and when the registry agreed last."""

    basis: Basis
    checked_at: datetime | None


async def relation(db: AsyncSession, parent: str, child: str) -> Relation | None:
    """What ties these two; None: nothing."""
    query = select(RELATIONS.basis, RELATIONS.checked_at)
    row = (await db.execute(query.where(*_between(parent, child)))).first()
    return None if row is None else Relation(*row)


async def parents_of(db: AsyncSession, now: datetime, child: str) -> Mapping[str, Basis]:
    """Who says to be this child's parent, and how we know. What the registry said too long ago is
    the parent's word only."""
    query = select(RELATIONS.parent, RELATIONS.basis, RELATIONS.checked_at)
    rows = await db.execute(query.where(RELATIONS.child == child))
    return {
        row.parent: row.basis if kinship.stands(row.checked_at, now) else Basis.STATED
        for row in rows
    }


async def settle(db: AsyncSession, now: datetime, *, by: Actor, child: str, said: Kin) -> None:
    """Write down what the registry says: a relation that it denies is none any more. The answer is
    a line in the log of the child's record; that nobody answered changes nothing."""
    own = _between(by.person, child)
    if said is Kin.UNCHECKED:
        return
    if said is Kin.RELATED:
        await db.execute(
            update(RelationRow).where(*own).values(basis=Basis.REGISTER, checked_at=now)
        )
    else:
        await db.execute(delete(RelationRow).where(*own))
    await audit.append(
        db,
        now,
        actor=by,
        action=Action.RELATION_CHECKED,
        visit="",
        patient=child,
        purpose=f"{Purpose.OPERATIONS}/{said}",
    )


def _between(parent: str, child: str) -> tuple[ColumnElement[bool], ...]:
    return RELATIONS.parent == parent, RELATIONS.child == child
