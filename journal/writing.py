"""The doctor's note: drafts that are saved as they grow, and the signature that ends them."""

import json
import secrets
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, audit, coding, entry, jws, meeting, note, vault, visits
from venterom.journal.access import Practitioner
from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.chain import Action
from venterom.journal.entry import Content, Manifest
from venterom.journal.errors import (
    AlreadySigned,
    BadNote,
    MayNotRead,
    NoPatient,
    NothingToSign,
    NotTheAuthor,
    StaleDraft,
)
from venterom.journal.events import Signed
from venterom.journal.keys import Keys
from venterom.journal.meeting import Met
from venterom.journal.note import NoteFields
from venterom.journal.papers import issuing
from venterom.journal.papers.issuing import NO_PAPERS, Prepared
from venterom.journal.protecting import protection_of
from venterom.journal.rows import insert_new, one
from venterom.journal.seal import Context
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow, DraftRow, EntryRow, VisitRow
from venterom.journal.telephoning import telephone_of

FIRST_VERSION = 1  # a correction will be the next one (hpl § 42)
NOT_KNOWN = Met()


async def save_draft(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    author: Practitioner,
    fields: NoteFields,
    version: int,
) -> int:
    """Save over `version` (0: the first time) and return the new one.

    Saving the same a second time changes nothing: the answer to the first may have been lost.
    Another doctor with the patient may go on with the note. Raises StaleDraft, BadNote (too
    long), AlreadySigned, MayNotRead (no care relation), NoSuchVisit.
    """
    row = await visits.load(db, visit, lock=True)
    await _care(db, row, author)
    if await last_entry(db, visit) is not None:
        raise AlreadySigned
    cleaned = note.clean(fields)
    if problems := note.draft_problems(cleaned):
        raise BadNote(problems)
    before = await one(db, DraftRow, DraftRow.visit == visit)
    if before is not None and await _is_this(db, keys, before, author, version + 1, cleaned):
        return before.version
    patient = _patient(row)
    place = Context("note_draft", visit, patient, version + 1, author.person)
    sealed = vault.columns(await vault.lock_away(db, keys, place, canonical(asdict(cleaned))))
    # Asked before it is stored: the session brings `before` up to date with what is written.
    begins = before is None or before.author != author.person
    changed = {"author": author.person, "version": version + 1, "saved_at": now, **sealed}
    if not await _store(db, visit, patient, version, changed):
        raise StaleDraft
    if begins:
        await audit.append(
            db,
            now,
            actor=author.actor,
            action=Action.DRAFT_BEGUN,
            visit=visit,
            patient=patient,
        )
    return version + 1


async def sign(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    author: Practitioner,
    withheld: bool = False,
    met: Met = NOT_KNOWN,
    papers: Prepared = NO_PAPERS,
) -> Signed:
    """Make the note final: sealed, signed, chained, and due to the EPJ, all in one transaction.

    `withheld` keeps it from the parents (pbrl § 3-4 third paragraph); so is a note of a child that
    came alone. `met` is what the waiting room knows of the meeting, `papers` are issued with the
    note. Signing again changes nothing. Raises NothingToSign, BadNote, BadPaper, PapersChanged,
    NotTheAuthor, MayNotRead, NoSuchVisit.
    """
    row = await visits.load(db, visit, lock=True)
    taken_at = await _care(db, row, author)
    if (done := await last_entry(db, visit)) is not None:
        return _again(done, author)
    draft = await one(db, DraftRow, DraftRow.visit == visit)
    if draft is None:
        raise NothingToSign
    if draft.author != author.person:
        raise NotTheAuthor
    fields = await open_draft(db, keys, draft)
    problems, term = note.problems(fields), await coding.term_of(db, fields.icpc2)
    if term is None:
        problems.setdefault("icpc2", note.Problem.NOT_IN_USE)
    if problems:
        raise BadNote(problems)
    drafts = await attaching.drafts(db, visit)
    pictures = await attaching.told(db, keys, drafts)
    content = Content(
        fields,
        *meeting.period(met, taken_at, row.closed_at or now),
        await protection_of(db, visit),
        await telephone_of(db, visit),
        tuple(picture for picture, _ in pictures),
        met.others,
        term=term or "",
        papers=await issuing.told(db, keys, visit, author.person, papers),
    )
    packed = entry.pack(content, secrets.token_bytes(entry.SALT_BYTES))
    withheld = withheld or await visits.came_alone(db, visit)
    written = await _write_entry(db, keys, now, row, author, packed, withheld)
    await attaching.attach(db, keys, written, drafts, [data for _, data in pictures])
    await issuing.issue(db, keys, now, written, papers)
    await db.execute(delete(DraftRow).where(DraftRow.visit == visit))
    return Signed(visit, now, FIRST_VERSION, entry.content_hash(packed))


async def unsigned(db: AsyncSession, person: str) -> tuple[str, ...]:
    """The visits whose notes this doctor has begun and not signed, oldest first."""
    query = select(DraftRow.visit).where(DraftRow.author == person).order_by(DraftRow.saved_at)
    return tuple(await db.scalars(query))


async def last_entry(db: AsyncSession, visit: str) -> EntryRow | None:
    """The newest signed version."""
    query = select(EntryRow).where(EntryRow.visit == visit).order_by(EntryRow.version.desc())
    return await db.scalar(query.limit(1).execution_options(populate_existing=True))


async def open_entry(db: AsyncSession, keys: Keys, row: EntryRow) -> bytes:
    """The packed content (entry.py). Only for those who have written their audit line."""
    return await vault.take_out(db, keys, entry_place(row), row)


def entry_place(row: EntryRow) -> Context:
    """Where a signed entry is sealed."""
    return Context("record_entry", row.visit, row.patient, row.version, row.author)


async def open_draft(db: AsyncSession, keys: Keys, row: DraftRow) -> NoteFields:
    """The draft's text. Only for those who have written their audit line."""
    place = Context("note_draft", row.visit, row.patient, row.version, row.author)
    return NoteFields(**json.loads(await vault.take_out(db, keys, place, row)))


def manifest_of(row: EntryRow, pseudonym: str) -> Manifest:
    """What must have been signed, if the row is as it was written."""
    return Manifest(
        visit=row.visit,
        version=row.version,
        patient=pseudonym,
        author=row.author,
        author_hpr=row.author_hpr,
        author_name=row.author_name,
        sign_in=row.sign_in,
        signed_at=entry.to_ms(row.signed_at),
        withheld=row.withheld,
        content_hash=row.content_hash,
        after=row.after,
    )


async def _care(db: AsyncSession, row: VisitRow, author: Practitioner) -> datetime:
    since = (await audit.known(db, Action.CARE_BEGUN, [row.id], author.person)).get(row.id)
    if since is None:
        raise MayNotRead("no_relation")
    return since


def _patient(row: VisitRow) -> str:
    if row.patient is None:
        raise NoPatient
    return row.patient


def _again(done: EntryRow, author: Practitioner) -> Signed:
    if done.author != author.person:
        raise NotTheAuthor
    return Signed(done.visit, done.signed_at, done.version, done.content_hash, fresh=False)


async def _is_this(
    db: AsyncSession,
    keys: Keys,
    row: DraftRow,
    author: Practitioner,
    version: int,
    fields: NoteFields,
) -> bool:
    same = (row.version, row.author) == (version, author.person)
    return same and await open_draft(db, keys, row) == fields


async def _store(
    db: AsyncSession, visit: str, patient: str, version: int, changed: dict[str, object]
) -> bool:
    if version == 0:
        return await insert_new(db, DraftRow, visit=visit, patient=patient, **changed)
    saved = await db.execute(
        update(DraftRow)
        .where(DraftRow.visit == visit, DraftRow.version == version)
        .values(**changed)
        .returning(DraftRow.visit)
    )
    return saved.first() is not None


async def _write_entry(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    row: VisitRow,
    author: Practitioner,
    packed: bytes,
    withheld: bool,
) -> EntryRow:
    """The entry, its audit line, and the row that says that the EPJ must have it."""
    patient = _patient(row)
    place = Context("record_entry", row.id, patient, FIRST_VERSION, author.person)
    sealed = await vault.lock_away(db, keys, place, packed)
    head = await audit.lock_head(db)
    written = EntryRow(
        visit=row.id,
        version=FIRST_VERSION,
        patient=patient,
        author=author.person,
        author_hpr=author.hpr,
        author_name=author.name,
        sign_in=author.sign_in,
        signed_at=now,
        withheld=withheld,
        content_hash=entry.content_hash(packed),
        after=head.hash.hex(),
        **vault.columns(sealed),
    )
    payload = entry.manifest_payload(manifest_of(written, keys.pseudonym(patient)))
    written.jws = jws.sign(payload, keys.signing, keys.kid, entry.TYPE)
    db.add(written)
    await db.flush()
    link = await audit.append(
        db,
        now,
        actor=author.actor,
        action=Action.NOTE_SIGNED,
        visit=row.id,
        patient=patient,
        content=sha256_hex(written.jws.encode()),
    )
    await db.execute(
        insert(DeliveryRow).values(
            visit=row.id,
            version=written.version,
            n=link.line.n,
            patient=patient,
            author=author.person,
            content_hash=written.content_hash,
            signed_at=now,
            state=Delivery.SIGNED,
            attempts=0,
            due_at=now,
        )
    )
    return written
