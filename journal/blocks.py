"""Blocks that patients set and lift, and the glass that doctors break (the rules: blocking.py)."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit, blocking, vault, visits
from venterom.journal.access import Actor, Purpose, Role
from venterom.journal.blocking import Block, Blocked, Glass
from venterom.journal.canonical import canonical, sha256_hex
from venterom.journal.chain import Action
from venterom.journal.errors import BadBlock, BadReason, MayNotRead, NothingBlocked
from venterom.journal.keys import Keys
from venterom.journal.note import clean_text
from venterom.journal.rights_tables import BlockRow, GlassRow
from venterom.journal.rows import insert_new
from venterom.journal.seal import Context
from venterom.journal.tables import AuditRow

DIRECTOR_LOOKS = "HOPERAT/control"  # pjl § 22: control afterwards


async def standing(db: AsyncSession, patient: str) -> tuple[Block, ...]:
    """The blocks of this patient that stand, oldest first."""
    query = (
        select(BlockRow.id, BlockRow.against, BlockRow.set_at)
        .where(BlockRow.patient == patient, BlockRow.lifted_at.is_(None))
        .order_by(BlockRow.set_at, BlockRow.id)
    )
    return tuple(Block(*row) for row in await db.execute(query))


async def how_blocked(db: AsyncSession, patient: str, doctor: str) -> Blocked:
    """How this doctor is blocked by this patient."""
    against = {block.against for block in await standing(db, patient)}
    return blocking.blocked(doctor, frozenset(against))


async def block(db: AsyncSession, now: datetime, *, patient: str, against: str, by: Actor) -> None:
    """Set a block; `against` is a doctor, or "" for all. Doing it again changes nothing.

    That it is a doctor is the caller's to know. Raises BadBlock for oneself.
    """
    if against in (patient, by.person):
        raise BadBlock
    said = {"patient": patient, "against": against, "set_by": by.person, "set_at": now}
    fresh = await insert_new(db, BlockRow, id=secrets.token_urlsafe(16), **said)
    if fresh:
        await _line(db, now, by, Action.BLOCK_SET, patient, against)


async def lift(db: AsyncSession, now: datetime, *, patient: str, block_id: str, by: Actor) -> None:
    """Lift a block. One that is not there, or was lifted, is left alone."""
    lifted = await db.execute(
        update(BlockRow)
        .where(BlockRow.id == block_id, BlockRow.patient == patient)
        .where(BlockRow.lifted_at.is_(None))
        .values(lifted_by=by.person, lifted_at=now)
        .returning(BlockRow.against)
    )
    if (row := lifted.first()) is not None:
        await _line(db, now, by, Action.BLOCK_LIFTED, patient, row.against)


async def break_glass(
    db: AsyncSession, keys: Keys, now: datetime, *, visit: str, doctor: Actor, reason: str
) -> Glass:
    """Read what is blocked, for four hours, and say why. Broken twice, it is broken once.

    Raises BadReason, MayNotRead (no care relation), NothingBlocked, NoSuchVisit.
    """
    words = clean_text(reason)
    if not blocking.reason_holds(words):
        raise BadReason
    row = await visits.load(db, visit, lock=True)
    known = await audit.known(db, Action.CARE_BEGUN, [visit], doctor.person)
    if doctor.role != Role.DOCTOR or row.patient is None or visit not in known:
        raise MayNotRead("no_relation")
    if (standing := await is_broken(db, now, row.patient, doctor.person)) is not None:
        return standing
    if await how_blocked(db, row.patient, doctor.person) is Blocked.NOT:
        raise NothingBlocked
    glass = Glass(
        secrets.token_urlsafe(16),
        row.patient,
        doctor.person,
        visit,
        now,
        now + blocking.GLASS_LASTS,
    )
    sealed = await vault.lock_away(db, keys, _place(glass), words.encode())
    said = {name: getattr(glass, name) for name in Glass.__slots__}
    db.add(GlassRow(**said, **vault.columns(sealed)))
    await db.flush()
    await audit.append(
        db,
        now,
        actor=doctor,
        action=Action.GLASS_BROKEN,
        visit=visit,
        patient=row.patient,
        purpose=f"{Purpose.EMERGENCY}/glass",
        content=sha256_hex(sealed.ciphertext),
    )
    return glass


async def is_broken(db: AsyncSession, now: datetime, patient: str, doctor: str) -> Glass | None:
    """The glass that this doctor has broken, while it lasts."""
    query = (
        select(GlassRow)
        .where(GlassRow.patient == patient, GlassRow.doctor == doctor, GlassRow.until > now)
        .order_by(GlassRow.at.desc())
        .limit(1)
    )
    row = await db.scalar(query)
    return None if row is None else _glass(row)


async def reasons(db: AsyncSession, keys: Keys, patient: str) -> Mapping[str, str]:
    """Why glass was broken, in the doctors' words, for the patient; by the hash in the log."""
    rows = await db.scalars(select(GlassRow).where(GlassRow.patient == patient))
    return {sha256_hex(row.ciphertext): await _reason(db, keys, row) for row in rows}


async def all_broken(
    db: AsyncSession, keys: Keys, now: datetime, *, director: Actor, most: int
) -> list[tuple[Glass, str]]:
    """The newest broken glass and why, for the director, who must look (pjl § 22).

    The first time leaves a line that the patient sees. Raises MayNotRead for anybody else.
    """
    if director.role != Role.DIRECTOR:
        raise MayNotRead("no_relation")
    rows = (await db.scalars(select(GlassRow).order_by(GlassRow.at.desc()).limit(most))).all()
    seen = await _checked(db, director.person, [row.id for row in rows])
    for row in rows:
        if row.id not in seen:
            await _line(db, now, director, Action.GLASS_CHECKED, row.patient, row.id, row.visit)
    return [(_glass(row), await _reason(db, keys, row)) for row in rows]


async def _checked(db: AsyncSession, director: str, glasses: list[str]) -> set[str]:
    hashes = {sha256_hex(_content(glass)): glass for glass in glasses}
    query = select(AuditRow.content).where(
        AuditRow.action == Action.GLASS_CHECKED,
        AuditRow.actor == director,
        AuditRow.content.in_(hashes),
    )
    return {hashes[content] for content in await db.scalars(query)}


async def _reason(db: AsyncSession, keys: Keys, row: GlassRow) -> str:
    return (await vault.take_out(db, keys, _place(_glass(row)), row)).decode()


def _glass(row: GlassRow) -> Glass:
    return Glass(**{name: getattr(row, name) for name in Glass.__slots__})


def _place(glass: Glass) -> Context:
    return Context("broken_glass", glass.id, glass.patient, 1, glass.doctor)


def _content(what: str) -> bytes:
    return canonical({"what": what})


async def _line(
    db: AsyncSession,
    now: datetime,
    by: Actor,
    action: Action,
    patient: str,
    what: str,
    visit: str = "",
) -> None:
    looks = action is Action.GLASS_CHECKED
    await audit.append(
        db,
        now,
        actor=by,
        action=action,
        visit=visit,
        patient=patient,
        purpose=DIRECTOR_LOOKS if looks else f"{Purpose.PATIENT_REQUEST}/own",
        content=sha256_hex(_content(what)),
    )
