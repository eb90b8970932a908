"""Reads much of the record at once, for those who walk over all of it."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import BigInteger, Select, select, type_coerce
from sqlalchemy import Row as SqlRow
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, entry, vault
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.chain import Line, Link
from venterom.journal.fhir_parts import Agreed, SignedNote
from venterom.journal.keys import Keys
from venterom.journal.papers import issuing
from venterom.journal.papers.tables import PaperRow
from venterom.journal.tables import AuditRow, Base, DeliveryRow, EntryRow
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


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the entries of a page: patients' keys, pictures, papers, what is due."""

    parents: Mapping[str, bytes]
    pictures: Mapping[tuple[str, int], list[AttachmentRow]]
    papers: Mapping[tuple[str, int], list[PaperRow]]
    due: Mapping[tuple[str, int], DeliveryRow] = field(default_factory=dict)


async def beside_of(
    db: AsyncSession, keys: Keys, visits: Sequence[str], patients: Collection[str]
) -> Beside:
    """Of the entries of these visits, which are about these patients."""
    return Beside(
        await vault.patient_keys(db, keys, patients),
        await attaching.attached_to(db, visits),
        await issuing.documents_of(db, visits),
        {(row.visit, row.version): row for row in await rows_of(db, DeliveryRow, visits)},
    )


def opened(
    keys: Keys, beside: Beside, row: EntryRow, consents: tuple[Agreed, ...] = ()
) -> SignedNote:
    """A version of a note with its pictures and papers. Only for those who have written their
    line. Raises Unreadable."""
    which, parents = (row.visit, row.version), beside.parents
    return SignedNote(
        manifest_of(row, keys.pseudonym(row.patient)),
        entry.unpack(vault.opened(parents, entry_place(row), row)),
        row.jws,
        tuple(
            vault.opened(parents, attaching.place_of(each), each)
            for each in beside.pictures.get(which, ())
        ),
        consents,
        tuple(
            vault.opened(parents, issuing.place_of(each), each)
            for each in beside.papers.get(which, ())
        ),
    )


async def pages(db: AsyncSession, query: Select[Any]) -> AsyncIterator[Sequence[SqlRow[Any]]]:
    """Plain tuples, so many at once: objects that are kept track of take three times as long."""
    found = await db.stream(query.execution_options(yield_per=PAGE))
    async for page in found.partitions():
        yield page


async def links(db: AsyncSession) -> AsyncIterator[list[Link]]:
    """The chain from its first line on, so many links at once."""
    async for page in pages(db, _LINES):
        yield [Link(Line(*row[:_SAID]), *row[_SAID:]) for row in page]


async def rows_of(db: AsyncSession, kind: type[Row], visits: Sequence[str]) -> Sequence[Row]:
    """The rows of these visits as plain tuples, which have the names of the columns."""
    columns = kind.__table__.columns
    found = await db.execute(select(*columns).where(columns["visit"].in_(visits)))
    return cast(Sequence[Row], found.all())
