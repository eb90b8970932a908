"""Reads much of the record at once, for those who walk over all of it."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Row as SqlRow
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, entry, vault
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.fhir_parts import Agreed, SignedNote
from venterom.journal.keys import Keys
from venterom.journal.papers import issuing
from venterom.journal.papers.tables import PaperRow
from venterom.journal.tables import Base, EntryRow
from venterom.journal.writing import entry_place, manifest_of

PAGE = 1_000  # rows in memory at once

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside some entries: patients' keys, and pictures and papers by visit and version,
    in their order and still sealed."""

    parents: Mapping[str, bytes]
    pictures: Mapping[tuple[str, int], list[AttachmentRow]]
    papers: Mapping[tuple[str, int], list[PaperRow]]

    def content(self, row: EntryRow) -> bytes:
        """What was signed, as it is packed. Raises Unreadable, Gone; so do those below."""
        return vault.opened(self.parents, entry_place(row), row)

    def pictures_of(self, row: EntryRow) -> tuple[bytes, ...]:
        """The JPEGs."""
        rows = self.pictures.get((row.visit, row.version), ())
        return tuple(vault.opened(self.parents, attaching.place_of(each), each) for each in rows)

    def papers_of(self, row: EntryRow) -> tuple[bytes, ...]:
        """The PDFs."""
        rows = self.papers.get((row.visit, row.version), ())
        return tuple(vault.opened(self.parents, issuing.place_of(each), each) for each in rows)

    def note(self, keys: Keys, row: EntryRow, agreed: tuple[Agreed, ...] = ()) -> SignedNote:
        """All of it, opened. Only for those who have written their audit line."""
        return SignedNote(
            manifest_of(row, keys.pseudonym(row.patient)),
            entry.unpack(self.content(row)),
            row.jws,
            self.pictures_of(row),
            agreed,
            self.papers_of(row),
        )


async def beside_of(
    db: AsyncSession, keys: Keys, visits: Sequence[str], patients: Collection[str]
) -> Beside:
    """Of the entries of these visits, which are about these patients."""
    return Beside(
        await vault.patient_keys(db, keys, patients),
        await attaching.attached_to(db, visits),
        await issuing.documents_of(db, visits),
    )


async def pages(db: AsyncSession, query: Select[Any]) -> AsyncIterator[Sequence[SqlRow[Any]]]:
    """Plain tuples, so many at once: objects that are kept track of take three times as long."""
    found = await db.stream(query.execution_options(yield_per=PAGE))
    async for page in found.partitions():
        yield page


async def rows_of(db: AsyncSession, kind: type[Row], visits: Sequence[str]) -> Sequence[Row]:
    """The rows of these visits as plain tuples, which have the names of the columns."""
    columns = kind.__table__.columns
    found = await db.execute(select(*columns).where(columns["visit"].in_(visits)))
    return cast(Sequence[Row], found.all())
