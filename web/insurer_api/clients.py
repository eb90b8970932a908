"""The register of insurers' programs: who may ask, by which keys, for what."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, String, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.errors import BadKey
from venterom.journal.jws import PublicKey, keys_from_jwks
from venterom.queue.coverage.tables import insert_once
from venterom.web.identity.proofs import digest
from venterom.web.insurer_api import scopes
from venterom.web.insurer_api.assertions import ALGORITHMS, Shown
from venterom.web.insurer_api.errors import NotLetIn
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.tables import AssertionRow, ClientRow

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,31}")
INSURER = re.compile(r"\S(?:[ -~À-ÿ]{0,30}\S)?")  # as it stands in the register of policies
PRIVATE = ("d", "k", "p", "q")  # parts of a JWK that only its owner may hold

# Built once: it is asked at every check.
_INSURER = select(ClientRow.__table__.c.insurer).where(
    ClientRow.id == bindparam("client", type_=String), ClientRow.removed.is_(None)
)


@dataclass(frozen=True, slots=True)
class Client:
    """A program that may ask."""

    id: str
    insurer: str
    scopes: frozenset[Scope]
    keys: Mapping[str, PublicKey] = field(repr=False)
    added: date
    removed: date | None


def new_id() -> str:
    """A name for a client that was given none."""
    return f"client-{secrets.token_hex(4)}"


def read_keys(document: str) -> Mapping[str, PublicKey]:
    """The keys of a key set. Raises BadKey: no key set, no key of use, or a private one."""
    try:
        said = json.loads(document)
    except (ValueError, RecursionError):
        raise BadKey("not JSON") from None
    if not isinstance(said, dict):
        raise BadKey("not a key set")
    listed = said.get("keys")
    for member in listed if isinstance(listed, list) else ():
        if isinstance(member, dict) and any(name in member for name in PRIVATE):
            raise BadKey("it holds a private key: make a new one, and send the public half")
    keys = keys_from_jwks(said, ALGORITHMS)
    if not keys:
        raise BadKey(f"no key with a kid, for {' or '.join(ALGORITHMS)}")
    return keys


async def add(
    db: AsyncSession, day: date, *, client: str, insurer: str, may: frozenset[Scope], keys: str
) -> bool:
    """Register a client with its key set; False if the name is taken, now or once."""
    return await insert_once(
        db, ClientRow, id=client, insurer=insurer, scopes=scopes.write(may), keys=keys, added=day
    )


async def remove(db: AsyncSession, day: date, *, client: str) -> bool:
    """From now on it is not let in; False if there is none."""
    gone = update(ClientRow).where(ClientRow.id == client, ClientRow.removed.is_(None))
    found = await db.execute(gone.values(removed=day).returning(ClientRow.id))
    return found.first() is not None


async def listed(db: AsyncSession) -> Sequence[Client]:
    """All of them, those that are removed last."""
    table = ClientRow.__table__
    rows = await db.execute(select(table).order_by(table.c.removed.is_not(None), table.c.id))
    return [_client(row) for row in rows]


async def find(db: AsyncSession, client: str) -> Client | None:
    """A client that may ask."""
    table = ClientRow.__table__
    own = (table.c.id == client, table.c.removed.is_(None))
    row = (await db.execute(select(table).where(*own))).first()
    return None if row is None else _client(row)


def _client(row: Row[Any]) -> Client:
    may = scopes.read(row.scopes)
    return Client(row.id, row.insurer, may, read_keys(row.keys), row.added, row.removed)


async def insurer_of(db: AsyncSession, client: str) -> str:
    """Whose program this is. Raises NotLetIn if it is registered no more."""
    insurer: str | None = await db.scalar(_INSURER, {"client": client})
    if insurer is None:
        raise NotLetIn
    return insurer


async def use_up(db: AsyncSession, now: datetime, shown: Shown) -> bool:
    """Whether this assertion is shown for the first time. Those that are over are forgotten."""
    await db.execute(delete(AssertionRow).where(AssertionRow.until < int(now.timestamp())))
    return await insert_once(
        db, AssertionRow, client=shown.client, jti=digest(shown.jti), until=shown.until
    )
