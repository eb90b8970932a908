"""Reads much of the record at once, for those who walk over all of it."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Row as SqlRow
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, vault
from venterom.journal.call_tables import AttachmentRow
from venterom.journal.keys import Keys
from venterom.journal.papers import issuing
from venterom.journal.papers.tables import PaperRow
from venterom.journal.tables import Base, DeliveryRow

PAGE = 1_000  # rows in memory at once

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the entries of a page: patients' keys, pictures, papers, what is due."""

    parents: Mapping[str, bytes]
    pictures: Mapping[tuple[str, int], list[AttachmentRow]]
    papers: Mapping[tuple[str, int], list[PaperRow]]
    due: Mapping[str, DeliveryRow]


async def beside_of(
    db: AsyncSession, keys: Keys, visits: Sequence[str], patients: Collection[str]
) -> Beside:
    """Of the entries of these visits, which are about these patients."""
    return Beside(
        await vault.patient_keys(db, keys, patients),
        await attaching.attached_to(db, visits),
        await issuing.documents_of(db, visits),
        {row.visit: row for row in await rows_of(db, DeliveryRow, visits)},
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
