"""Takes the text of notes away from here that an outside EPJ has (reduced.py).

The database lets a row be emptied only when the EPJ's receipt is there, wholly, and never filled
again. Each note that is reduced has its line in the audit, so the walk over the record knows it
from one whose text was lost.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit
from venterom.journal.access import SYSTEM, Purpose
from venterom.journal.audit import Told
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.canonical import sha256_hex
from venterom.journal.cases import Kind, Outcome
from venterom.journal.casework import PUT_RIGHT_AT
from venterom.journal.chain import Action
from venterom.journal.papers import paper
from venterom.journal.papers.tables import ErrandRow, PaperRow
from venterom.journal.reduced import EMPTIED, Facts, goes_at
from venterom.journal.rights_tables import AmendmentDraftRow, AnswerRow, CaseRow
from venterom.journal.states import Delivery
from venterom.journal.tables import WHOLE, DeliveryRow, EntryRow


async def due(
    db: AsyncSession, now: datetime, keep: timedelta, among: Collection[str] | None = None
) -> list[tuple[str, int]]:
    """The notes that are reduced now, by visit and version, oldest first; only `among` these
    visits, if given."""
    prescribed = exists().where(
        ErrandRow.visit == EntryRow.visit, ErrandRow.kind == paper.Kind.PRESCRIPTION
    )
    answered = exists().where(AnswerRow.id == CaseRow.id)
    promised = exists().where(AnswerRow.id == CaseRow.id, AnswerRow.outcome == Outcome.GRANTED)
    to_put_right = and_(CaseRow.kind == Kind.CORRECTION, promised, PUT_RIGHT_AT.is_(None))
    asked_about = exists().where(CaseRow.visit == EntryRow.visit, or_(~answered, to_put_right))
    query = (
        select(
            EntryRow.visit,
            EntryRow.version,
            EntryRow.signed_at,
            DeliveryRow.due_at,
            prescribed,
            asked_about,
        )
        .join(
            DeliveryRow,
            (DeliveryRow.visit == EntryRow.visit) & (DeliveryRow.version == EntryRow.version),
        )
        .where(
            text(WHOLE),
            EntryRow.signed_at <= now - keep,
            DeliveryRow.state == Delivery.IN_THE_JOURNAL,
        )
        .order_by(EntryRow.signed_at, EntryRow.visit)
    )
    rows = await db.execute(query if among is None else query.where(EntryRow.visit.in_(among)))
    found = [((row[0], row[1]), goes_at(Facts(*row[2:]), keep)) for row in rows]
    return [note for note, at in found if at is not None and at <= now]


async def reduce(db: AsyncSession, now: datetime, keep: timedelta, visits: Collection[str]) -> int:
    """Take away the text of those of these notes that are due; how many."""
    told: list[Told] = []
    for visit, version in await due(db, now, keep, among=visits):
        told.append(await _empty(db, visit, version))
    await audit.append_all(
        db,
        now,
        told,
        actor=SYSTEM,
        action=Action.NOTE_REDUCED,
        purpose=f"{Purpose.OPERATIONS}/kept_by_epj",
    )
    return len(told)


async def _empty(db: AsyncSession, visit: str, version: int) -> Told:
    """What the line is about. What says the note anew, and was not signed, is a copy, too."""
    typed = delete(AmendmentDraftRow).where(AmendmentDraftRow.visit == visit)
    await db.execute(typed.where(AmendmentDraftRow.whole))
    emptied = await db.execute(
        update(EntryRow)
        .where(EntryRow.visit == visit, EntryRow.version == version, text(WHOLE))
        .values(EMPTIED)
        .returning(EntryRow.patient, EntryRow.jws)
        .execution_options(synchronize_session=False)
    )
    patient, signed = emptied.one()
    for kind in (AttachmentRow, PaperRow):
        beside = update(kind).where(kind.visit == visit, kind.version == version)
        await db.execute(beside.values(EMPTIED).execution_options(synchronize_session=False))
    return Told(visit, patient, sha256_hex(signed.encode()))
