"""The whole record, for whoever takes it over when the enterprise closes (pjl § 25; handed.py)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, vault
from venterom.journal.access import SYSTEM, Purpose
from venterom.journal.audit import Told
from venterom.journal.chain import Action
from venterom.journal.handed import Signed
from venterom.journal.keys import Keys
from venterom.journal.reduced import is_gone
from venterom.journal.rights_tables import AmendmentDraftRow
from venterom.journal.seal import Context
from venterom.journal.tables import AuditRow, DeliveryRow, DraftRow, EntryRow, ReasonRow
from venterom.journal.writing import entry_place

GROUND = "handed_over"


async def patients(db: AsyncSession) -> list[str]:
    """Everybody whom a line of the log is about."""
    query = select(AuditRow.patient).where(AuditRow.patient != "").distinct()
    return list(await db.scalars(query.order_by(AuditRow.patient)))


async def unsigned(db: AsyncSession) -> int:
    """How many notes and corrections are written and not signed: these are nobody's record yet."""
    kinds = (DraftRow, AmendmentDraftRow)
    return sum([await db.scalar(select(func.count()).select_from(each)) or 0 for each in kinds])


async def told(db: AsyncSession, now: datetime, whose: Sequence[str], to: str) -> None:
    """The lines that say to whom these records were handed over (pjl § 22 a). They are stored
    before anything is read for it."""
    await audit.append_all(
        db,
        now,
        [Told("", patient) for patient in whose],
        actor=SYSTEM,
        action=Action.RECORD_HANDED_OVER,
        purpose=f"{Purpose.OPERATIONS}/{GROUND}/{to}",
    )


async def signed(db: AsyncSession, keys: Keys, patient: str) -> list[Signed]:
    """Every version of every note about this patient, as it was signed. Raises Unreadable."""
    same = (DeliveryRow.visit == EntryRow.visit) & (DeliveryRow.version == EntryRow.version)
    query = select(EntryRow, DeliveryRow.receipt).outerjoin(DeliveryRow, same)
    ordered = query.order_by(EntryRow.signed_at, EntryRow.version)
    parents = await vault.patient_keys(db, keys, [patient])
    return [
        Signed(
            row.visit,
            row.version,
            row.jws,
            None if is_gone(row) else vault.opened(parents, entry_place(row), row),
            receipt or "",
        )
        for row, receipt in await db.execute(ordered.where(EntryRow.patient == patient))
    ]


async def stories(db: AsyncSession, keys: Keys, patient: str) -> AsyncIterator[tuple[str, bytes]]:
    """What the patient wrote before each meeting, by visit. Raises Unreadable."""
    rows = (await db.scalars(select(ReasonRow).where(ReasonRow.patient == patient))).all()
    parents = await vault.patient_keys(db, keys, [patient])
    for row in rows:
        place = Context("visit_reason", row.visit, row.patient, row.version, row.author)
        yield row.visit, vault.opened(parents, place, row)
