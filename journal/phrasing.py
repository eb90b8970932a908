"""A doctor's phrases in the database: kept, changed, taken out, and found."""

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import phrases
from venterom.journal.aid_tables import PhraseRow
from venterom.journal.errors import BadPhrase, NoSuchPhrase
from venterom.journal.phrases import Phrase, Problem
from venterom.journal.rows import insert_new, one


async def usable(db: AsyncSession, doctor: str) -> tuple[Phrase, ...]:
    """What this doctor can choose from, by key."""
    query = select(PhraseRow).where(or_(PhraseRow.owner == doctor, PhraseRow.shared))
    return phrases.usable([_phrase(row) for row in await db.scalars(query)], doctor)


async def of_doctor(db: AsyncSession, doctor: str, phrase: str) -> Phrase:
    """One's own, to change it. Raises NoSuchPhrase, also for somebody else's."""
    row = await one(db, PhraseRow, *_own(doctor, phrase))
    if row is None:
        raise NoSuchPhrase
    return _phrase(row)


async def keep(
    db: AsyncSession,
    now: datetime,
    *,
    doctor: str,
    key: str,
    text: str,
    shared: bool,
    phrase: str = "",
) -> None:
    """Keep a new one, or change one's own. Raises BadPhrase, NoSuchPhrase."""
    key, text = phrases.cleaned(key, text)
    if problems := phrases.problems(key, text):
        raise BadPhrase(problems)
    if await _is_taken(db, doctor, key, shared, phrase):
        raise BadPhrase({"key": Problem.TAKEN})
    values = {"key": key, "text": text, "shared": shared, "changed_at": now}
    if not phrase:
        await _add(db, doctor, values)
        return
    await _change(db, _own(doctor, phrase), values)


async def remove(db: AsyncSession, *, doctor: str, phrase: str) -> None:
    """Take one's own out. Doing it again changes nothing; somebody else's stays."""
    await db.execute(delete(PhraseRow).where(*_own(doctor, phrase)))


async def _add(db: AsyncSession, doctor: str, values: dict[str, object]) -> None:
    own = select(func.count()).select_from(PhraseRow).where(PhraseRow.owner == doctor)
    if (await db.scalar(own) or 0) >= phrases.MOST:
        raise BadPhrase({"key": Problem.TOO_MANY})
    made = {"id": secrets.token_urlsafe(8), "owner": doctor, **values}
    if not await insert_new(db, PhraseRow, **made):
        raise BadPhrase({"key": Problem.TAKEN})  # somebody was faster


async def _change(
    db: AsyncSession, own: tuple[ColumnElement[bool], ...], values: dict[str, object]
) -> None:
    changed = update(PhraseRow).where(*own).values(**values).returning(PhraseRow.id)
    try:
        async with db.begin_nested():
            found = (await db.execute(changed)).first()
    except IntegrityError:
        raise BadPhrase({"key": Problem.TAKEN}) from None  # somebody was faster
    if found is None:
        raise NoSuchPhrase


async def _is_taken(db: AsyncSession, doctor: str, key: str, shared: bool, phrase: str) -> bool:
    """By another of one's own; for one that is to be shared, by any that is."""
    where = (
        or_(PhraseRow.owner == doctor, PhraseRow.shared) if shared else PhraseRow.owner == doctor
    )
    query = select(exists().where(PhraseRow.key == key, PhraseRow.id != phrase, where))
    return bool(await db.scalar(query))


def _own(doctor: str, phrase: str) -> tuple[ColumnElement[bool], ...]:
    return PhraseRow.id == phrase, PhraseRow.owner == doctor


def _phrase(row: PhraseRow) -> Phrase:
    return Phrase(row.id, row.owner, row.key, row.text, row.shared)
