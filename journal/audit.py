"""Adds lines to the audit chain, in the transaction of what they tell about, and reads them.

The number comes from the locked head row and not from a sequence, which would leave gaps. The lock
is held until the transaction ends, so a use case adds its line as late as it can. The database
itself moves the head with each line, and refuses one that is not the next (server/chained.py).
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import chain
from venterom.journal.access import Actor
from venterom.journal.chain import EMPTY, Action, Head, Line, Link
from venterom.journal.entry import to_ms
from venterom.journal.rows import insert_new, table
from venterom.journal.tables import AuditRow, HeadRow

# Built once: nearly everything that is done adds a line.
_END = HeadRow.__table__.c
_HEAD = select(_END.n, _END.hash).where(_END.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()
_LINE = insert(table(AuditRow))


@dataclass(frozen=True, slots=True)
class AccessLine:
    """A line of the log as the patient may see it (pjl § 22 a)."""

    n: int
    at: datetime
    actor: str
    role: str
    action: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a line is about; `content` is the SHA-256 of what was written."""

    visit: str
    patient: str
    content: str = ""


async def lock_head(db: AsyncSession) -> Head:
    """The end of the chain; nobody else can add a line until this transaction ends."""
    row = (await db.execute(_LOCKED_HEAD)).first()
    if row is None:
        await insert_new(db, HeadRow, id=1, n=EMPTY.n, hash=EMPTY.hash)
        row = (await db.execute(_LOCKED_HEAD)).one()
    return Head(*row)


async def head(db: AsyncSession) -> Head:
    """The end of the chain as it is now; others may go on."""
    row = (await db.execute(_HEAD)).first()
    return EMPTY if row is None else Head(*row)


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
    head: Head | None = None,
) -> Link:
    """Add one line; `content` is the SHA-256 of what was written. `head` is for those who have
    locked the end of the chain already."""
    told = [Told(visit, patient, content)]
    (link,) = await append_all(
        db, now, told, actor=actor, action=action, purpose=purpose, head=head
    )
    return link


async def append_all(
    db: AsyncSession,
    now: datetime,
    told: Sequence[Told],
    *,
    actor: Actor,
    action: Action,
    purpose: str = "",
    head: Head | None = None,
) -> list[Link]:
    """Add a line about each of several, in this order: the same was done with all of them."""
    if not told:
        return []
    end, links = head or await lock_head(db), []
    for each in told:
        line = Line(
            n=end.n + 1,
            at=to_ms(now),
            actor=actor.person,
            role=actor.role,
            action=action.value,
            visit=each.visit,
            patient=each.patient,
            purpose=purpose,
            content=each.content,
        )
        links.append(chain.forge(end, line, secrets.token_bytes(chain.SALT_BYTES)))
        end = Head(line.n, links[-1].hash)
    await _write(db, now, links)
    return links


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


async def _write(db: AsyncSession, now: datetime, links: Sequence[Link]) -> None:
    rows = [
        {name: getattr(link.line, name) for name in Line.__slots__}
        | {"at": now, "salt": link.salt, "leaf": link.leaf, "hash": link.hash}
        for link in links
    ]
    await db.execute(_LINE, rows)
