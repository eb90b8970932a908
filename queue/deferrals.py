"""Notes that are put off: asked for, accepted or refused by the doctor, and paid when signed."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.deferral import puts_off
from venterom.queue.events import DeferralAsked, DeferralRefused
from venterom.queue.floor import Deferral, Entry, Floor, Shift
from venterom.queue.states import Phase
from venterom.queue.tables import EPOCH, MILLISECOND, DeferralRow, insert_once

COLUMNS = DeferralRow.__table__.c
OPEN = (DeferralRow.paid_at.is_(None), DeferralRow.refused_at.is_(None))
ASKED = (*OPEN, DeferralRow.accepted_at.is_(None))


async def open_ones(db: AsyncSession) -> tuple[Deferral, ...]:
    """Those that wait for an answer, and the debts."""
    rows = await db.execute(select(*COLUMNS).where(*OPEN).order_by(DeferralRow.visit))
    return tuple(Deferral(**row._mapping) for row in rows)


async def ask(
    db: AsyncSession, now: datetime, seen: Floor, endangered: Entry
) -> DeferralAsked | None:
    """Ask the doctor with the newest note to put it off; None if there is nobody to be asked.

    An idle doctor takes the patient anyway, and nobody has more than one note put off.
    """
    doctor = whom_to_ask(seen, now)
    if doctor is None or doctor.visit is None:
        return None
    asked = await insert_once(
        db,
        DeferralRow,
        visit=doctor.visit,
        practitioner=doctor.practitioner,
        promise=endangered.promise,
        begun_at=doctor.phase_since,
        asked_at=now,
    )
    return DeferralAsked(doctor.visit, doctor.practitioner) if asked else None


def whom_to_ask(seen: Floor, now: datetime) -> Shift | None:
    """The doctor who has just begun a note and has no other note put off; nobody, where the
    director does not want it."""
    if not seen.levers.defers:
        return None
    present = [shift for shift in seen.shifts if shift.present]
    if any(shift.phase is Phase.IDLE for shift in present):
        return None
    spared = {each.practitioner for each in seen.deferrals}
    notes = [
        ((shift.phase_since - EPOCH) // MILLISECOND, number)
        for number, shift in enumerate(present)
        if shift.phase is Phase.WRAP and shift.practitioner not in spared
        if now <= shift.last_start
    ]
    chosen = puts_off((now - EPOCH) // MILLISECOND, notes)
    return None if chosen is None else present[chosen]


async def accept(db: AsyncSession, now: datetime, *, practitioner: str) -> None:
    """The doctor takes a patient before the note is done: what was asked for is a debt now."""
    own = DeferralRow.practitioner == practitioner
    await db.execute(update(DeferralRow).where(own, *ASKED).values(accepted_at=now))


async def refuse(
    db: AsyncSession, now: datetime, *, visit: str, practitioner: str
) -> DeferralRefused | None:
    """The doctor writes this note first. None if nothing was asked, or it was answered."""
    own = (DeferralRow.visit == visit, DeferralRow.practitioner == practitioner)
    changed = update(DeferralRow).where(*own, *ASKED).values(refused_at=now)
    row = (await db.execute(changed.returning(DeferralRow.visit))).first()
    return None if row is None else DeferralRefused(visit, practitioner)


async def pay(db: AsyncSession, now: datetime, *, visit: str) -> None:
    """The note is signed, whether or not it was put off."""
    own = DeferralRow.visit == visit
    await db.execute(update(DeferralRow).where(own, *OPEN).values(paid_at=now))
