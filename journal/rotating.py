"""Wraps keys anew under the newest key-encryption key, while the service goes on reading them.

A few at a time, each step a transaction of its own: it can be broken off anywhere, and begun again.
What was written is not touched, only the patients' keys; the embedded EPJ has none, so its few
columns are sealed anew.
"""

import secrets
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import seal, vault
from venterom.journal.epj import place_of
from venterom.journal.errors import Unreadable
from venterom.journal.seal import NONCE_BYTES, KekRing, WrappedKey
from venterom.journal.tables import EpjRow, PatientKeyRow

AT_ONCE = 200  # in one transaction: a few milliseconds, in which nobody else can write to SQLite


@dataclass(frozen=True, slots=True)
class Step:
    """What was done in one transaction."""

    last: str | None  # where the next one goes on; None: all have been seen
    done: int
    unreadable: Counter[str]  # how many could not be opened, by the key that would open them


async def rotate_patients(db: AsyncSession, *, keks: KekRing, after: str) -> Step:
    """Wrap the next patients' keys, in the order of their ids, under the current key."""
    query = (
        select(PatientKeyRow)
        .where(PatientKeyRow.kek_id != keks.current, PatientKeyRow.patient > after)
        .order_by(PatientKeyRow.patient)
        .limit(AT_ONCE)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows, unreadable = list(await db.scalars(query)), Counter[str]()
    for row in rows:
        old, nonce = WrappedKey(row.kek_id, row.wrapped), secrets.token_bytes(NONCE_BYTES)
        try:
            new = seal.rewrap_patient_key(keks, row.patient, old, nonce=nonce)
        except Unreadable:
            unreadable[row.kek_id] += 1
            continue
        await db.execute(
            update(PatientKeyRow)
            .where(PatientKeyRow.patient == row.patient)
            .values(kek_id=new.kek_id, wrapped=new.wrapped)
            .execution_options(synchronize_session=False)
        )
    last = rows[-1].patient if len(rows) == AT_ONCE else None
    return Step(last, len(rows) - unreadable.total(), unreadable)


async def not_opened(db: AsyncSession, keks: KekRing) -> list[str]:
    """The keys that sealed something and are missing, or are others by the same name; by their ids.
    One patient's key is tried of each."""
    first = select(func.min(PatientKeyRow.patient)).group_by(PatientKeyRow.kek_id)
    found = []
    for row in await db.scalars(select(PatientKeyRow).where(PatientKeyRow.patient.in_(first))):
        try:
            seal.unwrap_patient_key(keks, row.patient, WrappedKey(row.kek_id, row.wrapped))
        except Unreadable:
            found.append(row.kek_id)
    return sorted(found)


async def rotate_epj(db: AsyncSession, *, keks: KekRing, after: str) -> Step:
    """Seal the next notes of the embedded EPJ anew under the current key."""
    query = (
        select(EpjRow)
        .where(EpjRow.kek_id != keks.current, EpjRow.encounter > after)
        .order_by(EpjRow.encounter)
        .limit(AT_ONCE)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows, unreadable = list(await db.scalars(query)), Counter[str]()
    for row in rows:
        try:
            new = _sealed_anew(keks, row)
        except Unreadable:
            unreadable[row.kek_id] += 1
            continue
        await db.execute(
            update(EpjRow)
            .where(EpjRow.encounter == row.encounter)
            .values(**vault.columns(new))
            .execution_options(synchronize_session=False)
        )
    last = rows[-1].encounter if len(rows) == AT_ONCE else None
    return Step(last, len(rows) - unreadable.total(), unreadable)


async def in_use(db: AsyncSession, kind: type[PatientKeyRow] | type[EpjRow]) -> Counter[str]:
    """How many rows each key-encryption key still opens, by its id."""
    query = select(kind.kek_id, func.count()).group_by(kind.kek_id)
    return Counter({kek_id: count for kek_id, count in await db.execute(query)})


def _sealed_anew(keks: KekRing, row: EpjRow) -> seal.Sealed:
    place = place_of(row.encounter)
    text = seal.unseal(vault.from_columns(row), place, parent=keks.key(row.kek_id))
    parent = keks.key(keks.current)
    return seal.seal(text, place, kek_id=keks.current, parent=parent, chance=vault.chance())
