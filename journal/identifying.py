"""Whom a doctor says she has before her; her note holds it when it is signed."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, identification, visits
from venterom.journal.access import Actor, Purpose
from venterom.journal.call_tables import IdentificationRow
from venterom.journal.chain import Action
from venterom.journal.errors import MayNotRead, VisitClosed
from venterom.journal.events import Identified
from venterom.journal.identification import How, Identification, Seen
from venterom.journal.rows import insert_new, one
from venterom.journal.states import Stage
from venterom.journal.telephoning import telephone_of


async def identify(
    db: AsyncSession, now: datetime, *, visit: str, doctor: Actor, seen: Seen
) -> Identified:
    """The doctor says it, or says it anew: until the note is signed, the last word counts. That it
    was somebody else stands in the log for good, where the patient sees it.

    Raises NoSuchVisit, VisitClosed, MayNotRead.
    """
    row = await visits.load(db, visit, lock=True)
    if row.stage == Stage.CLOSED:
        raise VisitClosed
    if not await audit.known(db, Action.CARE_BEGUN, [visit], doctor.person):
        raise MayNotRead("no_relation")
    how = identification.how(await telephone_of(db, visit))
    said = {"seen": seen, "how": how, "at": now}
    if not await insert_new(db, IdentificationRow, visit=visit, by=doctor.person, **said):
        of_hers = (IdentificationRow.visit == visit, IdentificationRow.by == doctor.person)
        await db.execute(update(IdentificationRow).where(*of_hers).values(**said))
    if seen is Seen.OTHER:
        await audit.append(
            db,
            now,
            actor=doctor,
            action=Action.SOMEBODY_ELSE_SEEN,
            visit=visit,
            patient=row.patient or "",
            purpose=f"{Purpose.TREATMENT}/care",
        )
    return Identified(visit, now, doctor.person, seen)


async def identification_of(db: AsyncSession, visit: str, doctor: str) -> Identification | None:
    """What this doctor said. None: nothing yet."""
    of_hers = (IdentificationRow.visit == visit, IdentificationRow.by == doctor)
    return value(await one(db, IdentificationRow, *of_hers))


def value(row: IdentificationRow | None) -> Identification | None:
    """The row as a value."""
    return None if row is None else Identification(Seen(row.seen), How(row.how), row.at)
