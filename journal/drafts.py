"""Drafts that are saved as they grow: sealed, and over the version that was seen, never blindly.

One way for a note (writing.py) and for what is to be put right in one (drafting.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import vault
from venterom.journal.errors import StaleDraft
from venterom.journal.keys import Keys
from venterom.journal.rights_tables import AmendmentDraftRow
from venterom.journal.rows import insert_new, one
from venterom.journal.seal import Context
from venterom.journal.tables import DraftRow

Row: TypeAlias = DraftRow | AmendmentDraftRow


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be saved: where it lies, whose it is, and what it says (canonical.py)."""

    kind: type[Row]
    visit: str
    key: Mapping[str, str | bool]  # of the row beside the visit, by column
    patient: str
    author: str
    text: bytes


async def save(
    db: AsyncSession, keys: Keys, now: datetime, draft: Draft, version: int
) -> tuple[int, bool]:
    """Save over `version` (0: the first time): the new version, and whether this author begins.

    Saving the same a second time changes nothing: the answer to the first may have been lost.
    Raises StaleDraft.
    """
    kind = draft.kind
    before = await one(db, kind, *_is_it(draft))
    if before is not None and await _is_this(db, keys, before, draft, version + 1):
        return before.version, False
    place = Context(kind.__tablename__, draft.visit, draft.patient, version + 1, draft.author)
    sealed = vault.columns(await vault.lock_away(db, keys, place, draft.text))
    # Asked before it is stored: the session brings `before` up to date with what is written.
    begins = before is None or before.author != draft.author
    changed = {"author": draft.author, "version": version + 1, "saved_at": now, **sealed}
    if not await _store(db, draft, version, changed):
        raise StaleDraft
    return version + 1, begins


def place_of(row: Row) -> Context:
    """Where a draft is sealed."""
    return Context(row.__tablename__, row.visit, row.patient, row.version, row.author)


async def _is_this(db: AsyncSession, keys: Keys, row: Row, draft: Draft, version: int) -> bool:
    same = (row.version, row.author) == (version, draft.author)
    return same and await vault.take_out(db, keys, place_of(row), row) == draft.text


async def _store(
    db: AsyncSession, draft: Draft, version: int, changed: Mapping[str, object]
) -> bool:
    kind = draft.kind
    if version == 0:
        place = {"visit": draft.visit, **draft.key, "patient": draft.patient}
        return await insert_new(db, kind, **{**place, **changed})
    saved = await db.execute(
        update(kind)
        .where(*_is_it(draft), kind.version == version)
        .values(**changed)
        .returning(kind.visit)
    )
    return saved.first() is not None


def _is_it(draft: Draft) -> list[ColumnElement[bool]]:
    own = {"visit": draft.visit, **draft.key}
    return [getattr(draft.kind, name) == it for name, it in own.items()]
