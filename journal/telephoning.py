"""That a doctor went over to the telephone; the note holds it when it is signed."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, visits
from venterom.journal.access import Actor
from venterom.journal.call_tables import TelephoneRow
from venterom.journal.chain import Action
from venterom.journal.contact import Telephone, Why
from venterom.journal.errors import MayNotRead, VisitClosed
from venterom.journal.events import Telephoned
from venterom.journal.rows import insert_new, one
from venterom.journal.states import Stage


async def telephone(
    db: AsyncSession, now: datetime, *, visit: str, doctor: Actor, why: Why, after_video: bool
) -> Telephoned:
    """The doctor rings. The first time counts. Raises NoSuchVisit, VisitClosed, MayNotRead."""
    row = await visits.load(db, visit, lock=True)
    if row.stage == Stage.CLOSED:
        raise VisitClosed
    if not await audit.known(db, Action.CARE_BEGUN, [visit], doctor.person):
        raise MayNotRead("no_relation")
    said = {"by": doctor.person, "at": now, "why": why, "after_video": after_video}
    fresh = await insert_new(db, TelephoneRow, visit=visit, **said)
    return Telephoned(visit, now, doctor.person, why, fresh)


async def telephone_of(db: AsyncSession, visit: str) -> Telephone | None:
    """None: nobody rang."""
    return value(await one(db, TelephoneRow, TelephoneRow.visit == visit))


def value(row: TelephoneRow | None) -> Telephone | None:
    """The row as a value."""
    return None if row is None else Telephone(row.at, Why(row.why), row.after_video)
