"""Walks the whole record and names the first line that is not as it was written.

The chain first, line by line; then every signed entry and every consent, each of which must have
its line, as every such line must have its entry; then the end of the chain. Of an entry whose text
the EPJ alone has (reduced.py), everything else is proven as before. Whoever rewrites all
of it, signatures included, can only be caught by an anchor outside.
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import BigInteger, Select, func, select, type_coerce
from sqlalchemy import Row as SqlRow
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, chain, consent, entry, jws, vault
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.chain import EMPTY, Action, Head, Line, Link
from venterom.journal.consent import Kind
from venterom.journal.entry import to_ms
from venterom.journal.errors import BadSignature, JournalError
from venterom.journal.jws import PublicKey
from venterom.journal.keys import Keys
from venterom.journal.papers import issuing
from venterom.journal.papers.tables import PaperRow
from venterom.journal.reduced import is_reduced
from venterom.journal.rights_tables import AnswerRow, CaseRow, GlassRow
from venterom.journal.states import Delivery
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

_SAID = len(Line.__slots__)
_LINES = select(
    *(
        # As it is stored: whoever reads it as a moment only turns it back.
        type_coerce(AuditRow.at, BigInteger) if name == "at" else getattr(AuditRow, name)
        for name in (*Line.__slots__, "salt", "leaf", "hash")
    )
).order_by(AuditRow.n)

# The lines that tell of something that lies in a table of its own.
_WRITES = {
    Action.NOTICE_READ: Kind.NOTICE,
    Action.CONSENT_GIVEN: Kind.CONSENT,
    Action.CONSENT_WITHDRAWN: Kind.WITHDRAWAL,
    Action.NOTE_SIGNED: None,
    Action.NOTE_REDUCED: None,
    Action.GLASS_BROKEN: None,
    Action.CASE_ASKED: None,
    Action.CASE_ANSWERED: None,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk found: nothing, or the first bad line, in words."""

    ok: bool
    lines: int
    first_bad: str = ""


class _Bad(Exception):
    """A line that is not as it was written."""


@dataclass(slots=True)
class _Walk:
    """How far the walk has come, and which lines still wait for what they tell of."""

    head: Head
    told: dict[tuple[str, str, str], int]  # number of a line, by action, visit and content hash
    verifying: Mapping[str, PublicKey]


async def verify(db: AsyncSession, keys: Keys) -> Verdict:
    """Read everything and judge it; changes nothing."""
    walk = _Walk(EMPTY, {}, keys.verifying)
    try:
        async for page in _pages(db, _LINES):
            for row in page:
                _check_line(walk, Link(Line(*row[:_SAID]), *row[_SAID:]))
        await _check_head(db, walk)
        await _check_entries(db, keys, walk)
        await _check_consents(db, keys, walk)
        await _check_rights(db, walk)
        for n in walk.told.values():
            raise _Bad(f"audit {n}: what it tells of is missing")
    except _Bad as bad:
        return Verdict(False, walk.head.n, str(bad))
    return Verdict(True, walk.head.n)


def _check_line(walk: _Walk, link: Link) -> None:
    line = link.line
    for fault in chain.faults(walk.head, link):
        raise _Bad(f"audit {line.n}: {fault}")
    walk.head = Head(line.n, link.hash)
    if line.action in _WRITES:
        walk.told[line.action, line.visit, line.content] = line.n


async def _check_head(db: AsyncSession, walk: _Walk) -> None:
    row = (await db.execute(select(HeadRow.n, HeadRow.hash).where(HeadRow.id == 1))).first()
    if (EMPTY if row is None else Head(*row)) != walk.head:
        raise _Bad(f"audit {walk.head.n + 1}: missing, the chain's end says otherwise")


async def _check_entries(db: AsyncSession, keys: Keys, walk: _Walk) -> None:
    # Only the names are put in order: to sort whole notes would be to write them all once more.
    visits = select(EntryRow.visit).group_by(EntryRow.visit)
    in_order = visits.order_by(func.min(EntryRow.signed_at), EntryRow.visit)
    async for page in _pages(db, in_order):
        names = [visit for (visit,) in page]
        rows = {(row.visit, row.version): row for row in await _rows(db, EntryRow, names)}
        beside = await _beside(db, keys, names, {row.patient for row in rows.values()})
        place = {visit: n for n, visit in enumerate(names)}
        for visit, version in sorted(rows, key=lambda key: (place[key[0]], key[1])):
            _check_entry(keys, walk, rows[visit, version], beside)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What lies beside the entries of a page: patients' keys, pictures, papers, what is due."""

    parents: Mapping[str, bytes]
    pictures: Mapping[tuple[str, int], list[AttachmentRow]]
    papers: Mapping[tuple[str, int], list[PaperRow]]
    due: Mapping[str, DeliveryRow]


async def _beside(
    db: AsyncSession, keys: Keys, visits: Sequence[str], patients: Collection[str]
) -> _Beside:
    return _Beside(
        await vault.patient_keys(db, keys, patients),
        await attaching.attached_to(db, visits),
        await issuing.documents_of(db, visits),
        {row.visit: row for row in await _rows(db, DeliveryRow, visits)},
    )


def _check_entry(keys: Keys, walk: _Walk, row: EntryRow, beside: _Beside) -> None:
    name = f"entry {row.visit} version {row.version}"
    n = _line_of(walk, Action.NOTE_SIGNED, row.visit, row.jws, name)
    manifest = entry.manifest_payload(manifest_of(row, keys.pseudonym(row.patient)))
    _check_signed(walk, row.jws, entry.TYPE, canonical(manifest), name)
    due = _check_delivery(row, beside.due.get(row.visit), n, name)
    if is_reduced(row):
        _line_of(walk, Action.NOTE_REDUCED, row.visit, row.jws, name)
        _check_reduced(row, due, beside, name)
    else:
        _check_content(row, beside, name)


def _check_reduced(row: EntryRow, due: DeliveryRow, beside: _Beside, name: str) -> None:
    """The EPJ said that it holds what was signed, and nothing of the text is left here."""
    received = json.loads(due.receipt or "{}").get("content_hash") == row.content_hash
    if due.state != Delivery.IN_THE_JOURNAL or not received:
        raise _Bad(f"{name}: its text is gone, and no receipt says who has it")
    which = row.visit, row.version
    left = [*beside.pictures.get(which, ()), *beside.papers.get(which, ())]
    if any(sealed for each in (row, *left) for sealed in _sealed(each)):
        raise _Bad(f"{name}: a part of its text is gone, and not the whole")


def _sealed(row: SealedColumns) -> tuple[bytes, ...]:
    return row.wrapped_dek, row.nonce, row.ciphertext


def _check_content(row: EntryRow, beside: _Beside, name: str) -> None:
    which, parents = (row.visit, row.version), beside.parents
    try:
        packed = vault.opened(parents, entry_place(row), row)
        pictures = [
            sha256_hex(vault.opened(parents, attaching.place_of(each), each))
            for each in beside.pictures.get(which, ())
        ]
        papers = [
            sha256_hex(vault.opened(parents, issuing.place_of(each), each))
            for each in beside.papers.get(which, ())
        ]
    except JournalError as fault:
        raise _Bad(f"{name}: cannot be opened") from fault
    if entry.content_hash(packed) != row.content_hash:
        raise _Bad(f"{name}: the content has another hash")
    content = entry.unpack(packed)
    if pictures != [each.sha256 for each in content.pictures]:
        raise _Bad(f"{name}: its pictures are not those that were signed")
    if papers != [each.sha256 for each in content.papers]:
        raise _Bad(f"{name}: its papers are not those that were signed")


def _check_delivery(row: EntryRow, due: DeliveryRow | None, n: int, name: str) -> DeliveryRow:
    if due is None or (due.n, due.patient, due.author, due.content_hash, due.version) != (
        n,
        row.patient,
        row.author,
        row.content_hash,
        row.version,
    ):
        raise _Bad(f"{name}: is not on the list for the EPJ")
    return due


async def _check_consents(db: AsyncSession, keys: Keys, walk: _Walk) -> None:
    actions = {kind: action for action, kind in _WRITES.items() if kind is not None}
    query = select(*ConsentRow.__table__.columns).order_by(ConsentRow.at, ConsentRow.id)
    async for page in _pages(db, query):
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


async def _pages(db: AsyncSession, query: Select[Any]) -> AsyncIterator[Sequence[SqlRow[Any]]]:
    """Plain tuples, so many at once: objects that are kept track of take three times as long."""
    found = await db.stream(query.execution_options(yield_per=PAGE))
    async for page in found.partitions():
        yield page


async def _rows(db: AsyncSession, kind: type[Row], visits: Sequence[str]) -> Sequence[Row]:
    """The rows of these visits as plain tuples, which have the names of the columns."""
    columns = kind.__table__.columns
    found = await db.execute(select(*columns).where(columns["visit"].in_(visits)))
    return cast(Sequence[Row], found.all())
