"""Wishes to have a note put right or deleted, and their answers: sealed, chained, never changed."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from venterom.journal import audit, cases, reading, vault, visits
from venterom.journal.access import Actor, Basis, Purpose, Role, What
from venterom.journal.canonical import sha256_hex
from venterom.journal.cases import Case, Kind, Outcome, State, Words
from venterom.journal.chain import Action
from venterom.journal.errors import AlreadyAnswered, BadReason, BadWish, CaseOpen, MayNotRead
from venterom.journal.keys import Keys
from venterom.journal.note import clean_text
from venterom.journal.rights_tables import AnswerRow, CaseRow, DeletionRow
from venterom.journal.rows import insert_new, one
from venterom.journal.seal import Context
from venterom.journal.tables import EntryRow
from venterom.journal.writing import last_entry

_later = aliased(EntryRow)
# When a note was put right after that had been asked for: SQL, of a case.
PUT_RIGHT_AT = (
    select(func.min(_later.signed_at))
    .where(_later.visit == CaseRow.visit, _later.version > 1, _later.signed_at >= CaseRow.asked_at)
    .correlate(CaseRow)
    .scalar_subquery()
)


async def ask(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    by: Actor,
    basis: Basis,
    kind: Kind,
    wish: str,
) -> str:
    """Ask for a signed note to be put right, or deleted; the id of the case.

    Raises BadWish, CaseOpen, MayNotRead, NoSuchVisit.
    """
    words = clean_text(wish)
    if not cases.wish_holds(words):
        raise BadWish
    row = await visits.load(db, visit, lock=True)
    ground = await reading.judge(db, now, row, by, What.NOTE, basis)
    if row.patient is None or await last_entry(db, visit) is None:
        raise MayNotRead("not_signed")
    asked = await of_visit(db, visit)
    if any(case.kind is kind and case.state is State.OPEN for case in asked):
        raise CaseOpen
    case = secrets.token_urlsafe(16)
    place = Context("record_case", case, row.patient, 1, by.person)
    sealed = await vault.lock_away(db, keys, place, words.encode())
    said = {"asked_by": by.person, "asked_at": now, "due_at": cases.due(now)}
    db.add(
        CaseRow(
            id=case, patient=row.patient, visit=visit, kind=kind, **said, **vault.columns(sealed)
        )
    )
    await db.flush()
    content = sha256_hex(sealed.ciphertext)
    own = by.role == Role.DOCTOR  # who finds that it stands with the wrong patient (hpl § 44)
    purpose = f"{Purpose.TREATMENT if own else Purpose.PATIENT_REQUEST}/{ground}"
    await _line(db, now, by, Action.CASE_ASKED, visit, row.patient, purpose, content)
    return case


async def answer(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    case_id: str,
    by: Actor,
    outcome: Outcome,
    reason: str,
) -> Case:
    """Answer a case, once. Raises BadReason, AlreadyAnswered, MayNotRead."""
    case = await to_answer(db, case_id, by)
    words = clean_text(reason)
    if not cases.answer_holds(words):
        raise BadReason
    place = Context("record_case_answer", case.id, case.patient, 1, by.person)
    sealed = await vault.lock_away(db, keys, place, words.encode())
    said = {"outcome": outcome, "answered_by": by.person, "answered_at": now}
    if not await insert_new(db, AnswerRow, id=case.id, **said, **vault.columns(sealed)):
        raise AlreadyAnswered
    content = sha256_hex(sealed.ciphertext)
    await _line(db, now, by, Action.CASE_ANSWERED, case.visit, case.patient, _office(by), content)
    return case


async def read_for_answer(
    db: AsyncSession, keys: Keys, now: datetime, *, case_id: str, by: Actor
) -> tuple[Case, Words]:
    """The case, for who may answer it: a line in the log. Raises MayNotRead."""
    case = await to_answer(db, case_id, by)
    await _line(db, now, by, Action.CASE_READ, case.visit, case.patient, _office(by))
    return case, await _words(db, keys, case)


async def words_of(db: AsyncSession, keys: Keys, asked: Iterable[Case]) -> dict[str, Words]:
    """The texts of these cases, for the patient whose they are."""
    return {case.id: await _words(db, keys, case) for case in asked}


async def of_patient(db: AsyncSession, patient: str) -> list[Case]:
    """What was asked about this patient's record, newest first."""
    return await _found(db, _query().where(CaseRow.patient == patient))


async def of_visit(db: AsyncSession, visit: str) -> list[Case]:
    """What was asked about this note, newest first."""
    return await _found(db, _query().where(CaseRow.visit == visit))


async def of_author(db: AsyncSession, author: str) -> list[Case]:
    """What was asked about the notes of this doctor, newest first."""
    return await _found(db, _query().where(EntryRow.author == author))


async def every(db: AsyncSession) -> list[Case]:
    """All cases, newest first, for the director."""
    return await _found(db, _query())


async def to_answer(db: AsyncSession, case_id: str, by: Actor) -> Case:
    """The case, for who may answer it. Raises MayNotRead."""
    found = await _found(db, _query().where(CaseRow.id == case_id))
    if not found or not cases.may_answer(by.role, by.person, found[0].author):
        raise MayNotRead("no_relation")
    return found[0]


def _query() -> Select[CaseRow, AnswerRow | None, str, str, datetime | None]:
    carried_out_at = when((CaseRow.kind == Kind.DELETION, DeletionRow.at), else_=PUT_RIGHT_AT)
    return (
        select(CaseRow, AnswerRow, EntryRow.author, EntryRow.author_name, carried_out_at)
        .outerjoin(AnswerRow, AnswerRow.id == CaseRow.id)
        .outerjoin(DeletionRow, DeletionRow.visit == CaseRow.visit)
        .join(EntryRow, (EntryRow.visit == CaseRow.visit) & (EntryRow.version == 1))
        .order_by(CaseRow.asked_at.desc(), CaseRow.id)
    )


async def _found(
    db: AsyncSession, query: Select[CaseRow, AnswerRow | None, str, str, datetime | None]
) -> list[Case]:
    fresh = query.execution_options(populate_existing=True)
    return [
        Case(
            id=row.id,
            patient=row.patient,
            visit=row.visit,
            kind=Kind(row.kind),
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            due_at=row.due_at,
            author=author,
            author_name=name,
            state=cases.state(
                Outcome(answered.outcome) if answered else None, carried_out=done_at is not None
            ),
            answered_by=answered.answered_by if answered else "",
            answered_at=answered.answered_at if answered else None,
            carried_out_at=done_at,
        )
        for row, answered, author, name, done_at in await db.execute(fresh)
    ]


async def _words(db: AsyncSession, keys: Keys, case: Case) -> Words:
    asked = await one(db, CaseRow, CaseRow.id == case.id)
    assert asked is not None
    place = Context("record_case", case.id, case.patient, 1, case.asked_by)
    wish = (await vault.take_out(db, keys, place, asked)).decode()
    answered = await one(db, AnswerRow, AnswerRow.id == case.id)
    if answered is None:
        return Words(wish, "")
    place = Context("record_case_answer", case.id, case.patient, 1, answered.answered_by)
    return Words(wish, (await vault.take_out(db, keys, place, answered)).decode())


def _office(by: Actor) -> str:
    purpose = Purpose.TREATMENT if by.role == Role.DOCTOR else Purpose.OPERATIONS
    return f"{purpose}/case"


async def _line(
    db: AsyncSession,
    now: datetime,
    by: Actor,
    action: Action,
    visit: str,
    patient: str,
    purpose: str,
    content: str = "",
) -> None:
    await audit.append(
        db,
        now,
        actor=by,
        action=action,
        visit=visit,
        patient=patient,
        purpose=purpose,
        content=content,
    )
