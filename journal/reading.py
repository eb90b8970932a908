"""The one door to what is sealed: a right is judged, a line is written, a text is opened.

All three in the caller's transaction: if the line cannot be written, nothing was read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, blocks, history, minors, vault, versions, visits
from venterom.journal.access import (
    Actor,
    Basis,
    Facts,
    Purpose,
    Role,
    Verdict,
    What,
    may_read,
    purpose_of,
)
from venterom.journal.blocking import Blocked
from venterom.journal.chain import Action
from venterom.journal.consent import Relation
from venterom.journal.errors import MayNotRead, VisitClosed
from venterom.journal.history import Note
from venterom.journal.keys import Keys
from venterom.journal.note import NoteFields
from venterom.journal.papers.paper import Issued
from venterom.journal.protecting import protection_of
from venterom.journal.reduced import is_gone
from venterom.journal.rights_tables import DeletionRow
from venterom.journal.rows import one
from venterom.journal.seal import Context
from venterom.journal.states import Stage
from venterom.journal.tables import AuditRow, DraftRow, ReasonRow, VisitRow
from venterom.journal.writing import last_entry, open_draft


@dataclass(frozen=True, slots=True)
class Story:
    """What was told before the call."""

    visit: str
    patient: str
    told_by: str
    relation: Relation
    reason: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the patient is told after the call; until it is signed, the doctor is writing."""

    written: bool
    assessment: str = ""
    plan: str = ""
    doctor: str = ""
    signed_at: datetime | None = None
    advice: str = ""
    papers: tuple[Issued, ...] = ()
    elsewhere: bool = False  # as of a note
    amended_at: datetime | None = None  # when it was put right or added to for the last time


async def begin_care(db: AsyncSession, now: datetime, *, visit: str, doctor: Actor) -> None:
    """This doctor takes this patient: from now on there is a care relation (hpl § 25).

    The relation is its line in the audit, so it cannot be given by hand without breaking the
    chain. Doing it again changes nothing. Raises VisitClosed, NoSuchVisit.
    """
    row = await visits.load(db, visit, lock=True)
    if row.stage == Stage.CLOSED:
        raise VisitClosed
    if doctor.role != Role.DOCTOR:
        raise MayNotRead("no_relation")
    if not await audit.known(db, Action.CARE_BEGUN, [visit], doctor.person):
        await _line(db, now, row, doctor, Action.CARE_BEGUN, Purpose.TREATMENT, "care")


async def triaged(db: AsyncSession, now: datetime, *, visit: str, doctor: Actor) -> None:
    """This doctor changed the patient's turn: a line that the patient may see, and no access.

    Raises VisitClosed, NoSuchVisit, MayNotRead.
    """
    row = await visits.load(db, visit, lock=True)
    if row.stage == Stage.CLOSED:
        raise VisitClosed
    ground = await judge(db, now, row, doctor, What.SUMMARY)
    await _line(db, now, row, doctor, Action.TRIAGE_CHANGED, Purpose.TREATMENT, ground)


async def summaries(
    db: AsyncSession, keys: Keys, now: datetime, *, reader: Actor, visits: Iterable[str]
) -> dict[str, str]:
    """The reasons of those who wait, for the doctors' list; without those that may not be read.

    One line is written for each reader and visit, the first time.
    """
    wanted = sorted(set(visits))
    rows = await db.scalars(select(VisitRow).where(VisitRow.id.in_(wanted)))
    noted = await audit.known(db, Action.REASON_READ, wanted, reader.person)
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.id):
        judged = await verdict(db, now, row, reader, What.SUMMARY)
        reason = await _reason(db, keys, row) if judged.allowed else None
        if reason is None:
            continue
        if row.id not in noted:
            ground = judged.ground
            await _line(db, now, row, reader, Action.REASON_READ, Purpose.TREATMENT, ground)
        found[row.id] = reason[0]
    return found


async def read_story(
    db: AsyncSession, keys: Keys, now: datetime, *, reader: Actor, visit: str, purpose: Purpose
) -> Story:
    """What the patient told. Raises MayNotRead, Unreadable, NoSuchVisit."""
    row = await visits.load(db, visit)
    ground = await judge(db, now, row, reader, What.STORY)
    reason = await _reason(db, keys, row)
    if reason is None or row.patient is None or row.relation is None:
        raise MayNotRead("not_written")
    await _line(db, now, row, reader, Action.STORY_READ, purpose, ground)
    words, written_at = reason
    return Story(visit, row.patient, row.opened_by, Relation(row.relation), words, written_at)


async def read_note(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    reader: Actor,
    visit: str,
    purpose: Purpose,
    basis: Basis = Basis.NONE,
) -> Note:
    """The signed note with all its versions, else the draft, else an empty one. To learn that it is
    elsewhere is no reading. Raises MayNotRead, NoSuchVisit."""
    row = await visits.load(db, visit)
    signed = await versions.signed(db, visit)
    ground = await judge(db, now, row, reader, What.NOTE if signed else What.DRAFT, basis)
    if signed:
        if not all(map(is_gone, signed)):
            await _line(db, now, row, reader, Action.NOTE_READ, purpose, ground)
        return history.as_it_stands(await versions.opened(db, keys, signed))
    draft = await one(db, DraftRow, DraftRow.visit == visit)
    kept = await protection_of(db, visit)
    if draft is None:
        return Note(NoteFields(), 0, protection=kept)
    await _line(db, now, row, reader, Action.NOTE_READ, purpose, ground)
    fields = await open_draft(db, keys, draft)
    return Note(fields, draft.version, draft.author, saved_at=draft.saved_at, protection=kept)


async def read_outcome(
    db: AsyncSession, keys: Keys, now: datetime, *, reader: Actor, visit: str
) -> Outcome:
    """What the doctor decided, for the patient or the parent. Raises MayNotRead, NoSuchVisit."""
    row = await visits.load(db, visit)
    ground = await judge(db, now, row, reader, What.NOTE)
    signed = await versions.signed(db, visit)
    if not signed:
        return Outcome(written=False)
    if not all(map(is_gone, signed)):
        await _line(db, now, row, reader, Action.OUTCOME_READ, Purpose.PATIENT_REQUEST, ground)
    stands, (first, *later) = history.as_it_stands(await versions.opened(db, keys, signed)), signed
    return Outcome(
        True,
        stands.fields.assessment,
        stands.fields.plan,
        first.author_name,
        first.signed_at,
        stands.fields.advice,
        stands.papers,
        stands.elsewhere,
        amended_at=later[-1].signed_at if later else None,
    )


async def cares(db: AsyncSession, visit: str, person: str) -> datetime | None:
    """Since when this doctor has a care relation to the visit's patient."""
    return (await audit.known(db, Action.CARE_BEGUN, [visit], person)).get(visit)


async def _treats(db: AsyncSession, row: VisitRow, doctor: str) -> bool:
    """Whether this doctor has the patient in another visit that is not over (hpl § 25)."""
    query = (
        select(AuditRow.n)
        .join(VisitRow, VisitRow.id == AuditRow.visit)
        .where(AuditRow.action == Action.CARE_BEGUN, AuditRow.actor == doctor)
        .where(VisitRow.patient == row.patient, VisitRow.id != row.id)
        .where(VisitRow.closed_at.is_(None))
        .limit(1)
    )
    return await db.scalar(query) is not None


async def _facts(
    db: AsyncSession, now: datetime, row: VisitRow, reader: Actor, basis: Basis = Basis.NONE
) -> Facts:
    signed = await last_entry(db, row.id)
    day = minors.norwegian_day(now)
    is_doctor, patient = reader.role == Role.DOCTOR, row.patient or ""
    how = await blocks.how_blocked(db, patient, reader.person) if is_doctor else Blocked.NOT
    broken = how is not Blocked.NOT and await blocks.is_broken(db, now, patient, reader.person)
    return Facts(
        patient=row.patient or "",
        opened_by=row.opened_by,
        patient_age=0 if row.birth_date is None else minors.age(row.birth_date, day),
        withheld=signed is not None and signed.withheld,
        stage=Stage(row.stage),
        closed_at=row.closed_at,
        cares=await cares(db, row.id, reader.person) is not None,
        alone=basis is Basis.PARENT and await visits.came_alone(db, row.id),
        basis=basis,
        treats=is_doctor and signed is not None and await _treats(db, row, reader.person),
        blocked=how,
        deleted=await one(db, DeletionRow, DeletionRow.visit == row.id) is not None,
        glass=bool(broken),
    )


async def judge(
    db: AsyncSession,
    now: datetime,
    row: VisitRow,
    reader: Actor,
    what: What,
    basis: Basis = Basis.NONE,
) -> str:
    """The ground on which this may be read now. Raises MayNotRead."""
    judged = await verdict(db, now, row, reader, what, basis)
    if not judged.allowed:
        raise MayNotRead(judged.ground)
    return judged.ground


async def verdict(
    db: AsyncSession,
    now: datetime,
    row: VisitRow,
    reader: Actor,
    what: What,
    basis: Basis = Basis.NONE,
) -> Verdict:
    """Whether this may be read now, and on which ground."""
    return may_read(reader, what, await _facts(db, now, row, reader, basis), now)


async def _reason(db: AsyncSession, keys: Keys, row: VisitRow) -> tuple[str, datetime] | None:
    found = await one(db, ReasonRow, ReasonRow.visit == row.id)
    if found is None:
        return None
    place = Context("visit_reason", row.id, found.patient, found.version, found.author)
    return (await vault.take_out(db, keys, place, found)).decode(), found.written_at


async def _line(
    db: AsyncSession,
    now: datetime,
    row: VisitRow,
    reader: Actor,
    action: Action,
    purpose: Purpose,
    ground: str,
) -> None:
    # Purpose and basis together are what pjl § 22 a no. 2 asks for.
    await audit.append(
        db,
        now,
        actor=reader,
        action=action,
        visit=row.id,
        patient=row.patient or "",
        purpose=f"{purpose_of(purpose, ground)}/{ground}",
    )
