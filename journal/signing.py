"""The signature that ends a draft: sealed, signed, chained, and due to the EPJ."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, audit, coding, entry, jws, meeting, note, vault, visits
from venterom.journal.access import Practitioner
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import Action
from venterom.journal.entry import Content
from venterom.journal.errors import BadNote, MayNotRead, NothingToSign, NotTheAuthor
from venterom.journal.events import Signed
from venterom.journal.keys import Keys
from venterom.journal.meeting import Met
from venterom.journal.note import NoteFields
from venterom.journal.papers import issuing
from venterom.journal.papers.issuing import NO_PAPERS, Prepared
from venterom.journal.papers.paper import Issued
from venterom.journal.seal import Context
from venterom.journal.signable import AtHand, at_hand
from venterom.journal.states import Delivery
from venterom.journal.tables import DeliveryRow, DraftRow, EntryRow, VisitRow
from venterom.journal.writing import draft_place, manifest_of, patient_of

FIRST_VERSION = 1  # a correction will be the next one (hpl § 42)
NOT_KNOWN = Met()


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
        *meeting.period(met, ready.cares_since, row.closed_at or now),
        ready.protection,
        ready.telephone,
        tuple(picture for picture, _ in pictures),
        met.others,
        term=term,
        papers=await _papers(db, keys, ready, papers),
    )
    packed = entry.pack(content, secrets.token_bytes(entry.SALT_BYTES))
    withheld = withheld or ready.came_alone
    written = await _write_entry(db, keys, now, parents, row, author, packed, withheld)
    await attaching.attach(db, keys, parents, written, drafts, [data for _, data in pictures])
    await issuing.issue(db, keys, now, parents, written, papers)
    gone = delete(DraftRow).where(DraftRow.visit == visit)
    await db.execute(gone.execution_options(synchronize_session=False))
    return Signed(visit, now, FIRST_VERSION, entry.content_hash(packed))


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


async def _papers(
    db: AsyncSession, keys: Keys, ready: AtHand, papers: Prepared
) -> tuple[Issued, ...]:
    if ready.draft is None or not (ready.has_papers or papers.ready):
        return ()
    return await issuing.told(db, keys, ready.draft.visit, ready.draft.author, papers)


async def _write_entry(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    parents: Mapping[str, bytes],
    row: VisitRow,
    author: Practitioner,
    packed: bytes,
    withheld: bool,
) -> EntryRow:
    """The entry, its audit line, and the row that says that the EPJ must have it."""
    patient = patient_of(row)
    place = Context("record_entry", row.id, patient, FIRST_VERSION, author.person)
    sealed = vault.sealed(keys, parents, place, packed)
    head = await audit.lock_head(db)
    said = {
        "visit": row.id,
        "version": FIRST_VERSION,
        "patient": patient,
        "author": author.person,
        "author_hpr": author.hpr,
        "author_name": author.name,
        "sign_in": author.sign_in,
        "signed_at": now,
        "withheld": withheld,
        "content_hash": entry.content_hash(packed),
        "after": head.hash.hex(),
        **vault.columns(sealed),
    }
    written = EntryRow(**said)
    payload = entry.manifest_payload(manifest_of(written, keys.pseudonym(patient)))
    written.jws = jws.sign(payload, keys.signing, keys.kid, entry.TYPE)
    await db.execute(insert(EntryRow).values(**said, jws=written.jws))
    link = await audit.append(
        db,
        now,
        actor=author.actor,
        action=Action.NOTE_SIGNED,
        visit=row.id,
        patient=patient,
        content=sha256_hex(written.jws.encode()),
        head=head,
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
