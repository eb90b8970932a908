"""The log as the patient reads it: who looked, when, why, at what (pjl § 22 a); newest first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, mine
from venterom.journal.access import Actor, Basis, Purpose
from venterom.journal.chain import Action, LogLine
from venterom.journal.tables import AuditRow

PAGE = 40  # lines: a few screens of a telephone


async def page(
    db: AsyncSession,
    now: datetime,
    *,
    patient: str,
    reader: Actor,
    basis: Basis,
    before: int | None = None,
    most: int = PAGE,
    noted: bool = True,
) -> list[LogLine]:
    """The newest lines before number `before`. Who reads for a patient leaves a line, unless one is
    written already (`noted`); a parent sees the lines of meetings whose notes she may read, and of
    what she has done herself."""
    query = (
        select(
            AuditRow.n,
            AuditRow.at,
            AuditRow.actor,
            AuditRow.role,
            AuditRow.action,
            AuditRow.purpose,
            AuditRow.visit,
            AuditRow.content,
        )
        .where(AuditRow.patient == patient)
        .order_by(AuditRow.n.desc())
        .limit(most)
    )
    if reader.person != patient and basis is not Basis.PROXY:
        visits = await mine.readable(db, now, patient=patient, reader=reader, basis=basis)
        query = query.where(_may_see(visits, reader.person))
    if before is not None:
        query = query.where(AuditRow.n < before)
    found = [_line(*row) for row in await db.execute(query)]
    if noted and reader.person != patient and before is None:
        await _noted(db, now, patient, reader, basis)
    return found


def _may_see(visits: Collection[str], reader: str) -> ColumnElement[bool]:
    own = and_(AuditRow.visit == "", AuditRow.actor == reader)
    return or_(AuditRow.visit.in_(visits), own)


def _line(
    n: int, at: datetime, actor: str, role: str, action: str, said: str, visit: str, content: str
) -> LogLine:
    purpose, _, ground = said.partition("/")
    return LogLine(n, at, actor, role, action, purpose, ground, visit, content)


async def _noted(
    db: AsyncSession, now: datetime, patient: str, reader: Actor, basis: Basis
) -> None:
    ground = "proxy" if basis is Basis.PROXY else "parent"
    await audit.append(
        db,
        now,
        actor=reader,
        action=Action.LOG_READ,
        visit="",
        patient=patient,
        purpose=f"{Purpose.PATIENT_REQUEST}/{ground}",
    )
