"""Links to a visit: an opaque secret in a message, bound to the one person it was made for.

The secret stands in the fragment of the address, which no server, log or scanner sees; a page of
ours sends it by POST. Reading a link never changes it: only `redeem` by its own person does, and
`tried_by_other` once, so that its person can be told.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.errors import LinkExpired, LinkFinished, LinkForOther, LinkUnknown
from venterom.web.identity.lives import Session
from venterom.web.identity.proofs import SECRET_BYTES, keyed, opaque
from venterom.web.identity.tables import LinkRow, LinkState

COLUMNS = LinkRow.__table__.c


@dataclass(frozen=True, slots=True)
class LinkAskedFor:
    """The patient wants a new link to this visit."""

    visit: str


@dataclass(frozen=True, slots=True)
class LinkTriedByOther:
    """Somebody who is signed in as another has tried the link to this visit, in vain."""

    visit: str


@dataclass(frozen=True, slots=True)
class Links:
    """What leads to a visit now: how many links work, and until when the last of them does."""

    working: int
    until: datetime | None


async def issue(
    db: AsyncSession, now: datetime, key: bytes, *, visit: str, person: str, expires: datetime
) -> str:
    """A new link's secret: 43 characters, stored nowhere. Several links may lead to one visit."""
    token = opaque(secrets.token_bytes(SECRET_BYTES))
    db.add(
        LinkRow(
            token=_hash(key, token),
            visit=visit,
            person=person,
            state=LinkState.ISSUED,
            bound_session=None,
            issued=now,
            expires=expires,
            tried_by_other=None,
        )
    )
    await db.flush()
    return token


async def redeem(
    db: AsyncSession, now: datetime, key: bytes, *, token: str, session: Session
) -> str:
    """The visit that the link leads to, and the link bound to this session.

    Its person may come again, from another sign-in too, until it expires. Raises LinkUnknown,
    LinkForOther (which uses nothing up), LinkFinished, LinkExpired.
    """
    hashed = _hash(key, token)
    row = (await db.execute(select(*COLUMNS).where(COLUMNS.token == hashed))).first()
    if row is None:
        raise LinkUnknown
    # Whose it is comes first: to anybody else the link says nothing about how the visit goes.
    if row.person != session.person:
        raise LinkForOther
    if row.state is LinkState.CLOSED:
        raise LinkFinished
    if now >= row.expires:
        raise LinkExpired
    await _bind(db, hashed, session.id)
    return str(row.visit)


async def tried_by_other(
    db: AsyncSession, now: datetime, key: bytes, *, token: str
) -> LinkTriedByOther | None:
    """Somebody else came with this link. None when that is known already, or the link is dead."""
    first = (COLUMNS.token == _hash(key, token), COLUMNS.tried_by_other.is_(None), *_works(now))
    noted = update(LinkRow).where(*first).values(tried_by_other=now).returning(COLUMNS.visit)
    visit = await db.scalar(noted)
    return None if visit is None else LinkTriedByOther(visit)


async def of_visit(db: AsyncSession, now: datetime, visit: str) -> Links:
    """What leads to this visit."""
    found = select(func.count(), func.max(COLUMNS.expires))
    row = (await db.execute(found.where(COLUMNS.visit == visit, *_works(now)))).one()
    return Links(row[0], row[1])


async def close_for_visit(db: AsyncSession, visit: str) -> None:
    """The visit is over, or its patient wants it so: its links lead nowhere any more."""
    await db.execute(update(LinkRow).where(COLUMNS.visit == visit).values(state=LinkState.CLOSED))


def _works(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return COLUMNS.state != LinkState.CLOSED, COLUMNS.expires > now


async def _bind(db: AsyncSession, hashed: str, session: str) -> None:
    usable = (COLUMNS.token == hashed, COLUMNS.state != LinkState.CLOSED)
    bound = update(LinkRow).where(*usable).values(state=LinkState.BOUND, bound_session=session)
    if (await db.execute(bound.returning(COLUMNS.token))).first() is None:
        raise LinkFinished


def _hash(key: bytes, token: str) -> str:
    return keyed(key, b"link1", token)
