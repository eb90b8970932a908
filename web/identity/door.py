"""The one door to a visit: whoever has no relation to it learns not even that it exists."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import chart, reading
from venterom.journal.chart import Visit
from venterom.journal.errors import NoSuchVisit
from venterom.queue import desk
from venterom.web.identity.errors import NotYours
from venterom.web.identity.people import Person
from venterom.web.identity.relations import Stakes, may_enter


async def access_visit(db: AsyncSession, now: datetime, who: Person, visit_id: str) -> Visit:
    """The visit. Raises NotYours, which is the same for «no such» and «not yours»."""
    visit = await _find(db, visit_id)
    entry = await desk.entry(db, visit_id)
    cared_for = await reading.cares(db, visit_id, who.id) is not None
    if visit is None:
        raise NotYours
    stakes = Stakes(
        patient=visit.patient,
        opened_by=visit.opened_by,
        claimed_by=entry.claimed_by if entry else None,
        cared_for=cared_for,
        closed_at=visit.closed_at,
    )
    if not may_enter(who.id, who.kind, who.roles, stakes, now):
        raise NotYours
    return visit


async def _find(db: AsyncSession, visit_id: str) -> Visit | None:
    try:
        return await chart.visit(db, visit_id)
    except NoSuchVisit:
        return None
