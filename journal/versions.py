"""The signed versions of a note, opened together."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import entry, vault
from venterom.journal.history import Version
from venterom.journal.keys import Keys
from venterom.journal.papers.tables import PaperRow
from venterom.journal.reduced import is_gone
from venterom.journal.tables import EntryRow
from venterom.journal.writing import entry_place


async def signed(db: AsyncSession, visit: str) -> Sequence[EntryRow]:
    """All of them, oldest first; none of a note that is not signed."""
    query = select(EntryRow).where(EntryRow.visit == visit).order_by(EntryRow.version)
    return (await db.scalars(query.execution_options(populate_existing=True))).all()


async def opened(db: AsyncSession, keys: Keys, rows: Sequence[EntryRow]) -> list[Version]:
    """What they say, as far as it is here. Only for those who have written their audit line.
    Raises Unreadable."""
    parents = await vault.patient_keys(db, keys, {row.patient for row in rows})
    return [
        Version(
            row.version,
            row.author,
            row.author_name,
            row.signed_at,
            None if is_gone(row) else entry.unpack(vault.opened(parents, entry_place(row), row)),
        )
        for row in rows
    ]


async def with_paper(db: AsyncSession, paper: str) -> EntryRow | None:
    """The version that the paper was signed with."""
    same = (PaperRow.visit == EntryRow.visit) & (PaperRow.version == EntryRow.version)
    query = select(EntryRow).join(PaperRow, same).where(PaperRow.paper == paper)
    return await db.scalar(query.execution_options(populate_existing=True))
