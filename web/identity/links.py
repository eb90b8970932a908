"""Links to a visit: an opaque secret in a message, bound to the one person it was made for.

The secret stands in the fragment of the address, which no server, log or scanner sees; a page of
ours sends it by POST. Reading a link never changes it: only `redeem` by its own person does.
"""

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.errors import LinkExpired, LinkFinished, LinkForOther, LinkUnknown
from venterom.web.identity.lives import Session
from venterom.web.identity.proofs import SECRET_BYTES, keyed, opaque
from venterom.web.identity.tables import LinkRow, LinkState

COLUMNS = LinkRow.__table__.c


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


async def close_for_visit(db: AsyncSession, visit: str) -> None:
    """The visit is over: its links lead nowhere any more."""
    await db.execute(update(LinkRow).where(COLUMNS.visit == visit).values(state=LinkState.CLOSED))


async def _bind(db: AsyncSession, hashed: str, session: str) -> None:
    usable = (COLUMNS.token == hashed, COLUMNS.state != LinkState.CLOSED)
    bound = update(LinkRow).where(*usable).values(state=LinkState.BOUND, bound_session=session)
    if (await db.execute(bound.returning(COLUMNS.token))).first() is None:
        raise LinkFinished


def _hash(key: bytes, token: str) -> str:
    return keyed(key, b"link1", token)
