"""Carries a deletion out: note, pictures and papers become unreadable, and the log says so.

The database allows this change to these rows and no other, and only when the deletion is written.
"""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, casework, deletion, visits
from venterom.journal.access import Actor, Purpose
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.cases import State
from venterom.journal.chain import Action
from venterom.journal.deletion import Deletion, Ground
from venterom.journal.errors import MayNotRead, OnItsWay, PapersStand
from venterom.journal.papers import handing, sending
from venterom.journal.papers.tables import PaperRow
from venterom.journal.reduced import EMPTIED
from venterom.journal.rights_tables import AmendmentDraftRow, DeletionRow
from venterom.journal.rows import insert_new
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow, EntryRow


async def carry_out(
    db: AsyncSession, now: datetime, *, case_id: str, by: Actor, ground: Ground
) -> None:
    """Delete the note that the case is about. Pressed twice, it changes nothing.

    Raises MayNotRead (whoever decided it cannot carry it out, too), OnItsWay, PapersStand.
    """
    case = await casework.to_answer(db, case_id, by)
    await visits.load(db, case.visit, lock=True)
    case = await casework.to_answer(db, case_id, by)  # again, since two may press at once
    if case.state is State.CARRIED_OUT:
        return
    if not deletion.may_confirm(case, by.role, by.person):
        raise MayNotRead("needs_two")
    if await handing.standing(db, case.visit):
        raise PapersStand
    await _take_off_the_list(db, case.visit)
    done = Deletion(case.id, case.visit, case.patient, ground, case.answered_by, by.person, now)
    said = {name: getattr(done, name) for name in Deletion.__slots__}
    await insert_new(db, DeletionRow, **said)
    await db.execute(delete(AmendmentDraftRow).where(AmendmentDraftRow.visit == case.visit))
    for kind in (EntryRow, AttachmentRow, PaperRow):
        erase = update(kind).where(kind.visit == case.visit).values(EMPTIED)
        await db.execute(erase.execution_options(synchronize_session=False))
    await audit.append(
        db,
        now,
        actor=by,
        action=Action.NOTE_DELETED,
        visit=case.visit,
        patient=case.patient,
        purpose=f"{Purpose.OPERATIONS}/{ground}",
        content=deletion.digest(done),
    )


async def all_deletions(db: AsyncSession) -> list[Deletion]:
    """Every deletion that was carried out, oldest first."""
    return [of_row(row) for row in await db.scalars(select(DeletionRow).order_by(DeletionRow.at))]


def of_row(row: DeletionRow) -> Deletion:
    """A row as the value that it was written from. Raises ValueError for a ground that is none."""
    return Deletion(
        row.decision,
        row.visit,
        row.patient,
        Ground(row.ground),
        row.decided_by,
        row.confirmed_by,
        row.at,
    )


async def _take_off_the_list(db: AsyncSession, visit: str) -> None:
    query = select(DeliveryRow).where(DeliveryRow.visit == visit).with_for_update()
    rows = (await db.scalars(query.execution_options(populate_existing=True))).all()
    states = {row.version: Delivery(row.state) for row in rows}
    on_its_way = any(deletion.waits(state) for state in states.values())
    if on_its_way or await sending.has_errands(db, visit):
        raise OnItsWay
    gone = [version for version, state in states.items() if not deletion.stays_listed(state)]
    listed = delete(DeliveryRow).where(DeliveryRow.visit == visit)
    await db.execute(listed.where(DeliveryRow.version.in_(gone)))
