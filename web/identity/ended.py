"""Sign-ins that end because the identity provider says so: remembered by what it calls them.

Neither a subject nor a session's name is kept, only blind indexes of them. They hold the provider
and what we are to it, so that two doors behind one client end together, and two providers never
end each other's.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.canonical import framed
from venterom.web.identity.claims import SignedIn
from venterom.web.identity.errors import LogoutTaken
from venterom.web.identity.lives import Session
from venterom.web.identity.logout import Order
from venterom.web.identity.provider import Provider
from venterom.web.identity.sealed import Keys
from venterom.web.identity.tables import LogoutRow, SessionRow, VouchedRow, insert_once

VOUCHED = VouchedRow.__table__.c
SESSIONS = SessionRow.__table__.c


async def remember(
    db: AsyncSession, keys: Keys, provider: Provider, session: Session, said: SignedIn
) -> None:
    """What a new session comes from."""
    db.add(
        VouchedRow(
            session=session.id,
            subject=_index(keys, provider, b"sub1", said.subject),
            sid=_index(keys, provider, b"sid1", said.sid) if said.sid else None,
            expires=session.expires,
        )
    )
    await db.flush()


async def end(
    db: AsyncSession, keys: Keys, provider: Provider, order: Order, now: datetime
) -> Sequence[str]:
    """End what the provider says is over; the ids of the sessions that were alive until now.

    Raises LogoutTaken for an order that was carried out before.
    """
    token = _index(keys, provider, b"jti1", order.token_id)
    if not await insert_once(db, LogoutRow, token=token, kept_until=order.kept_until):
        raise LogoutTaken
    meant = select(VOUCHED.session).where(*_meant(keys, provider, order))
    living = (SESSIONS.id.in_(meant), SESSIONS.revoked.is_(None), SESSIONS.expires > now)
    ended = update(SessionRow).where(*living).values(revoked=now).returning(SESSIONS.id)
    return (await db.scalars(ended.execution_options(synchronize_session=False))).all()


def _meant(keys: Keys, provider: Provider, order: Order) -> list[ColumnElement[bool]]:
    """Of both, when both are named."""
    named = []
    if order.subject:
        named.append(VOUCHED.subject == _index(keys, provider, b"sub1", order.subject))
    if order.sid:
        named.append(VOUCHED.sid == _index(keys, provider, b"sid1", order.sid))
    return named


def _index(keys: Keys, provider: Provider, label: bytes, name: str) -> str:
    place = (provider.issuer.encode(), provider.client_id.encode())
    return hmac.digest(keys.index, framed(label, *place, name.encode()), hashlib.sha256).hex()
