"""Papers of signed notes: handed out, checked by whoever holds one, withdrawn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, cases, casework, history, versions, visits
from venterom.journal.access import Actor, Basis, Purpose, Role, What
from venterom.journal.canonical import sha256_hex
from venterom.journal.cases import Case
from venterom.journal.chain import Action
from venterom.journal.errors import MayNotRead, NotTheAuthor
from venterom.journal.events import PaperWithdrawn
from venterom.journal.keys import Keys
from venterom.journal.papers import code, issuing, sending
from venterom.journal.papers.errand import Errand
from venterom.journal.papers.paper import Issued, Kind
from venterom.journal.papers.tables import ErrandRow, PaperCodeRow, PaperRow, WithdrawalRow
from venterom.journal.reading import judge
from venterom.journal.rows import insert_new, one
from venterom.journal.tables import EntryRow, VisitRow


class Why(StrEnum):
    """Why a paper is withdrawn."""

    WRONG = "wrong"
    CHANGED = "changed"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A paper that is still valid; says nothing of what it is."""

    id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """What whoever typed a paper's code is told: no more than the paper says."""

    said: Mapping[str, str]
    withdrawn_at: datetime | None


async def read_paper(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    reader: Actor,
    visit: str,
    paper: str,
    basis: Basis = Basis.NONE,
) -> bytes:
    """The PDF, for the patient, who stands in for her, or the doctor. Raises MayNotRead,
    NoSuchVisit."""
    row = await visits.load(db, visit)
    ground = await judge(db, now, row, reader, What.NOTE, basis)
    found = await one(db, PaperRow, PaperRow.paper == paper, PaperRow.visit == visit)
    if found is None:
        raise MayNotRead("not_there")
    own = reader.role == Role.DOCTOR
    purpose = Purpose.TREATMENT if own else Purpose.PATIENT_REQUEST
    await _line(db, now, row, reader, Action.PAPER_READ, f"{purpose}/{ground}", paper)
    return await issuing.open_document(db, keys, found)


async def issued_papers(
    db: AsyncSession, keys: Keys, now: datetime, *, doctor: Actor, visit: str
) -> tuple[Issued, ...] | None:
    """What the doctor issued and we have. None: the note is not signed. Raises MayNotRead,
    NoSuchVisit."""
    row = await visits.load(db, visit)
    ground = await _judge(db, now, row, doctor)
    signed = await versions.signed(db, visit)
    if not signed:
        return None
    papers = history.as_it_stands(await versions.opened(db, keys, signed)).papers
    for each in papers:
        purpose = f"{Purpose.TREATMENT}/{ground}"
        await _line(db, now, row, doctor, Action.PAPER_READ, purpose, each.id)
    return papers


async def withdrawn(db: AsyncSession, visit: str) -> dict[str, datetime]:
    """The papers of a visit that are not valid any more, and since when."""
    query = select(WithdrawalRow.paper, WithdrawalRow.at).where(WithdrawalRow.visit == visit)
    return {paper: at for paper, at in await db.execute(query)}


async def standing(db: AsyncSession, visit: str) -> list[Standing]:
    """The papers of the visit that are still valid, in the order in which they were issued."""
    query = select(PaperRow.paper, PaperRow.issued_at).where(PaperRow.visit == visit)
    issued = await db.execute(query.order_by(PaperRow.version, PaperRow.n))
    gone = await withdrawn(db, visit)
    return [Standing(paper, at) for paper, at in issued if paper not in gone]


async def to_be_deleted(db: AsyncSession, visit: str, author: str) -> Case | None:
    """The decision by which this doctor's note goes: her papers of it must go first, however long
    ago she met the patient."""
    return next(
        (
            case
            for case in await casework.of_visit(db, visit)
            if cases.may_withdraw(case, Role.DOCTOR, author, left=False)
        ),
        None,
    )


async def withdraw_paper(
    db: AsyncSession, now: datetime, *, visit: str, paper: str, doctor: Actor, why: Why
) -> PaperWithdrawn | None:
    """It is not valid from now on; a prescription that was sent is recalled (M5). A sick note that
    NAV has cannot be: what nobody has yet is not sent any more.

    None: it was withdrawn before. Raises NotTheAuthor, MayNotRead, NoSuchVisit.
    """
    row = await visits.load(db, visit, lock=True)
    await _judge(db, now, row, doctor)
    written = await _with(db, visit, paper)
    if written.author != doctor.person:
        raise NotTheAuthor
    purpose = f"{Purpose.TREATMENT}/{why}"
    return await _withdraw(db, now, row, written, paper, doctor, why, purpose)


async def withdraw_by_decision(
    db: AsyncSession, now: datetime, *, case_id: str, paper: str, by: Actor, left: bool
) -> PaperWithdrawn | None:
    """The same of a paper whose doctor has `left`, by a director. Raises MayNotRead."""
    case = await casework.to_answer(db, case_id, by)
    row = await visits.load(db, case.visit, lock=True)
    if not cases.may_withdraw(case, by.role, by.person, left=left):
        raise MayNotRead("no_relation")
    written, purpose = await _with(db, case.visit, paper), f"{Purpose.PATIENT_REQUEST}/left"
    return await _withdraw(db, now, row, written, paper, by, Why.WRONG, purpose)


async def _with(db: AsyncSession, visit: str, paper: str) -> EntryRow:
    """The signed version that a paper of this visit came with. Raises MayNotRead."""
    found = await one(db, PaperRow, PaperRow.paper == paper, PaperRow.visit == visit)
    written = await versions.with_paper(db, paper)
    if written is None or found is None:
        raise MayNotRead("not_there")
    return written


async def _withdraw(
    db: AsyncSession,
    now: datetime,
    row: VisitRow,
    written: EntryRow,
    paper: str,
    by: Actor,
    why: Why,
    purpose: str,
) -> PaperWithdrawn | None:
    said = {"paper": paper, "visit": row.id, "by": by.person, "at": now, "why": why}
    if not await insert_new(db, WithdrawalRow, **said):
        return None
    sent = await one(db, ErrandRow, ErrandRow.paper == paper, ErrandRow.errand == Errand.SEND)
    called_off = sent is not None and await sending.call_off(db, paper)
    if sent is not None and not called_off and sent.kind == Kind.PRESCRIPTION:
        await sending.queue(db, now, written, paper, Kind.PRESCRIPTION, Errand.RECALL)
    await _line(db, now, row, by, Action.PAPER_WITHDRAWN, purpose, paper)
    return PaperWithdrawn(row.id, now, paper)


async def check(db: AsyncSession, typed: bytes) -> Checked | None:
    """What a code opens. None: we know no such paper."""
    row = await one(db, PaperCodeRow, PaperCodeRow.name == code.name(typed))
    if row is None:
        return None
    gone = await one(db, WithdrawalRow, WithdrawalRow.paper == row.paper)
    said: Mapping[str, str] = json.loads(code.unseal(typed, row.sealed))
    return Checked(said, gone.at if gone else None)


async def _judge(db: AsyncSession, now: datetime, row: VisitRow, doctor: Actor) -> str:
    """On what ground this doctor has to do with the visit's papers. Raises MayNotRead."""
    if await to_be_deleted(db, row.id, doctor.person) is not None:
        return "case"
    return await judge(db, now, row, doctor, What.NOTE)


async def _line(
    db: AsyncSession,
    now: datetime,
    row: VisitRow,
    by: Actor,
    action: Action,
    purpose: str,
    paper: str,
) -> None:
    await audit.append(
        db,
        now,
        actor=by,
        action=action,
        visit=row.id,
        patient=row.patient or "",
        purpose=purpose,
        content=sha256_hex(paper.encode()),
    )
