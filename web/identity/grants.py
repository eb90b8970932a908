"""Roles that staff were given: by number, so that they can be given before the first sign-in."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.web.identity.roles import Role
from venterom.web.identity.sealed import Keys, blind_index
from venterom.web.identity.tables import GrantRow, PersonRow, SessionRow, insert_once

ID_BYTES = 16

GRANTS = GrantRow.__table__.c
PERSONS = PersonRow.__table__.c
SESSIONS = SessionRow.__table__.c


@dataclass(frozen=True, slots=True)
class Granted:
    """What somebody was given, all roles together."""

    roles: frozenset[Role] = frozenset()
    hpr_number: str | None = None
    insurer: str | None = None


NOTHING = Granted()


async def grant(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    number: str,
    role: Role,
    hpr_number: str | None = None,
    insurer: str | None = None,
) -> bool:
    """Give a role to whoever has this number; False when they have it already, unchanged.

    A doctor has an HPR number, an insurer's clerk an insurer, and nobody else has either: the
    database refuses anything else. To change either, withdraw and grant anew.
    """
    return await insert_once(
        db,
        GrantRow,
        id=secrets.token_urlsafe(ID_BYTES),
        number_index=blind_index(keys, number),
        role=role,
        hpr_number=hpr_number,
        insurer=insurer,
        granted=now,
    )


async def withdraw(db: AsyncSession, keys: Keys, now: datetime, *, number: str, role: Role) -> None:
    """Take a role away, and with it every session in that role."""
    index = blind_index(keys, number)
    await db.execute(
        update(GrantRow)
        .where(GRANTS.number_index == index, GRANTS.role == role, GRANTS.withdrawn.is_(None))
        .values(withdrawn=now)
    )
    persons = select(PERSONS.id).where(PERSONS.number_index == index)
    await db.execute(
        update(SessionRow)
        .where(SESSIONS.person.in_(persons), SESSIONS.role == role, SESSIONS.revoked.is_(None))
        .values(revoked=now)
    )


async def granted_to(db: AsyncSession, indexes: Sequence[str]) -> Mapping[str, Granted]:
    """What is granted now, by number index; who has nothing is left out."""
    live = select(*GRANTS).where(GRANTS.number_index.in_(indexes), GRANTS.withdrawn.is_(None))
    found: dict[str, Granted] = {}
    for row in await db.execute(live):
        known = found.get(row.number_index, NOTHING)
        found[row.number_index] = Granted(
            roles=known.roles | {row.role},
            hpr_number=known.hpr_number or row.hpr_number,
            insurer=known.insurer or row.insurer,
        )
    return found
