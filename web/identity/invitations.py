"""Somebody whom a doctor asks into a call: an interpreter, a relative, a colleague.

A guest need not sign in, so the link is worth little by itself: it is bound to the browser that
opens it first, and leads to a door that the doctor opens when he sees who stands there.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.companions import GuestKind
from venterom.web.identity.errors import BadName, InvitationOver
from venterom.web.identity.people import ID_BYTES, NONCE_BYTES
from venterom.web.identity.proofs import SECRET_BYTES, keyed, opaque, same
from venterom.web.identity.sealed import Identity, Keys, Sealed, seal, unseal
from venterom.web.identity.tables import InvitationRow

LIVES = timedelta(hours=2)  # an interpreter may be asked for before a call that has to wait
NAME_LENGTH = 60  # characters: it stands in a corner of a picture

COLUMNS = InvitationRow.__table__.c


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who was asked into which visit's call, and how far that has come."""

    id: str
    visit: str
    kind: GuestKind
    name: str = field(repr=False)
    invited_by: str
    own_yes: bool  # the patient's
    is_let_in: bool


async def invite(
    db: AsyncSession,
    keys: Keys,
    link_key: bytes,
    now: datetime,
    *,
    visit: str,
    by: str,
    kind: GuestKind,
    name: str,
    own_yes: bool = False,
) -> str:
    """A new link's secret. There is one guest: whoever was asked before is not any more.

    Raises BadName.
    """
    called = " ".join(name.split())
    if not called.isprintable() or not 1 <= len(called) <= NAME_LENGTH:
        raise BadName
    await end(db, now, visit=visit)
    number, nonce = secrets.token_hex(ID_BYTES), secrets.token_bytes(NONCE_BYTES)
    sealed = seal(keys, nonce, number, Identity(called, None, ""))
    token = opaque(secrets.token_bytes(SECRET_BYTES))
    db.add(
        InvitationRow(
            id=number,
            visit=visit,
            kind=kind,
            key_id=sealed.key_id,
            nonce=sealed.nonce,
            sealed=sealed.ciphertext,
            token=_hash(link_key, token),
            invited_by=by,
            own_yes=own_yes,
            created=now,
            expires=now + LIVES,
        )
    )
    await db.flush()
    return token


async def redeem(
    db: AsyncSession, link_key: bytes, now: datetime, *, token: str, browser: str
) -> str:
    """What the browser that opens the link is to keep: its own secret; the one it has, if it opened
    the link before. Raises InvitationOver, whatever the reason: a stranger learns nothing."""
    found = COLUMNS.token == _hash(link_key, token)
    row = (await db.execute(select(*COLUMNS).where(found, *_open(now)))).first()
    if row is None:
        raise InvitationOver
    if row.bound is not None:
        if browser and same(row.bound, _hash(link_key, browser)):
            return browser
        raise InvitationOver
    secret = opaque(secrets.token_bytes(SECRET_BYTES))
    bound = update(InvitationRow).where(found, COLUMNS.bound.is_(None))
    values = bound.values(bound=_hash(link_key, secret)).returning(COLUMNS.id)
    if (await db.execute(values)).first() is None:
        raise InvitationOver
    return secret


async def of_browser(
    db: AsyncSession, keys: Keys, link_key: bytes, now: datetime, *, browser: str
) -> Invitation:
    """The invitation that this browser has opened. Raises InvitationOver."""
    return await _one(db, keys, COLUMNS.bound == _hash(link_key, browser), *_open(now))


async def by_id(db: AsyncSession, keys: Keys, now: datetime, number: str) -> Invitation:
    """An invitation that stands. Raises InvitationOver."""
    return await _one(db, keys, COLUMNS.id == number, *_open(now))


async def at_the_door(db: AsyncSession, keys: Keys, now: datetime, *, visit: str) -> Invitation:
    """Whoever was asked into the visit's call. Raises InvitationOver."""
    return await _one(db, keys, COLUMNS.visit == visit, *_open(now))


async def let_in(db: AsyncSession, now: datetime, *, visit: str) -> None:
    """The doctor has seen who is at the door. Raises InvitationOver when nobody came."""
    came = (COLUMNS.visit == visit, COLUMNS.bound.is_not(None), *_open(now))
    done = update(InvitationRow).where(*came).values(let_in=now).returning(COLUMNS.id)
    if (await db.execute(done)).first() is None:
        raise InvitationOver


async def who_came(db: AsyncSession, keys: Keys, *, visit: str) -> tuple[Invitation, ...]:
    """Everybody who was let into the visit's call, in the order in which they came."""
    came = select(*COLUMNS).where(COLUMNS.visit == visit, COLUMNS.let_in.is_not(None))
    rows = await db.execute(came.order_by(COLUMNS.let_in, COLUMNS.id))
    return tuple(_invitation(keys, row) for row in rows)


async def end(db: AsyncSession, now: datetime, *, visit: str) -> None:
    """The guest is shown out, or not asked any more. The link leads nowhere from now on."""
    standing = (COLUMNS.visit == visit, COLUMNS.ended.is_(None))
    await db.execute(update(InvitationRow).where(*standing).values(ended=now))


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return COLUMNS.ended.is_(None), COLUMNS.expires > now


async def _one(db: AsyncSession, keys: Keys, *which: ColumnElement[bool]) -> Invitation:
    row = (await db.execute(select(*COLUMNS).where(*which))).first()
    if row is None:
        raise InvitationOver
    return _invitation(keys, row)


def _invitation(keys: Keys, row: Row[Any]) -> Invitation:
    identity = unseal(keys, row.id, Sealed(row.key_id, row.nonce, row.sealed))
    return Invitation(
        id=row.id,
        visit=row.visit,
        kind=row.kind,
        name=identity.name,
        invited_by=row.invited_by,
        own_yes=row.own_yes,
        is_let_in=row.let_in is not None,
    )


def _hash(key: bytes, token: str) -> str:
    return keyed(key, b"invitation1", token)
