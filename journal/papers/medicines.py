"""The register of medicines in the database: loaded whole or not at all, and searched."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.papers.fest import Register
from venterom.journal.papers.medicine import MOST_FOUND, Medicine, wanted
from venterom.journal.papers.tables import MedicineLoadRow, MedicineRow

BATCH = 500  # rows of one statement: SQLite takes 32,766 values at once
_ESCAPE = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """Which edition of the register is in use."""

    edition: str
    at: datetime
    taken: int


async def load(db: AsyncSession, now: datetime, register: Register, sha256: str) -> None:
    """The register takes the place of the one before, in the caller's transaction."""
    await db.execute(delete(MedicineRow))
    rows = [_row(each) for each in register.medicines]
    for first in range(0, len(rows), BATCH):
        await db.execute(insert(MedicineRow), rows[first : first + BATCH])
    await db.execute(
        insert(MedicineLoadRow).values(
            at=now,
            edition=register.edition,
            sha256=sha256,
            taken=len(rows),
            passed_over=register.passed_over,
            refused=len(register.refused),
        )
    )


async def search(db: AsyncSession, typed: str) -> list[Medicine]:
    """The packages in which everything that was typed is found; those whose name begins with it
    come first. Too little typed finds nothing."""
    words = wanted(typed)
    if not words:
        return []
    query = select(MedicineRow)
    for word in words:
        query = query.where(MedicineRow.key.like(f"%{_plain(word)}%", escape="\\"))
    first = MedicineRow.key.like(f"{_plain(words[0])}%", escape="\\").desc()
    query = query.order_by(first, MedicineRow.name, MedicineRow.number).limit(MOST_FOUND)
    return [_value(row) for row in await db.scalars(query)]


async def medicine(db: AsyncSession, number: str) -> Medicine | None:
    """The package of this number."""
    row = await db.scalar(select(MedicineRow).where(MedicineRow.number == number))
    return None if row is None else _value(row)


async def loaded(db: AsyncSession) -> Loaded | None:
    """None: nothing was loaded yet, so nothing can be prescribed."""
    query = select(MedicineLoadRow).order_by(MedicineLoadRow.at.desc()).limit(1)
    row = await db.scalar(query)
    return None if row is None else Loaded(row.edition, row.at, row.taken)


def _row(each: Medicine) -> Mapping[str, Any]:
    return {**asdict(each), "key": each.key}


def _value(row: MedicineRow) -> Medicine:
    return Medicine(**{name: getattr(row, name) for name in Medicine.__slots__})


def _plain(word: str) -> str:
    return word.translate(_ESCAPE)
