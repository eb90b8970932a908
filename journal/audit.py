"""Adds lines to the audit chain, in the transaction of what they tell about, and reads them.

The number comes from the locked head row and not from a sequence, which would leave gaps. The lock
is held until the transaction ends, so a use case adds its line as late as it can.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import chain
from venterom.journal.access import Actor
from venterom.journal.chain import EMPTY, Action, Head, Line, Link
from venterom.journal.entry import to_ms
from venterom.journal.rows import insert_new, one
from venterom.journal.tables import AuditRow, HeadRow


@dataclass(frozen=True, slots=True)
class AccessLine:
    """A line of the log as the patient may see it (pjl § 22 a)."""

    n: int
    at: datetime
    actor: str
    role: str
    action: str
    purpose: str


async def lock_head(db: AsyncSession) -> Head:
    """The end of the chain; nobody else can add a line until this transaction ends."""
    row = await one(db, HeadRow, HeadRow.id == 1, lock=True)
    if row is None:
        await insert_new(db, HeadRow, id=1, n=EMPTY.n, hash=EMPTY.hash)
        row = await one(db, HeadRow, HeadRow.id == 1, lock=True)
        assert row is not None
    return Head(row.n, row.hash)


async def head(db: AsyncSession) -> Head:
    """The end of the chain as it is now; others may go on."""
    row = await one(db, HeadRow, HeadRow.id == 1)
    return EMPTY if row is None else Head(row.n, row.hash)


async def append(
    db: AsyncSession,
    now: datetime,
    *,
    actor: Actor,
    action: Action,
    visit: str,
    patient: str,
    purpose: str = "",
    content: str = "",
) -> Link:
    """Add one line; `content` is the SHA-256 of what was written."""
    head = await lock_head(db)
    line = Line(
        n=head.n + 1,
        at=to_ms(now),
        actor=actor.person,
        role=actor.role,
        action=action.value,
        visit=visit,
        patient=patient,
        purpose=purpose,
        content=content,
    )
    link = chain.forge(head, line, secrets.token_bytes(chain.SALT_BYTES))
    await _write(db, now, link)
    return link


async def known(
    db: AsyncSession, action: Action, visits: Collection[str], person: str
) -> dict[str, datetime]:
    """In which of these visits this person has such a line already, and since when."""
    query = (
        select(AuditRow.visit, AuditRow.at)
        .where(AuditRow.visit.in_(visits), AuditRow.action == action, AuditRow.actor == person)
        .order_by(AuditRow.n.desc())
    )
    return {visit: at for visit, at in await db.execute(query)}


async def access_log(db: AsyncSession, visit: str) -> list[AccessLine]:
    """Who did what with this visit's record, oldest first."""
    query = (
        select(
            AuditRow.n,
            AuditRow.at,
            AuditRow.actor,
            AuditRow.role,
            AuditRow.action,
            AuditRow.purpose,
        )
        .where(AuditRow.visit == visit)
        .order_by(AuditRow.n)
    )
    return [AccessLine(*row) for row in await db.execute(query)]


def link_of(row: AuditRow) -> Link:
    """A row as a link of the chain."""
    line = Line(
        n=row.n,
        at=to_ms(row.at),
        actor=row.actor,
        role=row.role,
        action=row.action,
        visit=row.visit,
        patient=row.patient,
        purpose=row.purpose,
        content=row.content,
    )
    return Link(line, row.salt, row.leaf, row.hash)


async def _write(db: AsyncSession, now: datetime, link: Link) -> None:
    line = link.line
    await db.execute(
        insert(AuditRow).values(
            n=line.n,
            at=now,
            actor=line.actor,
            role=line.role,
            action=line.action,
            visit=line.visit,
            patient=line.patient,
            purpose=line.purpose,
            content=line.content,
            salt=link.salt,
            leaf=link.leaf,
            hash=link.hash,
        )
    )
    await db.execute(
        update(HeadRow)
        .where(HeadRow.id == 1, HeadRow.n == line.n - 1)
        .values(n=line.n, hash=link.hash)
    )
