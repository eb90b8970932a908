"""A director is told of what needs one: once for each matter, from its first note until it is over.

An outage stops many notes at once; that is one matter and one message. Her pages say the rest.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aiohttp import web
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import delivery
from venterom.journal.retry import Concern, concern
from venterom.queue import desk, unsigned
from venterom.server.notify.tables import OpenMatterRow
from venterom.web.identity import people
from venterom.web.identity.roles import Role
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.work import look, work

EVERY_S = 60.0  # nothing of this is about minutes


class Matter(StrEnum):
    """What a director has to look at."""

    UNSIGNED = "unsigned"  # a note should have been signed (queue/unsigned.py)
    UNDELIVERED = "undelivered"  # one was stopped, or is very late (journal/retry.py)


@dataclass(frozen=True, slots=True)
class NotesUnsigned:
    """This director is told that notes are not signed in time. Of no visit: she has no business
    there."""

    at: datetime
    director: str
    visit: str = ""


@dataclass(frozen=True, slots=True)
class NotesStopped:
    """This director is told that notes do not come into the journal. Of no visit, as above."""

    at: datetime
    director: str
    visit: str = ""


EVENTS: Mapping[Matter, type[NotesUnsigned | NotesStopped]] = {
    Matter.UNSIGNED: NotesUnsigned,
    Matter.UNDELIVERED: NotesStopped,
}


def begun(now: Collection[Matter], before: Collection[Matter]) -> list[Matter]:
    """What is there now and was not."""
    return [matter for matter in Matter if matter in now and matter not in before]


async def alarm(app: web.Application) -> None:
    """Tell the directors what began, and forget what is over."""
    async with look(app) as unit:
        now, before = await _matters(unit.db, unit.now), await _open(unit.db)
    if now == before:
        return
    async with work(app) as unit:
        before = await _open(unit.db)
        staff = await people.staff(unit.db, app[IDENTITY_KEYS], Role.DIRECTOR)
        over = OpenMatterRow.matter.not_in(now)
        await unit.db.execute(delete(OpenMatterRow).where(over))
        for matter in begun(now, before) if staff else ():  # else there is nobody to tell yet
            await unit.db.execute(insert(OpenMatterRow).values(matter=matter, since=unit.now))
            unit.events += [EVENTS[matter](unit.now, each.id) for each in staff]


async def _matters(db: AsyncSession, now: datetime) -> frozenset[Matter]:
    notes = unsigned.unsigned(await desk.floor(db, now))
    waiting = await delivery.pending(db)
    found = {
        Matter.UNSIGNED: bool(unsigned.overdue(notes, now)),
        Matter.UNDELIVERED: any(
            concern(each.state, each.signed_at, now) <= Concern.VERY_LATE for each in waiting
        ),
    }
    return frozenset(matter for matter, there in found.items() if there)


async def _open(db: AsyncSession) -> frozenset[Matter]:
    return frozenset(map(Matter, await db.scalars(select(OpenMatterRow.matter))))
