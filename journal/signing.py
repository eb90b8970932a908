"""The signature that ends a draft: sealed, signed, chained, and due to the EPJ.

`write_entry` does that for every version of a note, so for those of amending.py, too.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import (
    attaching,
    audit,
    coding,
    entry,
    identification,
    jws,
    meeting,
    note,
    vault,
)
from venterom.journal.access import Practitioner
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import signed_as
from venterom.journal.entry import FIRST, Content
from venterom.journal.errors import (
    BadNote,
    MayNotRead,
    NothingToSign,
    NotTheAuthor,
    NotThePatient,
)
from venterom.journal.events import Signed
from venterom.journal.identification import Identification, Seen
from venterom.journal.keys import Keys
from venterom.journal.meeting import Met
from venterom.journal.note import NoteFields
from venterom.journal.papers import issuing
from venterom.journal.papers.issuing import NO_PAPERS, Prepared
from venterom.journal.papers.paper import Issued
from venterom.journal.rows import table
from venterom.journal.seal import Context
from venterom.journal.signable import AtHand, at_hand
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow, DraftRow, EntryRow
from venterom.journal.writing import draft_place, manifest_of, patient_of

NOT_KNOWN = Met()

# Built once: to put a statement together takes as long as the database takes for it.
_ENTRY, _DELIVERY = insert(table(EntryRow)), insert(table(DeliveryRow))


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
    NotThePatient, NotTheAuthor, MayNotRead, NoSuchVisit.
    """
    ready = await at_hand(db, visit, author.person)
    if ready.cares_since is None:
        raise MayNotRead("no_relation")
    if ready.signed is not None:
        return _again(ready.signed, author)
    if ready.draft is None:
        raise NothingToSign
    if ready.draft.author != author.person:
        raise NotTheAuthor
    parents = ready.parents(keys)
    fields, term = await _to_sign(db, parents, ready.draft)
    drafts = await attaching.drafts(db, visit) if ready.has_pictures else ()
    pictures = attaching.told(parents, drafts)
    content = Content(
        fields,
        *meeting.period(met, ready.cares_since, ready.visit.closed_at or now),
        ready.protection,
        ready.telephone,
        tuple(picture for picture, _ in pictures),
        met.others,
        term=term,
        papers=await _papers(db, keys, ready, papers),
        identified=_identified(ready, now),
    )
    packed = entry.pack(content, secrets.token_bytes(entry.SALT_BYTES))
    patient, kept_from_parents = patient_of(ready.visit), withheld or ready.came_alone
    version = NewVersion(patient, visit, FIRST, author, kept_from_parents)
    written = await write_entry(db, keys, now, parents, version, packed)
    await attaching.attach(db, keys, parents, written, drafts, [data for _, data in pictures])
    await issuing.issue(db, keys, now, parents, written, papers)
    return Signed(visit, now, FIRST, written.content_hash)


def _again(done: EntryRow, author: Practitioner) -> Signed:
    if done.author != author.person:
        raise NotTheAuthor
    return Signed(done.visit, done.signed_at, done.version, done.content_hash, fresh=False)


async def _to_sign(
    db: AsyncSession, parents: Mapping[str, bytes], draft: DraftRow
) -> tuple[NoteFields, str]:
    """The note, and the words of its code. Raises BadNote for one that cannot be signed."""
    fields = NoteFields(**json.loads(vault.opened(parents, draft_place(draft), draft)))
    problems, term = note.problems(fields), await coding.term_of(db, fields.icpc2)
    if term is None:
        problems.setdefault("icpc2", note.Problem.NOT_IN_USE)
    if problems:
        raise BadNote(problems)
    return fields, term or ""


def _identified(ready: AtHand, now: datetime) -> Identification:
    """A note that is signed without says so."""
    how = identification.how(ready.telephone)
    return ready.identified or Identification(Seen.NOT_SAID, how, now)


async def _papers(
    db: AsyncSession, keys: Keys, ready: AtHand, papers: Prepared
) -> tuple[Issued, ...]:
    if ready.draft is None or not (ready.has_papers or papers.ready):
        return ()
    if not identification.may_issue(ready.identified):
        raise NotThePatient
    return await issuing.told(db, keys, ready.draft.visit, ready.draft.author, papers)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """Whose note is signed, which version of it, and by whom."""

    patient: str
    visit: str
    version: int
    author: Practitioner
    withheld: bool


async def write_entry(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    parents: Mapping[str, bytes],
    of: NewVersion,
    packed: bytes,
) -> EntryRow:
    """The entry, its audit line, and the row that says that the EPJ must have it. Only for those
    who have locked the visit and know that this is its next version."""
    author = of.author
    place = Context("record_entry", of.visit, of.patient, of.version, author.person)
    sealed = vault.sealed(keys, parents, place, packed)
    head = await audit.lock_head(db)
    said = {
        "visit": of.visit,
        "version": of.version,
        "patient": of.patient,
        "author": author.person,
        "author_hpr": author.hpr,
        "author_name": author.name,
        "sign_in": author.sign_in,
        "signed_at": now,
        "withheld": of.withheld,
        "content_hash": entry.content_hash(packed),
        "after": head.hash.hex(),
        **vault.columns(sealed),
    }
    written = EntryRow(**said)
    payload = entry.manifest_payload(manifest_of(written, keys.pseudonym(of.patient)))
    written.jws = jws.sign(payload, keys.signing, keys.kid, entry.TYPE)
    await db.execute(_ENTRY, said | {"jws": written.jws})
    link = await audit.append(
        db,
        now,
        actor=author.actor,
        action=signed_as(of.version),
        visit=of.visit,
        patient=of.patient,
        content=sha256_hex(written.jws.encode()),
        head=head,
    )
    await db.execute(
        _DELIVERY,
        {
            "visit": of.visit,
            "version": of.version,
            "n": link.line.n,
            "patient": of.patient,
            "author": author.person,
            "content_hash": written.content_hash,
            "signed_at": now,
            "state": Delivery.SIGNED,
            "attempts": 0,
            "due_at": now,
        },
    )
    return written
