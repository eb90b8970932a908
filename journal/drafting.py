"""What a doctor is typing to put a signed note right: a draft that survives browser and server.

It is saved by the same code as a note's (drafts.py), and goes when it is signed (amending.py). Each
doctor has her own, one of each kind: what says the whole note anew, for those who may have its text
before them, and what adds to it.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import amending, amendment, audit, drafts, note, vault
from venterom.journal.access import Practitioner, Purpose
from venterom.journal.amending import AtHand
from venterom.journal.canonical import canonical
from venterom.journal.chain import Action
from venterom.journal.drafts import Draft
from venterom.journal.errors import AlreadySigned, BadNote
from venterom.journal.keys import Keys
from venterom.journal.note import NoteFields
from venterom.journal.rights_tables import AmendmentDraftRow


@dataclass(frozen=True, slots=True)
class Typed:
    """An amendment as far as it was typed, on a note whose newest version was `seen`."""

    seen: int
    why: str = ""
    addition: str = ""
    fields: NoteFields | None = None  # None: an addition


@dataclass(frozen=True, slots=True)
class Begun:
    """The same, as it was saved."""

    version: int  # of the draft
    saved_at: datetime
    typed: Typed


async def save(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    author: Practitioner,
    typed: Typed,
    version: int,
) -> int:
    """Save over `version` (0: the first time) and return the new one; as `save_draft` of a note.

    Raises StaleDraft, BadNote (too long), AlreadySigned (there is a newer version of the note than
    the one that was seen), MayNotRead (also when the text is not at hand), NoSuchVisit.
    """
    whole = typed.fields is not None
    rows = await amending.locked(db, now, visit, author, whole=whole)
    if rows[-1].version != typed.seen:
        raise AlreadySigned
    typed = _clean(typed)
    if problems := amendment.draft_problems(typed.why, typed.addition, typed.fields):
        raise BadNote(problems)
    key: dict[str, str | bool] = {"author": author.person, "whole": whole}
    text = canonical(asdict(typed))
    draft = Draft(AmendmentDraftRow, visit, key, rows[0].patient, author.person, text)
    saved, begins = await drafts.save(db, keys, now, draft, version)
    if begins:
        await audit.append(
            db,
            now,
            actor=author.actor,
            action=Action.AMENDMENT_BEGUN,
            visit=visit,
            patient=rows[0].patient,
        )
    return saved


async def begun(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    author: Practitioner,
    shown: AtHand,
    whole: bool | None = None,
) -> Begun | None:
    """What this doctor has typed and not signed of this kind; None: of what she was at last. Only
    for whoever has what is at hand before her (`amending.begin`): without the note's text there is
    the addition alone, or of a whole note what is not of it."""
    own = AmendmentDraftRow.visit == visit, AmendmentDraftRow.author == author.person
    first = AmendmentDraftRow.saved_at.desc() if shown.note else AmendmentDraftRow.whole
    query = select(AmendmentDraftRow).where(*own).order_by(first).limit(1)
    if whole is not None and shown.note:
        query = query.where(AmendmentDraftRow.whole == whole)
    row = await db.scalar(query)
    if row is None:
        return None
    if shown.note is None:  # else that line is written
        await audit.append(
            db,
            now,
            actor=author.actor,
            action=Action.NOTE_READ,
            visit=visit,
            patient=row.patient,
            purpose=f"{Purpose.TREATMENT}/wrote_it",
        )
    typed = _typed(await vault.take_out(db, keys, drafts.place_of(row), row))
    if row.whole and shown.note is None:
        return Begun(0, row.saved_at, replace(typed, fields=None))  # of an addition not begun yet
    return Begun(row.version, row.saved_at, typed)


def _clean(typed: Typed) -> Typed:
    fields = None if typed.fields is None else note.clean(typed.fields)
    why, addition = note.clean_text(typed.why), note.clean_text(typed.addition)
    return Typed(typed.seen, why, addition, fields)


def _typed(text: bytes) -> Typed:
    said = json.loads(text)
    fields = said.pop("fields")
    return Typed(**said, fields=None if fields is None else NoteFields(**fields))
