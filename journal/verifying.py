"""Walks the whole record and names the first line that is not as it was written.

The chain first, line by line; then every signed entry and every consent, each of which must have
its line, as every such line must have its entry; then the end of the chain. Whoever rewrites all
of it, signatures included, can only be caught by an anchor outside (anchor.py).
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, chain, consent, deleting, deletion, entry, jws, vault
from venterom.journal.audit import link_of
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.chain import EMPTY, Action, Head
from venterom.journal.consent import Kind
from venterom.journal.deletion import Deletion
from venterom.journal.entry import to_ms
from venterom.journal.errors import BadSignature, JournalError
from venterom.journal.keys import Keys
from venterom.journal.papers import issuing
from venterom.journal.papers.tables import PaperRow
from venterom.journal.rights_tables import AnswerRow, CaseRow, GlassRow
from venterom.journal.rows import one
from venterom.journal.tables import (
    AuditRow,
    Base,
    ConsentRow,
    DeliveryRow,
    EntryRow,
    HeadRow,
    SealedColumns,
)
from venterom.journal.visits import record_of
from venterom.journal.writing import entry_place, manifest_of

PAGE = 1_000  # rows in memory at once

Row = TypeVar("Row", bound=Base)
Progress = Callable[[str, int], None]  # what is being read, and how many of it have been
NO_ANCHOR: Mapping[int, bytes] = MappingProxyType({})

# The lines that tell of something that lies in a table of its own.
_WRITES = {
    Action.NOTICE_READ: Kind.NOTICE,
    Action.CONSENT_GIVEN: Kind.CONSENT,
    Action.CONSENT_WITHDRAWN: Kind.WITHDRAWAL,
    Action.NOTE_SIGNED: None,
    Action.GLASS_BROKEN: None,
    Action.CASE_ASKED: None,
    Action.CASE_ANSWERED: None,
    Action.NOTE_DELETED: None,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found: nothing, or the first bad line, in words."""

    ok: bool
    lines: int
    first_bad: str = ""
    deleted: tuple[Deletion, ...] = ()  # notes that cannot be read any more, by a decision


class _Bad(Exception):
    """A line that is not as it was written."""


@dataclass(slots=True)
class _Walk:
    """How far the walk has come, and which lines still wait for what they tell of."""

    head: Head
    told: dict[tuple[str, str, str], AuditRow]  # action, visit and content hash
    anchored: Mapping[int, bytes]  # the hashes that an anchor knows, by number
    progress: Progress
    deleted: dict[str, Deletion]  # by visit


async def verify(
    db: AsyncSession,
    keys: Keys,
    anchored: Mapping[int, bytes] = NO_ANCHOR,
    progress: Progress = lambda _what, _count: None,
) -> Verdict:
    """Read everything and judge it; changes nothing.

    `anchored` are the hashes that an anchor outside knows, by number. The session has to see one
    moment throughout, or what is written meanwhile looks like a fault.
    """
    walk = _Walk(EMPTY, {}, anchored, progress, {})
    try:
        async for line in _stream(db, select(AuditRow).order_by(AuditRow.n)):
            _check_line(walk, line)
        await _check_head(db, walk)
        await _check_deletions(db, walk)
        await _check_entries(db, keys, walk)
        await _check_consents(db, keys, walk)
        await _check_rights(db, walk)
        for line in walk.told.values():
            raise _Bad(f"audit {line.n}: what it tells of is missing")
    except _Bad as bad:
        return Verdict(False, walk.head.n, str(bad))
    return Verdict(True, walk.head.n, deleted=tuple(walk.deleted.values()))


def _check_line(walk: _Walk, row: AuditRow) -> None:
    link = link_of(row)
    for fault in chain.faults(walk.head, link):
        raise _Bad(f"audit {row.n}: {fault}")
    if walk.anchored.get(row.n, row.hash) != row.hash:
        raise _Bad(f"audit {row.n}: the anchor knows another line")
    walk.head = Head(row.n, row.hash)
    if row.n % PAGE == 0:
        walk.progress("lines of the log", row.n)
    if row.action in _WRITES:
        walk.told[row.action, row.visit, row.content] = row


async def _check_head(db: AsyncSession, walk: _Walk) -> None:
    row = await one(db, HeadRow, HeadRow.id == 1)
    if (EMPTY if row is None else Head(row.n, row.hash)) != walk.head:
        raise _Bad(f"audit {walk.head.n + 1}: missing, the chain's end says otherwise")
    if (last := max(walk.anchored, default=0)) > walk.head.n:
        raise _Bad(f"audit {walk.head.n + 1}: missing, the anchor knows {last} lines")


async def _check_deletions(db: AsyncSession, walk: _Walk) -> None:
    try:
        walk.deleted = {each.visit: each for each in await deleting.all_deletions(db)}
    except ValueError as fault:
        raise _Bad("a deletion: no such ground") from fault
    for each in walk.deleted.values():
        line = (Action.NOTE_DELETED, each.visit, deletion.digest(each))
        if walk.told.pop(line, None) is None:
            raise _Bad(f"deletion {each.decision}: no audit line tells of it")


async def _check_entries(db: AsyncSession, keys: Keys, walk: _Walk) -> None:
    query = select(EntryRow).order_by(EntryRow.signed_at, EntryRow.visit)
    options = query.execution_options(yield_per=PAGE, populate_existing=True)
    seen = 0
    async for rows in (await db.stream_scalars(options)).partitions():
        beside = await _beside(db, keys, rows)
        for row in rows:
            _check_entry(keys, walk, row, beside)
        seen += len(rows)
        walk.progress("signed notes", seen)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What lies beside the entries of a page: patients' keys, pictures, papers, what is due."""

    parents: Mapping[str, bytes]
    pictures: Mapping[tuple[str, int], list[AttachmentRow]]
    papers: Mapping[tuple[str, int], list[PaperRow]]
    due: Mapping[str, DeliveryRow]


async def _beside(db: AsyncSession, keys: Keys, rows: Sequence[EntryRow]) -> _Beside:
    visits = {row.visit for row in rows}
    found = await db.scalars(
        select(AttachmentRow).where(AttachmentRow.visit.in_(visits)).order_by(AttachmentRow.n)
    )
    pictures: defaultdict[tuple[str, int], list[AttachmentRow]] = defaultdict(list)
    for each in found:
        pictures[each.visit, each.version].append(each)
    papers: defaultdict[tuple[str, int], list[PaperRow]] = defaultdict(list)
    for paper in await db.scalars(
        select(PaperRow).where(PaperRow.visit.in_(visits)).order_by(PaperRow.n)
    ):
        papers[paper.visit, paper.version].append(paper)
    due = await db.scalars(select(DeliveryRow).where(DeliveryRow.visit.in_(visits)))
    parents = await vault.patient_keys(db, keys, {row.patient for row in rows})
    return _Beside(parents, pictures, papers, {each.visit: each for each in due})


def _check_entry(keys: Keys, walk: _Walk, row: EntryRow, beside: _Beside) -> None:
    name = f"entry {row.visit} version {row.version}"
    line = _line_of(walk, Action.NOTE_SIGNED, row.visit, row.jws, name)
    manifest = entry.manifest_payload(manifest_of(row, keys.pseudonym(row.patient)))
    _check_signed(keys, row.jws, entry.TYPE, canonical(manifest), name)
    due = beside.due.get(row.visit)
    if row.visit in walk.deleted:
        _check_erased(row, beside, name)
    else:
        _check_content(row, beside, name)
    if due is not None or row.visit not in walk.deleted:
        _check_delivery(row, due, line, name)


def _check_erased(row: EntryRow, beside: _Beside, name: str) -> None:
    place = row.visit, row.version
    kept: list[SealedColumns] = [
        row,
        *beside.pictures.get(place, []),
        *beside.papers.get(place, []),
    ]
    if any(each.wrapped_dek or each.nonce or each.ciphertext for each in kept):
        raise _Bad(f"{name}: was deleted, and something of it is left")


def _check_content(row: EntryRow, beside: _Beside, name: str) -> None:
    rows = beside.pictures.get((row.visit, row.version), [])
    try:
        packed = vault.opened(beside.parents, entry_place(row), row)
        held = [
            sha256_hex(vault.opened(beside.parents, attaching.place_of(each), each))
            for each in rows
        ]
        papers = [
            sha256_hex(vault.opened(beside.parents, issuing.place_of(each), each))
            for each in beside.papers.get((row.visit, row.version), [])
        ]
    except JournalError as fault:
        raise _Bad(f"{name}: cannot be opened") from fault
    if entry.content_hash(packed) != row.content_hash:
        raise _Bad(f"{name}: the content has another hash")
    if held != [each.sha256 for each in entry.unpack(packed).pictures]:
        raise _Bad(f"{name}: its pictures are not those that were signed")
    if papers != [each.sha256 for each in entry.unpack(packed).papers]:
        raise _Bad(f"{name}: its papers are not those that were signed")


def _check_delivery(row: EntryRow, due: DeliveryRow | None, line: AuditRow, name: str) -> None:
    if due is None or (due.n, due.patient, due.author, due.content_hash, due.version) != (
        line.n,
        row.patient,
        row.author,
        row.content_hash,
        row.version,
    ):
        raise _Bad(f"{name}: is not on the list for the EPJ")


async def _check_consents(db: AsyncSession, keys: Keys, walk: _Walk) -> None:
    actions = {kind: action for action, kind in _WRITES.items() if kind is not None}
    async for row in _stream(db, select(ConsentRow).order_by(ConsentRow.at, ConsentRow.id)):
        name = f"consent {row.id}"
        if row.kind not in actions:
            raise _Bad(f"{name}: no such kind")
        _line_of(walk, actions[Kind(row.kind)], row.visit, row.receipt, name)
        _check_signed(keys, row.receipt, consent.RECEIPT, _receipt(keys, row, name), name)


async def _check_rights(db: AsyncSession, walk: _Walk) -> None:
    """What was asked, answered, and read behind broken glass: sealed, and told of by its hash."""
    answers = (
        select(AnswerRow.id, AnswerRow.ciphertext, CaseRow.visit)
        .join(CaseRow, CaseRow.id == AnswerRow.id)
        .order_by(AnswerRow.answered_at)
    )
    asked = select(CaseRow.id, CaseRow.ciphertext, CaseRow.visit).order_by(CaseRow.asked_at)
    broken = select(GlassRow.id, GlassRow.ciphertext, GlassRow.visit).order_by(GlassRow.at)
    for action, query in (
        (Action.CASE_ASKED, asked),
        (Action.CASE_ANSWERED, answers),
        (Action.GLASS_BROKEN, broken),
    ):
        async for id_, sealed, visit in await db.stream(query):
            if walk.told.pop((action, visit, sha256_hex(sealed)), None) is None:
                raise _Bad(f"{action} {id_}: no audit line tells of it")


def _receipt(keys: Keys, row: ConsentRow, name: str) -> bytes:
    try:
        record = record_of(row)
    except ValueError as fault:  # a rule that there is not
        raise _Bad(f"{name}: differs from what was signed") from fault
    return canonical(consent.receipt(record, keys.pseudonym, to_ms(row.at)))


def _line_of(walk: _Walk, action: Action, visit: str, signed: str, name: str) -> AuditRow:
    line = walk.told.pop((action, visit, sha256_hex(signed.encode())), None)
    if line is None:
        raise _Bad(f"{name}: no audit line tells of it")
    return line


def _check_signed(keys: Keys, token: str, typ: str, expected: bytes, name: str) -> None:
    try:
        payload = jws.verify(token, keys.verifying, typ=(typ,))
    except BadSignature as fault:
        raise _Bad(f"{name}: {fault.detail}") from fault
    if payload != expected:
        raise _Bad(f"{name}: differs from what was signed")


async def _stream(db: AsyncSession, query: Select[Row]) -> AsyncIterator[Row]:
    options = query.execution_options(yield_per=PAGE, populate_existing=True)
    async for row in await db.stream_scalars(options):
        yield row
