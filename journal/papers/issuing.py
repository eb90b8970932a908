"""Papers: drafts while the note is written, sealed and bound to it when it is signed, withdrawn.

What a paper says and the hash of its document stand in the entry, so they are signed with the note.
A document is made before the note is signed, for that takes time: whoever signs says which drafts
it was made of, and if they are others by then, nothing is signed.
"""

import json
import secrets
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, vault, visits
from venterom.journal.access import Actor, Practitioner
from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.chain import Action
from venterom.journal.errors import (
    AlreadySigned,
    BadPaper,
    MayNotRead,
    NoPatient,
    NotTheAuthor,
    PapersChanged,
)
from venterom.journal.keys import Keys
from venterom.journal.papers import code, paper
from venterom.journal.papers.errand import Errand
from venterom.journal.papers.paper import KINDS, Body, Issued, Kind
from venterom.journal.papers.sending import queue
from venterom.journal.papers.tables import PaperCodeRow, PaperDraftRow, PaperRow
from venterom.journal.rows import one
from venterom.journal.seal import Context
from venterom.journal.tables import EntryRow, VisitRow

MOST = 8  # papers of one visit: more than a quarter of an hour is enough for


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper that will be issued when the note is signed."""

    id: str
    author: str
    body: Body


@dataclass(frozen=True, slots=True)
class Ready:
    """A draft with the document that was made of it, and its code (code.py)."""

    draft: Draft
    pdf: bytes
    code: bytes
    shown: bytes  # what a receiver is told who types the code


@dataclass(frozen=True, slots=True)
class Prepared:
    """All papers of a note that is about to be signed today (a day in Norway)."""

    today: date = date.min
    ready: tuple[Ready, ...] = ()
    electronic: frozenset[Kind] = frozenset()  # which kinds are sent


NO_PAPERS = Prepared()


async def save_paper(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    author: Practitioner,
    body: Body,
    today: date,
) -> str:
    """A new draft; its id. Raises BadPaper, AlreadySigned, MayNotRead, NoPatient, NoSuchVisit."""
    row = await _unsigned(db, visit, author.person)
    if problems := paper.problems(body, today):
        raise BadPaper(problems)
    if len(await _rows(db, visit)) >= MOST:
        raise BadPaper({"paper": "enough"})
    made = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))  # a ReseptID is a GUID
    patient = row.patient or ""
    place = Context("paper_draft", made, patient, 1, author.person)
    sealed = await vault.lock_away(db, keys, place, canonical(paper.plain(body)))
    said = {"id": made, "visit": visit, "patient": patient, "author": author.person}
    db.add(PaperDraftRow(**said, written_at=now, **vault.columns(sealed)))
    await db.flush()
    content = sha256_hex(sealed.ciphertext)
    await _line(db, now, row, author.actor, Action.PAPER_WRITTEN, "TREAT", content)
    return made


async def drop_paper(
    db: AsyncSession, now: datetime, *, visit: str, draft: str, doctor: Actor
) -> bool:
    """It shall not be issued. False: it is not there. Raises as `save_paper`."""
    row = await _unsigned(db, visit, doctor.person)
    gone = await db.execute(
        delete(PaperDraftRow)
        .where(PaperDraftRow.id == draft, PaperDraftRow.visit == visit)
        .returning(PaperDraftRow.id)
    )
    if gone.first() is None:
        return False
    await _line(db, now, row, doctor, Action.PAPER_DROPPED, "TREAT", sha256_hex(draft.encode()))
    return True


async def drafts(db: AsyncSession, keys: Keys, visit: str) -> list[Draft]:
    """In the order in which they were written. Only for the doctor who meets the patient."""
    rows = await _rows(db, visit)
    parents = await vault.patient_keys(db, keys, {row.patient for row in rows})
    return [
        Draft(row.id, row.author, paper.read(json.loads(_open_draft(parents, row)))) for row in rows
    ]


async def count(db: AsyncSession, visit: str) -> int:
    """How many papers there are, written or issued; says nothing of what they are."""
    many = select(func.count()).select_from(PaperDraftRow).where(PaperDraftRow.visit == visit)
    some = select(func.count()).select_from(PaperRow).where(PaperRow.visit == visit)
    return (await db.scalar(many) or 0) + (await db.scalar(some) or 0)


async def told(
    db: AsyncSession, keys: Keys, visit: str, author: str, prepared: Prepared
) -> tuple[Issued, ...]:
    """What the entry says of its papers. Raises PapersChanged, NotTheAuthor, BadPaper."""
    now = await drafts(db, keys, visit)
    if now != [each.draft for each in prepared.ready]:
        raise PapersChanged
    if any(each.author != author for each in now):
        raise NotTheAuthor
    for each in now:
        if problems := paper.problems(each.body, prepared.today):
            raise BadPaper(problems)
    return tuple(
        Issued(each.draft.id, each.draft.body, sha256_hex(each.pdf), len(each.pdf))
        for each in prepared.ready
    )


async def issue(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    parents: Mapping[str, bytes],
    entry: EntryRow,
    prepared: Prepared,
) -> None:
    """The documents become part of the entry; those that are sent are on the list of the due."""
    if not prepared.ready:
        return
    documents, codes = [], []
    for n, each in enumerate(prepared.ready, start=1):
        place = _place(entry.visit, n, entry.patient, entry.version)
        said = {"visit": entry.visit, "version": entry.version, "n": n, "paper": each.draft.id}
        said |= {"patient": entry.patient, "issued_at": now}
        documents.append(said | vault.columns(vault.sealed(keys, parents, place, each.pdf)))
        shown = {"paper": each.draft.id, "sealed": code.seal(each.code, each.shown)}
        codes.append({"name": code.name(each.code)} | shown)
        if (kind := KINDS[type(each.draft.body)]) in prepared.electronic:
            await queue(db, now, entry, each.draft.id, kind, Errand.SEND)
    await db.execute(insert(PaperRow), documents)
    await db.execute(insert(PaperCodeRow), codes)
    await db.execute(delete(PaperDraftRow).where(PaperDraftRow.visit == entry.visit))


async def documents_of(
    db: AsyncSession, visits: Collection[str]
) -> Mapping[tuple[str, int], list[PaperRow]]:
    """Those of all signed notes of these visits, still sealed, by visit and version."""
    found: defaultdict[tuple[str, int], list[PaperRow]] = defaultdict(list)
    query = select(PaperRow).where(PaperRow.visit.in_(visits)).order_by(PaperRow.n)
    for row in await db.scalars(query.execution_options(populate_existing=True)):
        found[row.visit, row.version].append(row)
    return found


async def open_document(db: AsyncSession, keys: Keys, row: PaperRow) -> bytes:
    """One PDF. Only for those who have written their audit line."""
    return await vault.take_out(db, keys, place_of(row), row)


def place_of(row: PaperRow) -> Context:
    """What the sealed document is bound to."""
    return _place(row.visit, row.n, row.patient, row.version)


async def _rows(db: AsyncSession, visit: str) -> Sequence[PaperDraftRow]:
    query = select(PaperDraftRow).where(PaperDraftRow.visit == visit)
    return (await db.scalars(query.order_by(PaperDraftRow.written_at, PaperDraftRow.id))).all()


def _open_draft(parents: Mapping[str, bytes], row: PaperDraftRow) -> bytes:
    place = Context("paper_draft", row.id, row.patient, 1, row.author)
    return vault.opened(parents, place, row)


async def _unsigned(db: AsyncSession, visit: str, doctor: str) -> VisitRow:
    """The visit, locked, of a doctor who meets the patient."""
    row = await visits.load(db, visit, lock=True)
    if not await audit.known(db, Action.CARE_BEGUN, [visit], doctor):
        raise MayNotRead("no_relation")
    if await one(db, EntryRow, EntryRow.visit == visit) is not None:
        raise AlreadySigned
    if row.patient is None:
        raise NoPatient
    return row


def _place(visit: str, n: int, patient: str, version: int) -> Context:
    return Context("record_paper", f"{visit}/{n}", patient, version, "")


async def _line(
    db: AsyncSession,
    now: datetime,
    row: VisitRow,
    by: Actor,
    action: Action,
    purpose: str,
    content: str,
) -> None:
    await audit.append(
        db,
        now,
        actor=by,
        action=action,
        visit=row.id,
        patient=row.patient or "",
        purpose=f"{purpose}/care",
        content=content,
    )
