"""What a patient finds in her own record, or who stands in for her: the notes, and everything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, minors
from venterom.journal.access import Actor, Basis, Facts, Purpose, Verdict, What, may_read
from venterom.journal.beside import beside_of
from venterom.journal.chain import Action
from venterom.journal.consent import Receipted
from venterom.journal.errors import MayNotRead
from venterom.journal.fhir_parts import SignedNote
from venterom.journal.keys import Keys
from venterom.journal.reduced import is_gone
from venterom.journal.rights_tables import DeletionRow
from venterom.journal.states import Stage
from venterom.journal.tables import ConsentRow, EntryRow, VisitRow
from venterom.journal.visits import record_of


@dataclass(frozen=True, slots=True)
class Kept:
    """A signed note in the list: nothing of what it says."""

    visit: str
    signed_at: datetime  # for the first time
    doctor: str
    elsewhere: bool = False  # the EPJ alone has the text
    amended_at: datetime | None = None  # when it was put right or added to for the last time


async def readable(
    db: AsyncSession, now: datetime, *, patient: str, reader: Actor, basis: Basis
) -> Mapping[str, Verdict]:
    """Of which of the patient's meetings this reader may read the note, when there is one."""
    rows = (await db.scalars(select(VisitRow).where(VisitRow.patient == patient))).all()
    withheld = await _visits(db, EntryRow.visit, EntryRow.patient == patient, EntryRow.withheld)
    came_alone = await _visits(
        db,
        ConsentRow.visit,
        ConsentRow.patient == patient,
        ConsentRow.rule == minors.Decider.CHILD_ALONE,
    )
    day = minors.norwegian_day(now)
    judged = {}
    for row in rows:
        facts = Facts(
            patient=patient,
            opened_by=row.opened_by,
            patient_age=0 if row.birth_date is None else minors.age(row.birth_date, day),
            withheld=row.id in withheld,
            stage=Stage(row.stage),
            closed_at=row.closed_at,
            cares=False,
            alone=row.id in came_alone,
            basis=basis,
        )
        judged[row.id] = may_read(reader, What.NOTE, facts, now)
    return {visit: verdict for visit, verdict in judged.items() if verdict.allowed}


async def notes(
    db: AsyncSession, now: datetime, *, patient: str, reader: Actor, basis: Basis
) -> tuple[Kept, ...]:
    """The signed notes that this reader may read, newest first. To have looked is a line."""
    allowed = await readable(db, now, patient=patient, reader=reader, basis=basis)
    await _line(db, now, reader, Action.RECORD_OPENED, patient, basis)
    return tuple(kept for kept in await signed_of(db, patient) if kept.visit in allowed)


async def signed_of(db: AsyncSession, patient: str) -> list[Kept]:
    """All signed notes of this patient that were not deleted, newest first; what they say is
    another matter."""
    query = (
        select(
            EntryRow.visit,
            EntryRow.signed_at,
            EntryRow.author_name,
            func.length(EntryRow.ciphertext) == 0,
        )
        .where(EntryRow.patient == patient, EntryRow.visit.not_in(_DELETED))
        .order_by(EntryRow.version)
    )
    found: dict[str, Kept] = {}
    for kept in (Kept(*row) for row in await db.execute(query)):
        first = found.setdefault(kept.visit, kept)
        if first is not kept:  # of several versions, one that is here is enough to be read
            elsewhere = first.elsewhere and kept.elsewhere
            found[kept.visit] = replace(first, elsewhere=elsewhere, amended_at=kept.signed_at)
    return sorted(found.values(), key=lambda kept: kept.signed_at, reverse=True)


async def take_out(
    db: AsyncSession, now: datetime, *, patient: str, reader: Actor, basis: Basis
) -> None:
    """The line of who takes everything. It is stored before `everything` is asked for, which reads
    for seconds when there is much: nobody who writes has to wait for that."""
    await _line(db, now, reader, Action.RECORD_TAKEN_OUT, patient, basis)


async def everything(
    db: AsyncSession, keys: Keys, now: datetime, *, patient: str, reader: Actor, basis: Basis
) -> list[SignedNote]:
    """Every note that this reader may read and that is here, opened, with its pictures and papers,
    oldest first. Only for those who have written their line (`take_out`)."""
    allowed = await readable(db, now, patient=patient, reader=reader, basis=basis)
    query = select(EntryRow).where(EntryRow.patient == patient, EntryRow.visit.not_in(_DELETED))
    rows = (await db.scalars(query.order_by(EntryRow.signed_at, EntryRow.version))).all()
    here = [row for row in rows if row.visit in allowed and not is_gone(row)]
    beside = await beside_of(db, keys, [row.visit for row in here], [patient])
    return [beside.note(keys, row) for row in here]


async def elsewhere(
    db: AsyncSession, now: datetime, *, patient: str, reader: Actor, basis: Basis
) -> list[Kept]:
    """The notes that this reader may read, and whose text the EPJ alone has; newest first."""
    allowed = await readable(db, now, patient=patient, reader=reader, basis=basis)
    return [
        kept for kept in await signed_of(db, patient) if kept.elsewhere and kept.visit in allowed
    ]


async def receipts(
    db: AsyncSession, now: datetime, *, patient: str, reader: Actor, basis: Basis
) -> list[Receipted]:
    """What was read, agreed to and taken back for this patient, newest first; for a parent, of the
    meetings that a parent may know of."""
    allowed = await readable(db, now, patient=patient, reader=reader, basis=basis)
    query = select(ConsentRow).where(ConsentRow.patient == patient)
    rows = await db.scalars(query.order_by(ConsentRow.at.desc(), ConsentRow.kind))
    return [Receipted(record_of(row), row.receipt) for row in rows if row.visit in allowed]


async def days_of(db: AsyncSession, patient: str) -> Mapping[str, datetime]:
    """The patient's meetings, and when each was asked for."""
    query = select(VisitRow.id, VisitRow.opened_at).where(VisitRow.patient == patient)
    return {row.id: row.opened_at for row in await db.execute(query)}


async def came(db: AsyncSession, person: str) -> tuple[frozenset[str], frozenset[str]]:
    """The visits that somebody opened for oneself, and those between a parent and a child."""
    alone = (VisitRow.patient == VisitRow.opened_by) | VisitRow.patient.is_(None)
    own = await _visits(db, VisitRow.id, VisitRow.opened_by == person, alone)
    either = (VisitRow.opened_by == person) | (VisitRow.patient == person)
    return own, await _visits(db, VisitRow.id, either) - own


async def noted(
    db: AsyncSession, now: datetime, *, patient: str, by: Actor, action: Action, content: str
) -> None:
    """A line of something that is done to the record as a whole, such as giving a proxy."""
    await audit.append(
        db,
        now,
        actor=by,
        action=action,
        visit="",
        patient=patient,
        purpose=f"{Purpose.PATIENT_REQUEST}/own",
        content=content,
    )


async def _visits(db: AsyncSession, column: object, *where: object) -> frozenset[str]:
    return frozenset(await db.scalars(select(column).where(*where)))  # type: ignore[call-overload]


async def _line(
    db: AsyncSession, now: datetime, reader: Actor, action: Action, patient: str, basis: Basis
) -> None:
    ground = "own" if reader.person == patient else _GROUNDS[basis]
    if not ground:
        raise MayNotRead("no_relation")
    await audit.append(
        db,
        now,
        actor=reader,
        action=action,
        visit="",
        patient=patient,
        purpose=f"{Purpose.PATIENT_REQUEST}/{ground}",
    )


_DELETED = select(DeletionRow.visit)
_GROUNDS = {Basis.NONE: "parent", Basis.PARENT: "parent", Basis.PROXY: "proxy"}
