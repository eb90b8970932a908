"""What a doctor is typing to put a signed note right: a draft that survives browser and server.

It is saved by the same code as a note's (drafts.py), and goes when it is signed (amending.py). Each
doctor has her own. What holds the whole note anew is for those who may have its text before them.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

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
from venterom.journal.rows import one


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
    key = {"visit": visit, "author": author.person}
    text = canonical(asdict(typed))
    draft = Draft(AmendmentDraftRow, key, rows[0].patient, author.person, text)
    saved, begins = await drafts.save(db, keys, now, draft, version, whole=whole)
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
) -> Begun | None:
    """What this doctor has typed and not signed. Only for whoever has what is at hand before her
    (`amending.begin`): without the note's text she gets back what is not of it."""
    own = AmendmentDraftRow.visit == visit, AmendmentDraftRow.author == author.person
    row = await one(db, AmendmentDraftRow, *own)
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
    at_hand = typed if shown.note is not None else replace(typed, fields=None)
    return Begun(row.version, row.saved_at, at_hand)


def _clean(typed: Typed) -> Typed:
    fields = None if typed.fields is None else note.clean(typed.fields)
    why, addition = note.clean_text(typed.why), note.clean_text(typed.addition)
    return Typed(typed.seen, why, addition, fields)


def _typed(text: bytes) -> Typed:
    said = json.loads(text)
    fields = said.pop("fields")
    return Typed(**said, fields=None if fields is None else NoteFields(**fields))
