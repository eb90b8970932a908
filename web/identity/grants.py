"""Roles that staff were given: by number, so that they can be given before the first sign-in, and
until a day."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit
from venterom.journal.access import SYSTEM, Actor, Purpose
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import Action
from venterom.web.identity.roles import Role
from venterom.web.identity.sealed import Keys, blind_index
from venterom.web.identity.tables import GrantRow, PersonRow, SessionRow, insert_once
from venterom.web.identity.tenure import LONGEST, TOLD_FOR, Ending

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


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of somebody whose number nobody can read out of it."""

    id: str
    number_index: str = field(repr=False)
    role: Role
    hpr_number: str | None
    insurer: str | None
    granted: datetime
    ends: datetime
    withdrawn: datetime | None
    why: Ending | None


COLUMNS = tuple(GRANTS[name] for name in Grant.__slots__)


async def grant(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    number: str,
    role: Role,
    hpr_number: str | None = None,
    insurer: str | None = None,
    lasts: timedelta = LONGEST,
) -> Grant | None:
    """Give a role to whoever has this number; None when they have it already, unchanged.

    A doctor has an HPR number, an insurer's clerk an insurer, and nobody else has either: the
    database refuses anything else. To change either, withdraw and grant anew.
    """
    await end_over(db, now)
    index = blind_index(keys, number)
    return await _insert(db, now, index, role, hpr_number, insurer, lasts)


async def renew(db: AsyncSession, now: datetime, grant: str, lasts: timedelta) -> Grant | None:
    """Let a role go on from now. None: it is not anybody's any more."""
    ended = await _end(db, now, Ending.RENEWED, GRANTS.id == grant)
    if not ended:
        return None
    [old] = ended
    return await _insert(db, now, old.number_index, old.role, old.hpr_number, old.insurer, lasts)


async def withdraw(
    db: AsyncSession, now: datetime, grant: str, why: Ending = Ending.WITHDRAWN
) -> Grant | None:
    """Take a role away, and with it every session in that role. None: it was gone already."""
    ended = await _end(db, now, why, GRANTS.id == grant)
    await sign_out(db, now, ended)
    return ended[0] if ended else None


async def end_over(db: AsyncSession, now: datetime) -> tuple[Grant, ...]:
    """End the roles whose time has come, with their sessions; each is a line in the log."""
    ended = await _end(db, now, Ending.OVER, GRANTS.ends <= now)
    await sign_out(db, now, ended)
    for each in ended:
        await noted(db, now, SYSTEM, Action.GRANT_ENDED, each)
    return ended


async def granted_to(db: AsyncSession, indexes: Sequence[str]) -> Mapping[str, Granted]:
    """What is granted now, by number index; who has nothing is left out. A role whose time has come
    counts until `end_over` has been there, which every sign-in of staff waits for."""
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


async def live(db: AsyncSession, role: Role | None = None) -> tuple[Grant, ...]:
    """Every role that is somebody's, or those of one kind; what ends first comes first."""
    which = [GRANTS.withdrawn.is_(None), *([] if role is None else [GRANTS.role == role])]
    return await _rows(db, *which)


async def of_number(db: AsyncSession, keys: Keys, number: str, role: Role) -> Grant | None:
    """The role of whoever has this number, if it is theirs."""
    which = (GRANTS.number_index == blind_index(keys, number), GRANTS.role == role)
    return next(iter(await _rows(db, *which, GRANTS.withdrawn.is_(None))), None)


async def lost_by_register(db: AsyncSession, now: datetime) -> tuple[Grant, ...]:
    """Doctors who lost the role lately, because they are not authorised any more."""
    return await _rows(db, GRANTS.why == Ending.NOT_IN_HPR, GRANTS.withdrawn >= now - TOLD_FOR)


async def noted(db: AsyncSession, now: datetime, by: Actor, action: Action, grant: Grant) -> None:
    """A line in the log of the record, since a role is what opens it. It concerns no patient."""
    said = f"{grant.id}/{grant.role}/{grant.ends.isoformat()}"
    await audit.append(
        db,
        now,
        actor=by,
        action=action,
        visit="",
        patient="",
        purpose=f"{Purpose.OPERATIONS}/role",
        content=sha256_hex(said.encode()),
    )


async def sign_out(db: AsyncSession, now: datetime, ended: Sequence[Grant]) -> None:
    """End every session in these roles of whoever had them."""
    for each in ended:
        persons = select(PERSONS.id).where(PERSONS.number_index == each.number_index)
        await db.execute(
            update(SessionRow)
            .where(SESSIONS.person.in_(persons), SESSIONS.role == each.role)
            .where(SESSIONS.revoked.is_(None))
            .values(revoked=now)
        )


async def index_of(db: AsyncSession, person: str) -> str:
    """The number index of somebody who has signed in; "" of nobody."""
    return await db.scalar(select(PERSONS.number_index).where(PERSONS.id == person)) or ""


async def _insert(
    db: AsyncSession,
    now: datetime,
    index: str,
    role: Role,
    hpr_number: str | None,
    insurer: str | None,
    lasts: timedelta,
) -> Grant | None:
    number = secrets.token_urlsafe(ID_BYTES)
    new = Grant(number, index, role, hpr_number, insurer, now, now + lasts, None, None)
    values = {name: getattr(new, name) for name in Grant.__slots__}
    return new if await insert_once(db, GrantRow, **values) else None


async def _rows(db: AsyncSession, *which: ColumnElement[bool]) -> tuple[Grant, ...]:
    rows = await db.execute(select(*COLUMNS).where(*which).order_by(GRANTS.ends, GRANTS.id))
    return tuple(Grant(*row) for row in rows)


async def _end(
    db: AsyncSession, now: datetime, why: Ending, which: ColumnElement[bool]
) -> tuple[Grant, ...]:
    ended = await db.execute(
        update(GrantRow)
        .where(which, GRANTS.withdrawn.is_(None))
        .values(withdrawn=now, why=why)
        .returning(*COLUMNS)
    )
    return tuple(Grant(*row) for row in ended)
