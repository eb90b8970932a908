"""The electronic patient journal, as we see it: one door, and an embedded journal behind it.

The embedded one is another system that happens to run here: own tables, own key, own clock. One
behind HTTP (outside_epj.py) stands behind the same Protocol.
"""

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from venterom.journal import seal, vault
from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.epj_answer import Receipt, content_hash
from venterom.journal.errors import EpjConflict, EpjRefused
from venterom.journal.fhir import Resource
from venterom.journal.rows import insert_new, one
from venterom.journal.seal import Context, KekRing
from venterom.journal.tables import EpjRow


class Epj(Protocol):
    """Any journal that takes a bundle, once a note."""

    async def deliver(self, note: str, bundle: Resource, /) -> Receipt:
        """Store, or find that it is stored; `note` is the bundle's identifier.

        Raises EpjSaid, EpjUnreachable, EpjRefused, EpjConflict.
        """
        ...


class EmbeddedEpj:
    """A journal in tables of its own. A note's name is its key: a repeat changes nothing."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        keks: KekRing,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._keks = keks
        self._clock = clock

    async def deliver(self, note: str, bundle: Resource) -> Receipt:
        """Raises EpjRefused for what is no note, EpjConflict when it holds other content."""
        text = canonical(bundle)
        digest = sha256_hex(text)
        sealed = seal.seal(
            text,
            place_of(note),
            kek_id=self._keks.current,
            parent=self._keks.key(self._keks.current),
            chance=vault.chance(),
        )
        async with self._sessions() as db, db.begin():
            await insert_new(
                db,
                EpjRow,
                encounter=note,
                content_hash=_content_hash(bundle),
                digest=digest,
                reference=f"DocumentReference/{secrets.token_hex(8)}",
                received_at=self._clock(),
                **vault.columns(sealed),
            )
            row = await one(db, EpjRow, EpjRow.encounter == note)
        if row is None or row.digest != digest:
            raise EpjConflict(note)
        return Receipt(row.encounter, row.content_hash, row.reference, row.received_at)

    async def read(self, note: str) -> Resource | None:
        """What it was given, if anything. Raises Unreadable."""
        async with self._sessions() as db:
            row = await one(db, EpjRow, EpjRow.encounter == note)
        if row is None:
            return None
        parent = self._keks.key(row.kek_id)
        text = seal.unseal(vault.from_columns(row), place_of(note), parent=parent)
        bundle: Resource = json.loads(text)
        return bundle


def place_of(note: str) -> Context:
    """Where a note of the embedded EPJ is sealed."""
    return Context("epj_record", note, "", 1, "")


def _content_hash(bundle: Resource) -> str:
    found = filter(None, (content_hash(item["resource"]) for item in bundle["entry"]))
    if (known := next(found, None)) is None:
        raise EpjRefused("no document with a content hash")
    return known
