"""Puts a signed note right, or adds to it: a version more, signed like the first (amendment.py)."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from venterom.journal import (
    amendment,
    audit,
    casework,
    coding,
    entry,
    history,
    note,
    reading,
    vault,
    versions,
    visits,
)
from venterom.journal.access import Practitioner, Purpose, What
from venterom.journal.amendment import Amendment
from venterom.journal.cases import Case
from venterom.journal.chain import Action
from venterom.journal.entry import Content
from venterom.journal.errors import BadNote, MayNotRead, StaleDraft
from venterom.journal.events import Amended
from venterom.journal.history import Note, Version
from venterom.journal.keys import Keys
from venterom.journal.note import NoteFields, Problem
from venterom.journal.reduced import is_gone
from venterom.journal.rights_tables import AmendmentDraftRow, DeletionRow
from venterom.journal.rows import one
from venterom.journal.signing import NewVersion, write_entry
from venterom.journal.tables import DeliveryRow, EntryRow

PAGE = 40  # notes: a few screens
_ALL = 2**62  # more lines than any log has


@dataclass(frozen=True, slots=True)
class Own:
    """A note that a doctor has signed, in her own list: nothing of what it says."""

    n: int  # its line in the log: they are listed in that order
    visit: str
    patient: str
    signed_at: datetime
    versions: int
    begun: bool  # she is typing what puts it right


@dataclass(frozen=True, slots=True)
class Page:
    """Some of these notes, newest first, and whether there are older and newer ones."""

    notes: list[Own]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True)
class AtHand:
    """What whoever amends a note has before her. `note` is None when only an addition can be
    written: the EPJ alone has the text, or she may not read it."""

    patient: str
    signer: str  # name
    signed_at: datetime
    version: int  # the newest
    note: Note | None


async def own(
    db: AsyncSession, doctor: str, *, before: int | None = None, after: int | None = None
) -> Page:
    """The notes that this doctor has signed: those right before the one with this number, or right
    after it. What they say she may read for a time only."""
    n = DeliveryRow.n
    begun = exists().where(
        AmendmentDraftRow.visit == DeliveryRow.visit, AmendmentDraftRow.author == doctor
    )
    newer = aliased(DeliveryRow)
    newest = select(func.max(newer.version)).where(newer.visit == DeliveryRow.visit)
    query = select(
        n,
        DeliveryRow.visit,
        DeliveryRow.patient,
        DeliveryRow.signed_at,
        newest.scalar_subquery(),
        begun,
    ).where(
        DeliveryRow.author == doctor,
        DeliveryRow.version == entry.FIRST,
        DeliveryRow.visit.not_in(select(DeletionRow.visit)),
    )
    if after is not None:
        query = query.where(n > after).order_by(n)
    else:
        query = query.where(n < (_ALL if before is None else before)).order_by(n.desc())
    found = [Own(*row) for row in await db.execute(query.limit(PAGE + 1))]
    shown, more = found[:PAGE], len(found) > PAGE
    if after is not None:
        return Page(shown[::-1], older=True, newer=more)
    return Page(shown, older=more, newer=before is not None)


async def begin(
    db: AsyncSession, keys: Keys, now: datetime, *, visit: str, author: Practitioner
) -> AtHand:
    """What is at hand for an amendment; to have the text is a line in the log.

    Raises MayNotRead, NoSuchVisit.
    """
    rows, asked = await judge(db, visit, author)
    ground = await _ground(db, now, visit, author, asked)
    shown = None
    if ground and not any(map(is_gone, rows)):
        await audit.append(
            db,
            now,
            actor=author.actor,
            action=Action.NOTE_READ,
            visit=visit,
            patient=rows[0].patient,
            purpose=f"{Purpose.TREATMENT}/{ground}",
        )
        shown = history.as_it_stands(await versions.opened(db, keys, rows))
    first = rows[0]
    return AtHand(first.patient, first.author_name, first.signed_at, rows[-1].version, shown)


async def amend(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    visit: str,
    author: Practitioner,
    seen: int,
    why: str,
    fields: NoteFields | None = None,
    addition: str = "",
) -> Amended:
    """Sign the version after `seen`: the whole note anew (`fields`), or an addition; both say why.
    Sealed, signed, chained and due to the EPJ in the caller's transaction, as the first one was.

    Doing the same again changes nothing. Raises BadNote, StaleDraft (there is a newer version than
    the one that was seen), MayNotRead (also when the text is not at hand), NoSuchVisit.
    """
    rows = await locked(db, now, visit, author, whole=fields is not None)
    why, addition = note.clean_text(why), note.clean_text(addition)
    fields = None if fields is None else note.clean(fields)
    known = await versions.opened(db, keys, rows) if fields is not None else None
    if rows[-1].version != seen:
        return await _again(db, keys, rows, author, seen, (why, addition, fields))
    term = await _check(db, known, why, addition, fields)
    content = _content(now, known, fields, term, Amendment(why, addition))
    packed = entry.pack(content, secrets.token_bytes(entry.SALT_BYTES))
    patient, withheld = rows[0].patient, rows[0].withheld
    parents = await vault.patient_keys(db, keys, [patient])
    made = NewVersion(patient, visit, seen + 1, author, withheld)
    written = await write_entry(db, keys, now, parents, made, packed)
    gone = delete(AmendmentDraftRow).where(
        AmendmentDraftRow.visit == visit,
        AmendmentDraftRow.author == author.person,
        AmendmentDraftRow.whole == (fields is not None),
    )
    await db.execute(gone.execution_options(synchronize_session=False))
    return Amended(visit, now, written.version, written.content_hash)


async def locked(
    db: AsyncSession, now: datetime, visit: str, author: Practitioner, *, whole: bool
) -> list[EntryRow]:
    """All signed versions, for who may add to them, or say the `whole` note anew; nobody writes
    meanwhile. Raises MayNotRead, NoSuchVisit."""
    await visits.load(db, visit, lock=True)
    rows, asked = await judge(db, visit, author)
    if whole and (any(map(is_gone, rows)) or not await _ground(db, now, visit, author, asked)):
        raise MayNotRead("not_at_hand")
    return rows


async def judge(
    db: AsyncSession, visit: str, author: Practitioner
) -> tuple[list[EntryRow], list[Case]]:
    """All signed versions, and what was asked about them, for who may amend the note. Raises
    MayNotRead."""
    rows, asked = list(await versions.signed(db, visit)), await casework.of_visit(db, visit)
    if not rows or not amendment.may_amend(author.person, rows[0].author, asked):
        raise MayNotRead("no_relation")
    if await one(db, DeletionRow, DeletionRow.visit == visit) is not None:
        raise MayNotRead("deleted")
    return rows, asked


async def _ground(
    db: AsyncSession, now: datetime, visit: str, author: Practitioner, asked: Collection[Case]
) -> str:
    row = await visits.load(db, visit)
    verdict = await reading.verdict(db, now, row, author.actor, What.NOTE)
    return amendment.ground_to_see(verdict, asked)


async def _check(
    db: AsyncSession,
    known: list[Version] | None,
    why: str,
    addition: str,
    fields: NoteFields | None,
) -> str:
    """The words of the code. Raises BadNote."""
    before = history.as_it_stands(known).fields if known else None
    found = amendment.problems(why, addition, before, fields)
    term = await coding.term_of(db, fields.icpc2) if fields is not None else ""
    if term is None:
        found.setdefault("icpc2", Problem.NOT_IN_USE)
    if found:
        raise BadNote(found)
    return term or ""


def _content(
    now: datetime,
    known: list[Version] | None,
    fields: NoteFields | None,
    term: str,
    amends: Amendment,
) -> Content:
    """A note said anew tells of the same meeting; pictures and papers stay with the version that
    they were signed with. An addition tells of no meeting, for it stands alone."""
    if fields is None or known is None:
        return Content(NoteFields(), now, now, form=entry.AMENDED_FORM, amends=amends)
    stand = amendment.standing(history.history_of(known) or ())
    base = known[stand[0] - 1].content
    assert base is not None
    return replace(
        base,
        note=fields,
        term=term,
        form=entry.AMENDED_FORM,
        pictures=(),
        papers=(),
        amends=replace(amends, replaces=stand),
    )


async def _again(
    db: AsyncSession,
    keys: Keys,
    rows: list[EntryRow],
    author: Practitioner,
    seen: int,
    said: tuple[str, str, NoteFields | None],
) -> Amended:
    """The same, pressed a second time. Raises StaleDraft for everything else."""
    last, (why, addition, fields) = rows[-1], said
    if last.version != seen + 1 or last.author != author.person or is_gone(last):
        raise StaleDraft
    [done] = await versions.opened(db, keys, [last])
    content = done.content
    if content is None or content.amends is None:  # the first version, which amends nothing
        raise StaleDraft
    amends = content.amends
    if (amends.why, amends.addition, content.note) != (why, addition, fields or NoteFields()):
        raise StaleDraft
    return Amended(last.visit, last.signed_at, last.version, last.content_hash, fresh=False)
