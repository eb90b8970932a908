"""Sign-ins kept on the server: the browser holds a random secret, the database its hash."""

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.lives import Session, alive, expiry, is_due
from venterom.web.identity.proofs import SECRET_BYTES, digest, opaque
from venterom.web.identity.roles import Role
from venterom.web.identity.tables import SessionRow

COLUMNS = SessionRow.__table__.c
# Asked with each request: a question that is put together once costs half.
_BY_SECRET = select(*COLUMNS).where(COLUMNS.id == bindparam("secret"))


async def open_session(
    db: AsyncSession,
    now: datetime,
    *,
    person: str,
    role: Role,
    replaces: str = "",
    device: str = "",
    proved: datetime | None = None,
) -> tuple[Session, str]:
    """A new session and the secret for the browser's cookie.

    Every sign-in gets a new id; the session of the secret that the browser came with
    (`replaces`) ends, so that nobody can plant one.
    """
    if replaces:
        await _revoke(db, now, COLUMNS.id == digest(replaces))
    secret = opaque(secrets.token_bytes(SECRET_BYTES))
    session = Session(
        id=digest(secret),
        person=person,
        role=role,
        created=now,
        last_seen=now,
        kept_until=None,
        expires=expiry(role, now),
        device=device,
        proved=proved,
    )
    db.add(SessionRow(**{column.name: getattr(session, column.name) for column in COLUMNS}))
    await db.flush()
    return session, secret


async def find(db: AsyncSession, now: datetime, secret: str) -> Session | None:
    """The living session of this secret. Reads only."""
    row = (await db.execute(_BY_SECRET, {"secret": digest(secret)})).first()
    session = None if row is None else Session(**row._mapping)
    return session if session is not None and alive(session, now) else None


async def of_person(db: AsyncSession, now: datetime, person: str) -> tuple[Session, ...]:
    """All that somebody has now, the newest first."""
    own = select(*COLUMNS).where(COLUMNS.person == person, COLUMNS.expires > now)
    rows = await db.execute(own.order_by(COLUMNS.created.desc(), COLUMNS.id))
    found = (Session(**row._mapping) for row in rows)
    return tuple(session for session in found if alive(session, now))


async def was_ended(db: AsyncSession, session: str) -> bool:
    """Whether somebody has ended it. One whose time is up was not: a call outlasts that."""
    ended = select(COLUMNS.id).where(COLUMNS.id == session, COLUMNS.revoked.is_not(None))
    return await db.scalar(ended) is not None


async def ended_since(db: AsyncSession, moment: datetime) -> frozenset[str]:
    """Those that somebody has ended since then, whoever it was."""
    return frozenset(await db.scalars(select(COLUMNS.id).where(COLUMNS.revoked >= moment)))


async def touch(db: AsyncSession, now: datetime, session: Session) -> None:
    """Write down that the session was used, at most once a minute."""
    if is_due(session, now):
        own = (COLUMNS.id == session.id, COLUMNS.last_seen < now)
        await db.execute(update(SessionRow).where(*own).values(last_seen=now))


async def look_up(db: AsyncSession, now: datetime, secret: str) -> Session | None:
    """The living session of this secret, used just now."""
    session = await find(db, now, secret)
    if session is not None:
        await touch(db, now, session)
    return session


async def keep(db: AsyncSession, session: str, until: datetime) -> None:
    """No idle limit until then: the phone may be locked while its owner waits for the doctor.

    The absolute limit stands.
    """
    await db.execute(update(SessionRow).where(COLUMNS.id == session).values(kept_until=until))


async def revoke(db: AsyncSession, now: datetime, session: str) -> None:
    """Sign out. A session that ended once stays so."""
    await _revoke(db, now, COLUMNS.id == session)


async def revoke_all(db: AsyncSession, now: datetime, person: str) -> None:
    """Sign somebody out everywhere."""
    await _revoke(db, now, COLUMNS.person == person)


async def _revoke(db: AsyncSession, now: datetime, which: ColumnElement[bool]) -> None:
    living = (which, COLUMNS.revoked.is_(None))
    await db.execute(update(SessionRow).where(*living).values(revoked=now))
