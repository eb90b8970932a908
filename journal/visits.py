"""The life of a visit before the doctor: opened, for whom, why, under way, over."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import bindparam, case, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, consent, note, texts, vault
from venterom.journal.access import Actor, Role
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import Action
from venterom.journal.consent import Consent, Kind, Relation
from venterom.journal.errors import (
    BadReason,
    ConsentMissing,
    NoPatient,
    NoSuchVisit,
    NotYourChild,
    VisitBegun,
    VisitClosed,
)
from venterom.journal.keys import Keys
from venterom.journal.minors import Decider, may_act_for, norwegian_day, same_age_of_law
from venterom.journal.rows import insert_new, one
from venterom.journal.seal import Context
from venterom.journal.states import Stage, stages_before
from venterom.journal.tables import ConsentRow, ReasonRow, VisitRow

_EVER = datetime.max.replace(tzinfo=UTC)  # asks: withdrawn at any time so far?


@dataclass(frozen=True, slots=True)
class Visit:
    """What may be known about a visit without reading what is sealed."""

    id: str
    patient: str | None
    birth_date: date | None
    opened_by: str
    relation: Relation | None
    stage: Stage
    opened_at: datetime
    closed_at: datetime | None
    consent: bool  # valid, and for the text in force
    consent_at: datetime | None
    language: str  # that the notice was read in; the patient is spoken to in it
    has_reason: bool

    def consented_today(self, today: date) -> bool:
        """Whether the consent holds and nobody has come of an age since it was given."""
        if not self.consent or self.consent_at is None or self.birth_date is None:
            return False
        return same_age_of_law(self.birth_date, norwegian_day(self.consent_at), today)


_VISITS = VisitRow.__table__.c
_WHO_COMES = select(_VISITS.opened_by, _VISITS.patient).where(_VISITS.id == bindparam("visit"))


async def open_visit(db: AsyncSession, now: datetime, *, by: Actor) -> Visit:
    """A draft for this person: the one that there is, or a new one. The index lets two clicks at
    once make one draft."""
    await insert_new(
        db,
        VisitRow,
        id=secrets.token_urlsafe(16),
        opened_by=by.person,
        stage=Stage.DRAFT,
        opened_at=now,
    )
    row = await one(db, VisitRow, VisitRow.opened_by == by.person, VisitRow.stage == Stage.DRAFT)
    assert row is not None
    return await value(db, row)


async def visit(db: AsyncSession, visit_id: str) -> Visit:
    """Raises NoSuchVisit."""
    return await value(db, await load(db, visit_id))


async def current_visit(db: AsyncSession, person: str) -> Visit | None:
    """The visit that this person is in: the newest under way, else the draft."""
    query = (
        select(VisitRow)
        .where(VisitRow.opened_by == person, VisitRow.stage != Stage.CLOSED)
        .order_by(case((VisitRow.stage == Stage.OPEN, 0), else_=1), VisitRow.opened_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    row = await db.scalar(query)
    return None if row is None else await value(db, row)


async def set_patient(
    db: AsyncSession,
    now: datetime,
    *,
    visit: str,
    patient: str,
    relation: Relation,
    birth_date: date,
) -> None:
    """Say who the visit is for. A reason that was written for somebody else is thrown away.

    That the opener holds parental responsibility is the caller's to know (Folkeregisteret).
    Raises NotYourChild, VisitBegun, NoSuchVisit.
    """
    row = await load(db, visit, lock=True)
    own = patient == row.opened_by
    child = not own and may_act_for(True, birth_date, norwegian_day(now))
    if not (own if relation is Relation.SELF else child):
        raise NotYourChild
    changed = await db.execute(
        update(VisitRow)
        .where(VisitRow.id == visit, VisitRow.stage == Stage.DRAFT)
        .values(patient=patient, relation=relation, birth_date=birth_date)
        .returning(VisitRow.id)
    )
    if changed.first() is None:
        raise VisitBegun
    await db.execute(
        delete(ReasonRow).where(ReasonRow.visit == visit, ReasonRow.patient != patient)
    )


async def set_reason(db: AsyncSession, keys: Keys, now: datetime, *, visit: str, text: str) -> None:
    """Seal why the patient comes, in the words of whoever opened the visit.

    Raises BadReason, NoPatient, VisitClosed, NoSuchVisit.
    """
    words = note.clean_text(text)
    if problem := note.reason_problem(words):
        raise BadReason(problem)
    row = await load(db, visit, lock=True)
    if row.stage == Stage.CLOSED:
        raise VisitClosed
    if row.patient is None:
        raise NoPatient
    before = await one(db, ReasonRow, ReasonRow.visit == visit)
    version = 1 if before is None else before.version + 1
    place = Context("visit_reason", visit, row.patient, version, row.opened_by)
    sealed = await vault.lock_away(db, keys, place, words.encode())
    await db.execute(delete(ReasonRow).where(ReasonRow.visit == visit))
    await db.execute(
        insert(ReasonRow).values(
            visit=visit,
            patient=row.patient,
            author=row.opened_by,
            version=version,
            written_at=now,
            **vault.columns(sealed),
        )
    )
    await audit.append(
        db,
        now,
        actor=Actor(row.opened_by, Role.PATIENT, ""),
        action=Action.REASON_WRITTEN,
        visit=visit,
        patient=row.patient,
        content=sha256_hex(sealed.ciphertext),
    )


async def mark_open(db: AsyncSession, now: datetime, *, visit: str) -> None:
    """The patient is in the queue. Doing it again changes nothing.

    Raises NoPatient, BadReason, ConsentMissing, VisitClosed, NoSuchVisit.
    """
    found = await value(db, await load(db, visit, lock=True))
    if found.stage is Stage.CLOSED:
        raise VisitClosed
    if found.patient is None:
        raise NoPatient
    if not found.has_reason:
        raise BadReason
    if not found.consented_today(norwegian_day(now)):
        raise ConsentMissing
    await _move(db, visit, Stage.OPEN)


async def close(db: AsyncSession, now: datetime, *, visit: str) -> None:
    """The visit is over, or was given up. Doing it again changes nothing."""
    if not await _move(db, visit, Stage.CLOSED, closed_at=now):
        await load(db, visit)


async def load(db: AsyncSession, visit_id: str, *, lock: bool = False) -> VisitRow:
    """The row, for the other adapters of the record. Raises NoSuchVisit."""
    row = await one(db, VisitRow, VisitRow.id == visit_id, lock=lock)
    if row is None:
        raise NoSuchVisit
    return row


async def value(db: AsyncSession, row: VisitRow) -> Visit:
    """The row as a value."""
    reason = await one(db, ReasonRow, ReasonRow.visit == row.id)
    agreed = await standing_consent(db, row)
    return Visit(
        id=row.id,
        patient=row.patient,
        birth_date=row.birth_date,
        opened_by=row.opened_by,
        relation=None if row.relation is None else Relation(row.relation),
        stage=Stage(row.stage),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        consent=consent.valid(agreed, texts.CURRENT, _EVER),
        consent_at=agreed.record.at if agreed else None,
        language=agreed.record.language if agreed else texts.LANGUAGES[0],
        has_reason=reason is not None,
    )


async def standing_consent(db: AsyncSession, row: VisitRow) -> Consent | None:
    """The last consent for this visit and its patient, and whether it was withdrawn; else one that
    was given at an earlier visit and holds at this one."""
    return await consent_of(db, row.id, row.patient) or await _carried(db, row)


async def consent_of(db: AsyncSession, visit: str, patient: str | None) -> Consent | None:
    """The last consent that was given at this very visit, and whether it was withdrawn."""
    query = (
        select(ConsentRow)
        .where(ConsentRow.visit == visit, ConsentRow.patient == patient)
        .where(ConsentRow.kind != Kind.NOTICE)
        .order_by(ConsentRow.at.desc(), ConsentRow.kind.desc())
    )
    records = [record_of(found) for found in await db.scalars(query)]
    given = [record for record in records if record.kind is Kind.CONSENT]
    if not given:
        return None
    taken_back = records[0].kind is Kind.WITHDRAWAL
    return Consent(given[0], records[0].at if taken_back else None)


async def _carried(db: AsyncSession, row: VisitRow) -> Consent | None:
    """The last thing that this person said for this patient before, if it was a yes that holds."""
    if row.patient is None or row.birth_date is None:
        return None
    query = (
        select(ConsentRow)
        .where(ConsentRow.given_by == row.opened_by, ConsentRow.patient == row.patient)
        .where(ConsentRow.kind != Kind.NOTICE)
        .order_by(ConsentRow.at.desc(), ConsentRow.kind.desc())
        .limit(1)
    )
    last = await db.scalar(query)
    if last is None or last.kind == Kind.WITHDRAWAL:
        return None
    record = record_of(last)
    holds = consent.carries_over(
        record,
        by=row.opened_by,
        patient=row.patient,
        birth_date=row.birth_date,
        version=texts.CURRENT,
        today=norwegian_day(row.opened_at),
    )
    return Consent(record) if holds else None


async def who_comes(db: AsyncSession, visit: str) -> tuple[str, str | None]:
    """Who opened the visit, and for whom. Raises NoSuchVisit."""
    row = (await db.execute(_WHO_COMES, {"visit": visit})).first()
    if row is None:
        raise NoSuchVisit
    return row.opened_by, row.patient


async def came_alone(db: AsyncSession, visit: str) -> bool:
    """Whether the patient is a child that came without its parents knowing."""
    query = select(ConsentRow.id).where(
        ConsentRow.visit == visit, ConsentRow.rule == Decider.CHILD_ALONE
    )
    return await db.scalar(query.limit(1)) is not None


def record_of(row: ConsentRow) -> consent.Record:
    """A row of the register as a value."""
    return consent.Record(
        id=row.id,
        visit=row.visit,
        patient=row.patient,
        given_by=row.given_by,
        kind=Kind(row.kind),
        text_version=row.text_version,
        text_sha256=row.text_sha256,
        language=row.language,
        rule=Decider(row.rule),
        own_yes=row.own_yes,
        at=row.at,
    )


async def _move(db: AsyncSession, visit: str, stage: Stage, **values: object) -> bool:
    moved = await db.execute(
        update(VisitRow)
        .where(VisitRow.id == visit, VisitRow.stage.in_(stages_before(stage)))
        .values(stage=stage, **values)
        .returning(VisitRow.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None
