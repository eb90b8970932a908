"""Walks the whole record and names the first line that is not as it was written.

The chain first, line by line; then every signed entry and every consent, each of which must have
its line, as every such line must have its entry; then the end of the chain. Of an entry whose text
the EPJ alone has (reduced.py), everything else is proven as before. Whoever rewrites all of it,
signatures included, can only be caught by an anchor outside (anchor.py).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, chain, consent, deleting, deletion, entry, jws
from venterom.journal.beside import PAGE, Beside, beside_of, links, pages, rows_of
from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.chain import EMPTY, Action, Head, Link, signed_as
from venterom.journal.consent import Kind
from venterom.journal.deletion import Deletion
from venterom.journal.entry import to_ms
from venterom.journal.errors import BadSignature, JournalError
from venterom.journal.jws import PublicKey
from venterom.journal.keys import Keys
from venterom.journal.reduced import is_gone
from venterom.journal.rights_tables import AnswerRow, CaseRow, GlassRow
from venterom.journal.states import Delivery
from venterom.journal.tables import ConsentRow, DeliveryRow, EntryRow
from venterom.journal.visits import record_of
from venterom.journal.writing import manifest_of

Progress = Callable[[str, int], None]  # what is being read, and how many of it have been
NO_ANCHOR: Mapping[int, bytes] = MappingProxyType({})

# The lines that tell of something that lies in a table of its own.
_WRITES = {
    Action.NOTICE_READ: Kind.NOTICE,
    Action.CONSENT_GIVEN: Kind.CONSENT,
    Action.CONSENT_WITHDRAWN: Kind.WITHDRAWAL,
    Action.NOTE_SIGNED: None,
    Action.NOTE_AMENDED: None,
    Action.NOTE_REDUCED: None,
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
    told: dict[tuple[str, str, str], int]  # number of a line, by action, visit and content hash
    verifying: Mapping[str, PublicKey]
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
    walk = _Walk(EMPTY, {}, keys.verifying, anchored, progress, {})
    try:
        async for page in links(db):
            for link in page:
                _check_line(walk, link)
        await _check_head(db, walk)
        await _check_deletions(db, walk)
        await _check_entries(db, keys, walk)
        await _check_consents(db, keys, walk)
        await _check_rights(db, walk)
        for n in walk.told.values():
            raise _Bad(f"audit {n}: what it tells of is missing")
    except _Bad as bad:
        return Verdict(False, walk.head.n, str(bad))
    return Verdict(True, walk.head.n, deleted=tuple(walk.deleted.values()))


def _check_line(walk: _Walk, link: Link) -> None:
    line = link.line
    for fault in chain.faults(walk.head, link):
        raise _Bad(f"audit {line.n}: {fault}")
    if walk.anchored.get(line.n, link.hash) != link.hash:
        raise _Bad(f"audit {line.n}: the anchor knows another line")
    walk.head = Head(line.n, link.hash)
    if line.n % PAGE == 0:
        walk.progress("lines of the log", line.n)
    if line.action in _WRITES:
        walk.told[line.action, line.visit, line.content] = line.n


async def _check_head(db: AsyncSession, walk: _Walk) -> None:
    if await audit.head(db) != walk.head:
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
    # Only the names are put in order: to sort whole notes would be to write them all once more.
    visits = select(EntryRow.visit).group_by(EntryRow.visit)
    in_order = visits.order_by(func.min(EntryRow.signed_at), EntryRow.visit)
    seen = 0
    async for page in pages(db, in_order):
        names = [visit for (visit,) in page]
        rows = {(row.visit, row.version): row for row in await rows_of(db, EntryRow, names)}
        beside = await beside_of(db, keys, names, {row.patient for row in rows.values()})
        listed = await rows_of(db, DeliveryRow, names)
        due = {(row.visit, row.version): row for row in listed}
        place = {visit: n for n, visit in enumerate(names)}
        for visit, version in sorted(rows, key=lambda key: (place[key[0]], key[1])):
            _check_entry(keys, walk, rows[visit, version], beside, due.get((visit, version)))
        seen += len(rows)
        walk.progress("signed notes", seen)


def _check_entry(
    keys: Keys, walk: _Walk, row: EntryRow, beside: Beside, due: DeliveryRow | None
) -> None:
    name = f"entry {row.visit} version {row.version}"
    n = _line_of(walk, signed_as(row.version), row.visit, row.jws, name)
    manifest = entry.manifest_payload(manifest_of(row, keys.pseudonym(row.patient)))
    _check_signed(walk, row.jws, entry.TYPE, canonical(manifest), name)
    deleted = row.visit in walk.deleted
    if due is not None or not deleted:
        _check_delivery(row, due, n, name)
    if not deleted and not is_gone(row):
        _check_content(row, beside, name)
        return
    reduced = (Action.NOTE_REDUCED, row.visit, sha256_hex(row.jws.encode()))
    if walk.told.pop(reduced, None) is None and not deleted:
        raise _Bad(f"{name}: its text is gone, and no audit line tells of it")
    _check_gone(row, beside, name)
    if not deleted and not _received(row, due):
        raise _Bad(f"{name}: its text is gone, and no receipt says who has it")


def _check_gone(row: EntryRow, beside: Beside, name: str) -> None:
    which = row.visit, row.version
    left = [*beside.pictures.get(which, ()), *beside.papers.get(which, ())]
    if any(each.wrapped_dek or each.nonce or each.ciphertext for each in (row, *left)):
        raise _Bad(f"{name}: its text is gone, and something of it is left")


def _received(row: EntryRow, due: DeliveryRow | None) -> bool:
    """Whether the EPJ said that it holds what was signed."""
    if due is None or due.state != Delivery.IN_THE_JOURNAL:
        return False
    return bool(json.loads(due.receipt or "{}").get("content_hash") == row.content_hash)


def _check_content(row: EntryRow, beside: Beside, name: str) -> None:
    try:
        packed = beside.content(row)
        pictures = [sha256_hex(each) for each in beside.pictures_of(row)]
        papers = [sha256_hex(each) for each in beside.papers_of(row)]
    except JournalError as fault:
        raise _Bad(f"{name}: cannot be opened") from fault
    if entry.content_hash(packed) != row.content_hash:
        raise _Bad(f"{name}: the content has another hash")
    content = entry.unpack(packed)
    if pictures != [each.sha256 for each in content.pictures]:
        raise _Bad(f"{name}: its pictures are not those that were signed")
    if papers != [each.sha256 for each in content.papers]:
        raise _Bad(f"{name}: its papers are not those that were signed")


def _check_delivery(row: EntryRow, due: DeliveryRow | None, n: int, name: str) -> None:
    if due is None or (due.n, due.patient, due.author, due.content_hash, due.version) != (
        n,
        row.patient,
        row.author,
        row.content_hash,
        row.version,
    ):
        raise _Bad(f"{name}: is not on the list for the EPJ")


async def _check_consents(db: AsyncSession, keys: Keys, walk: _Walk) -> None:
    actions = {kind: action for action, kind in _WRITES.items() if kind is not None}
    query = select(*ConsentRow.__table__.columns).order_by(ConsentRow.at, ConsentRow.id)
    async for page in pages(db, query):
        for row in cast(Sequence[ConsentRow], page):
            name = f"consent {row.id}"
            if row.kind not in actions:
                raise _Bad(f"{name}: no such kind")
            _line_of(walk, actions[Kind(row.kind)], row.visit, row.receipt, name)
            _check_signed(walk, row.receipt, consent.RECEIPT, _receipt(keys, row, name), name)


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


def _line_of(walk: _Walk, action: Action, visit: str, signed: str, name: str) -> int:
    n = walk.told.pop((action, visit, sha256_hex(signed.encode())), None)
    if n is None:
        raise _Bad(f"{name}: no audit line tells of it")
    return n


def _check_signed(walk: _Walk, token: str, typ: str, expected: bytes, name: str) -> None:
    try:
        payload = jws.verify(token, walk.verifying, typ=(typ,))
    except BadSignature as fault:
        raise _Bad(f"{name}: {fault.detail}") from fault
    if payload != expected:
        raise _Bad(f"{name}: differs from what was signed")
