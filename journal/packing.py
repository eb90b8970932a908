"""Makes bundles of notes that are to be delivered, several at a time. Reads, and writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import consenting, fhir
from venterom.journal.beside import Beside, beside_of
from venterom.journal.errors import JournalError
from venterom.journal.fhir_parts import Agreed
from venterom.journal.keys import Keys
from venterom.journal.tables import EntryRow


@dataclass(frozen=True, slots=True)
class Claimed:
    """One note that is ours to deliver; `attempts` is the fence that keeps a late answer out."""

    n: int  # its audit line: notes go in this order
    visit: str
    version: int
    patient: str
    content_hash: str
    attempts: int
    failures: int  # how often in a row the EPJ was not there when this was handed out


@dataclass(frozen=True, slots=True)
class Parcel:
    """The same, packed."""

    visit: str
    content_hash: str
    attempts: int
    bundle: fhir.Resource | None  # None: it could not be packed, see `fault`
    fault: str = ""
    failures: int = 0


async def pack(db: AsyncSession, keys: Keys, claimed: Sequence[Claimed]) -> list[Parcel]:
    """What is sent of each. The lines that say so are written: these notes may be read."""
    visits = [each.visit for each in claimed]
    rows = await db.scalars(select(EntryRow).where(EntryRow.visit.in_(visits)))
    held = _Held(
        {(row.visit, row.version): row for row in rows},
        await beside_of(db, keys, visits, {each.patient for each in claimed}),
        await consenting.agreed(db, keys, visits),
    )
    return [_parcel(keys, held, each) for each in claimed]


@dataclass(frozen=True, slots=True)
class _Held:
    """What several bundles are made of."""

    entries: Mapping[tuple[str, int], EntryRow]
    beside: Beside
    agreed: Mapping[str, tuple[Agreed, ...]]


def _parcel(keys: Keys, held: _Held, note: Claimed) -> Parcel:
    said = (note.visit, note.content_hash, note.attempts)
    try:
        bundle = _bundle(keys, held, held.entries[note.visit, note.version])
    except JournalError as fault:
        return Parcel(*said, None, type(fault).__name__, note.failures)
    return Parcel(*said, bundle, failures=note.failures)


def _bundle(keys: Keys, held: _Held, row: EntryRow) -> fhir.Resource:
    agreed = tuple(each for each in held.agreed.get(row.visit, ()) if each.at <= row.signed_at)
    return fhir.bundle(held.beside.note(keys, row, agreed))
