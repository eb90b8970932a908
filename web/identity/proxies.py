"""Proxies in and out of the database: given to a grown person by number, taken back at any time."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.errors import OneselfAsProxy, ProxyDiffers, ProxyStands
from venterom.web.identity.family import check_adult, first_name
from venterom.web.identity.people import Person, find_or_keep
from venterom.web.identity.sealed import Identity, Keys
from venterom.web.identity.tables import ProxyRow, insert_once

ID_BYTES = 16
PROXIES = ProxyRow.__table__.c


@dataclass(frozen=True, slots=True)
class Proxy:
    """Somebody may read for somebody until then."""

    id: str
    giver: str
    holder: str
    given: datetime
    expires: datetime


async def give(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    giver: Person,
    name: str,
    birth_date: date,
    number: str,
    lasts: timedelta,
    synthetic: bool,
) -> Proxy:
    """Let this grown person read for `giver`. That the giver is grown is the caller's to know.

    Raises BadName, BadBirthDate, BadNumber, NotAnAdult, OneselfAsProxy, ProxyDiffers, ProxyStands.
    """
    check_adult(name, birth_date, number, now=now, synthetic=synthetic)
    holder = await find_or_keep(db, keys, now, Identity(name, birth_date, number))
    if holder.id == giver.id:
        raise OneselfAsProxy
    # One answer for a wrong name and a wrong date, so that neither can be found out by trying.
    if (first_name(holder.name), holder.birth_date) != (first_name(name), birth_date):
        raise ProxyDiffers
    given = Proxy(secrets.token_urlsafe(ID_BYTES), giver.id, holder.id, now, now + lasts)
    await db.execute(
        update(ProxyRow)
        .where(PROXIES.giver == giver.id, PROXIES.holder == holder.id)
        .where(PROXIES.ended.is_(None), PROXIES.expires <= now)
        .values(ended=PROXIES.expires)
    )
    columns = {name: getattr(given, name) for name in Proxy.__slots__}
    if not await insert_once(db, ProxyRow, **columns):
        raise ProxyStands
    return given


async def end(db: AsyncSession, now: datetime, *, giver: str, proxy: str) -> Proxy | None:
    """Take it back. None: there is none, or it has ended."""
    ended = await db.execute(
        update(ProxyRow)
        .where(PROXIES.id == proxy, PROXIES.giver == giver, PROXIES.ended.is_(None))
        .where(PROXIES.expires > now)
        .values(ended=now)
        .returning(*(PROXIES[name] for name in Proxy.__slots__))
    )
    row = ended.first()
    return None if row is None else Proxy(*row)


async def of(db: AsyncSession, now: datetime, person: str) -> tuple[Proxy, ...]:
    """The proxies that stand and that this person gave or holds, oldest first."""
    query = (
        select(*(PROXIES[name] for name in Proxy.__slots__))
        .where(or_(PROXIES.giver == person, PROXIES.holder == person))
        .where(PROXIES.ended.is_(None), PROXIES.expires > now)
        .order_by(PROXIES.given)
    )
    return tuple(Proxy(*row) for row in await db.execute(query))
