"""Where texts are sealed and opened: patients' keys from their rows, chance from the system."""

import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import seal
from venterom.journal.errors import Gone, Unreadable
from venterom.journal.keys import Keys
from venterom.journal.reduced import is_gone
from venterom.journal.rows import insert_new, one
from venterom.journal.seal import KEY_BYTES, NONCE_BYTES, Chance, Context, Sealed, WrappedKey
from venterom.journal.tables import PatientKeyRow, SealedColumns


def chance() -> Chance:
    """A fresh key and nonces, for one sealing."""
    return Chance(
        secrets.token_bytes(KEY_BYTES),
        secrets.token_bytes(NONCE_BYTES),
        secrets.token_bytes(NONCE_BYTES),
    )


async def lock_away(db: AsyncSession, keys: Keys, context: Context, text: bytes) -> Sealed:
    """The text, sealed under the patient's key, which is made if she has none."""
    parent = await _patient_key(db, keys, context.patient, make=True)
    return seal.seal(text, context, kek_id=keys.keks.current, parent=parent, chance=chance())


async def patient_keys(db: AsyncSession, keys: Keys, patients: Collection[str]) -> dict[str, bytes]:
    """The keys of these patients; without those that are gone or cannot be unwrapped."""
    if not patients:
        return {}
    rows = await db.scalars(select(PatientKeyRow).where(PatientKeyRow.patient.in_(set(patients))))
    found = {}
    for row in rows:
        with suppress(Unreadable):
            found[row.patient] = unwrapped(keys, row)
    return found


def sealed(keys: Keys, parents: Mapping[str, bytes], context: Context, text: bytes) -> Sealed:
    """The text, sealed under a key that was loaded already. Raises Unreadable."""
    parent = _parent(parents, context)
    return seal.seal(text, context, kek_id=keys.keks.current, parent=parent, chance=chance())


def opened(parents: Mapping[str, bytes], context: Context, row: SealedColumns) -> bytes:
    """The text, with keys that were loaded for many rows at once. Raises as `take_out`."""
    return seal.unseal(from_columns(row), context, parent=_parent(parents, context))


async def take_out(db: AsyncSession, keys: Keys, context: Context, row: SealedColumns) -> bytes:
    """The text. Raises Unreadable when the row was changed or moved, or the key is gone, Gone
    when it is not here any more."""
    parent = await _patient_key(db, keys, context.patient, make=False)
    return seal.unseal(from_columns(row), context, parent=parent)


def columns(sealed: Sealed) -> dict[str, object]:
    """A sealed text as the columns of a row."""
    return {name: getattr(sealed, name) for name in Sealed.__slots__}


def from_columns(row: SealedColumns) -> Sealed:
    """The sealed text that lies in a row. Raises Gone."""
    if is_gone(row):
        raise Gone
    return Sealed(row.kek_id, row.wrapped_dek, row.nonce, row.ciphertext)


async def _patient_key(db: AsyncSession, keys: Keys, patient: str, *, make: bool) -> bytes:
    row = await one(db, PatientKeyRow, PatientKeyRow.patient == patient)
    if row is None and make:
        await _make_key(db, keys, patient)
        row = await one(db, PatientKeyRow, PatientKeyRow.patient == patient)
    if row is None:
        raise Unreadable("the patient's key is gone")
    return unwrapped(keys, row)


def _parent(parents: Mapping[str, bytes], context: Context) -> bytes:
    if context.patient not in parents:
        raise Unreadable("the patient's key is gone")
    return parents[context.patient]


def unwrapped(keys: Keys, row: PatientKeyRow) -> bytes:
    """The patient's key that lies in a row. Raises Unreadable."""
    return seal.unwrap_patient_key(keys.keks, row.patient, WrappedKey(row.kek_id, row.wrapped))


async def _make_key(db: AsyncSession, keys: Keys, patient: str) -> None:
    # Two at once: the second insert does nothing, and both read the first one's key.
    wrapped = seal.wrap_patient_key(
        keys.keks,
        patient,
        secrets.token_bytes(KEY_BYTES),
        nonce=secrets.token_bytes(NONCE_BYTES),
    )
    await insert_new(
        db, PatientKeyRow, patient=patient, kek_id=wrapped.kek_id, wrapped=wrapped.wrapped
    )
