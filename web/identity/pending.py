"""Sign-ins that were begun: what must be known when somebody comes back, and from which browser."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.browser import safe_path
from venterom.web.identity.errors import SignInExpired, SignInUnknown
from venterom.web.identity.proofs import SECRET_BYTES, digest, opaque
from venterom.web.identity.roles import Door
from venterom.web.identity.tables import PendingRow

LIFE = timedelta(minutes=10)  # to find a code device and type two codes, unhurried

COLUMNS = PendingRow.__table__.c


@dataclass(frozen=True, slots=True)
class Begun:
    """The secrets of one sign-in, before the browser leaves us."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    browser: str = field(repr=False)  # for a short-lived cookie


@dataclass(frozen=True, slots=True)
class Pending:
    """What was remembered of it, when the browser is back."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    return_to: str


async def begin(
    db: AsyncSession, now: datetime, *, door: Door, return_to: str, browser: str = ""
) -> Begun:
    """Remember a sign-in. A browser with one under way already (`browser`) keeps its secret."""
    known = browser if len(browser) == len(_secret()) else _secret()
    begun = Begun(_secret(), _secret(), _secret(), known)
    await db.execute(delete(PendingRow).where(COLUMNS.expires < now - LIFE))
    db.add(
        PendingRow(
            state=digest(begun.state),
            browser=digest(begun.browser),
            nonce=begun.nonce,
            verifier=begun.verifier,
            door=door,
            return_to=safe_path(return_to),
            expires=now + LIFE,
        )
    )
    await db.flush()
    return begun


async def take(db: AsyncSession, now: datetime, *, door: Door, state: str, browser: str) -> Pending:
    """What was remembered, once only. Raises SignInUnknown, SignInExpired.

    Commit after SignInExpired is not needed: a row that is too old stays useless.
    """
    own = (
        COLUMNS.state == digest(state),
        COLUMNS.browser == digest(browser),
        COLUMNS.door == door,
    )
    row = (await db.execute(delete(PendingRow).where(*own).returning(*COLUMNS))).first()
    if row is None:
        raise SignInUnknown
    if now >= row.expires:
        raise SignInExpired
    return Pending(row.nonce, row.verifier, row.return_to)


def _secret() -> str:
    return opaque(secrets.token_bytes(SECRET_BYTES))
