"""The doctor's note: drafts that are saved as they grow, and what lies where it is signed."""

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, drafts, entry, note, vault, visits
from venterom.journal.access import Practitioner
from venterom.journal.canonical import canonical
from venterom.journal.chain import Action
from venterom.journal.drafts import Draft
from venterom.journal.entry import Manifest
from venterom.journal.errors import AlreadySigned, BadNote, MayNotRead, NoPatient
from venterom.journal.keys import Keys
from venterom.journal.note import NoteFields
from venterom.journal.seal import Context
from venterom.journal.tables import DraftRow, EntryRow, VisitRow


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
    patient, text = patient_of(row), canonical(asdict(cleaned))
    draft = Draft(DraftRow, visit, {}, patient, author.person, text)
    saved, begins = await drafts.save(db, keys, now, draft, version)
    if begins:
        await audit.append(
            db,
            now,
            actor=author.actor,
            action=Action.DRAFT_BEGUN,
            visit=visit,
            patient=patient,
        )
    return saved


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
    return NoteFields(**json.loads(await vault.take_out(db, keys, draft_place(row), row)))


def draft_place(row: DraftRow) -> Context:
    """Where a draft is sealed."""
    return drafts.place_of(row)


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


async def _care(db: AsyncSession, row: VisitRow, author: Practitioner) -> None:
    if not await audit.known(db, Action.CARE_BEGUN, [row.id], author.person):
        raise MayNotRead("no_relation")


def patient_of(row: VisitRow) -> str:
    """Whose note it is. Raises NoPatient."""
    if row.patient is None:
        raise NoPatient
    return row.patient
