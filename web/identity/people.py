"""Persons in and out of the database: found by number, made at the first sign-in, never printed."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.minors import norwegian_day
from venterom.web.identity.claims import SignedIn
from venterom.web.identity.errors import ChildDiffers, NotAuthorised, NotYours, OneselfAsChild
from venterom.web.identity.family import check_child, first_name, is_child
from venterom.web.identity.grants import NOTHING, Granted, end_over, granted_to
from venterom.web.identity.roles import ROLE_AT, Door, PersonKind, Role
from venterom.web.identity.sealed import Identity, Keys, Sealed, blind_index, seal, unseal
from venterom.web.identity.tables import (
    Basis,
    PersonRow,
    RelationRow,
    insert_once,
)

ID_BYTES = 16  # 128 bits: ids are not guessed, though nothing rests on that
NONCE_BYTES = 12  # AES-GCM's own length

PERSONS = PersonRow.__table__.c
RELATIONS = RelationRow.__table__.c
_BY_ID = select(*PERSONS).where(PERSONS.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, without the national number: `reveal_number` is the only way to that."""

    id: str
    kind: PersonKind
    name: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    roles: frozenset[Role]
    hpr_number: str | None = None
    insurer: str | None = None


async def find_or_make_patient(
    db: AsyncSession, keys: Keys, now: datetime, signed_in: SignedIn
) -> Person:
    """The patient who signed in. What the identity provider says now replaces what was known."""
    identity = _identity(signed_in)
    person = await _find_or_make(db, keys, now, PersonKind.PATIENT, identity)
    return await _person(db, keys, person)


async def staff_for(db: AsyncSession, keys: Keys, now: datetime, signed_in: SignedIn) -> Person:
    """The doctor or clerk who signed in, if the role was granted. Raises NotAuthorised.

    HPR shows current rights only, so a doctor whose number did not come with the sign-in, or is
    another one, has no rights (norway.md 1.5).
    """
    role = ROLE_AT[signed_in.door]
    await end_over(db, now)
    index = blind_index(keys, signed_in.number)
    granted = (await granted_to(db, [index])).get(index, NOTHING)
    if role not in granted.roles:
        raise NotAuthorised
    if signed_in.door is Door.DOCTOR and granted.hpr_number != signed_in.hpr_number:
        raise NotAuthorised
    person = await _find_or_make(db, keys, now, PersonKind.STAFF, _identity(signed_in))
    return await _person(db, keys, person)


async def children_of(
    db: AsyncSession, keys: Keys, now: datetime, person: str
) -> tuple[Person, ...]:
    """The children under 18 whom this person may ask a doctor for, oldest first."""
    children = await db.scalars(select(RELATIONS.child).where(RELATIONS.parent == person))
    known = await persons(db, keys, children.all())
    day = norwegian_day(now)
    minors = [child for child in known.values() if is_child(child.birth_date, day)]
    return tuple(sorted(minors, key=lambda child: (child.birth_date, child.name)))


async def add_child(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    parent: str,
    name: str,
    birth_date: date,
    number: str,
    synthetic: bool,
) -> Person:
    """Write down that `parent` says to be this child's parent; saying it again changes nothing.

    A child who is known already gets a second parent, if first name and birth date are right.
    Raises BadName, BadBirthDate, BadNumber, NotAChild, OneselfAsChild, ChildDiffers.
    """
    check_child(name, birth_date, number, now=now, synthetic=synthetic)
    index = blind_index(keys, number)
    if index == await db.scalar(select(PERSONS.number_index).where(PERSONS.id == parent)):
        raise OneselfAsChild
    child = await _insert(db, keys, now, PersonKind.PATIENT, Identity(name, birth_date, number))
    known = await _open(db, keys, child)
    # One answer for a wrong name and a wrong date, so that neither can be found out by trying.
    if (first_name(known.name), known.birth_date) != (first_name(name), birth_date):
        raise ChildDiffers
    await insert_once(
        db, RelationRow, parent=parent, child=child, stated_at=now, basis=Basis.STATED
    )
    return await _person(db, keys, child)


async def find_or_keep(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    identity: Identity,
    kind: PersonKind = PersonKind.PATIENT,
) -> Person:
    """The patient who has this number, as she is known; else somebody new, as she was described."""
    return await _person(db, keys, await _insert(db, keys, now, kind, identity))


async def is_parent(db: AsyncSession, parent: str, child: str) -> bool:
    """Whether `parent` has said to be the parent of `child`."""
    related = select(RELATIONS.child).where(RELATIONS.parent == parent, RELATIONS.child == child)
    return (await db.execute(related)).first() is not None


async def person(db: AsyncSession, keys: Keys, person_id: str) -> Person:
    """Somebody by id. Raises NotYours when there is no such person."""
    return await _person(db, keys, person_id)


async def persons(db: AsyncSession, keys: Keys, ids: Iterable[str]) -> Mapping[str, Person]:
    """Several at once, by id, with two questions to the database; unknown ids are left out."""
    rows = (await db.execute(_BY_ID, {"ids": [*{*ids}]})).all()
    staff = [row.number_index for row in rows if row.kind is PersonKind.STAFF]
    grants = await granted_to(db, staff) if staff else {}
    return {row.id: _value(keys, row, grants.get(row.number_index, NOTHING)) for row in rows}


async def reveal_number(db: AsyncSession, keys: Keys, person_id: str) -> str:
    """The national number in the clear, for the few places that must send it on."""
    return (await _open(db, keys, person_id)).number


async def staff(db: AsyncSession, keys: Keys, role: Role) -> tuple[Person, ...]:
    """Everybody who has this role now and has signed in at least once, by name."""
    known = await db.scalars(select(PERSONS.id).where(PERSONS.kind == PersonKind.STAFF))
    found = (await persons(db, keys, known.all())).values()
    return tuple(sorted((p for p in found if role in p.roles), key=lambda each: each.name))


async def staff_by_index(
    db: AsyncSession, keys: Keys, indexes: Iterable[str]
) -> Mapping[str, Person]:
    """Who has signed in of those with these number indexes, by index; others are left out."""
    own = (PERSONS.kind == PersonKind.STAFF, PERSONS.number_index.in_(set(indexes)))
    known = {row.id: row.number_index for row in await db.execute(select(*PERSONS).where(*own))}
    return {known[each.id]: each for each in (await persons(db, keys, known)).values()}


def _identity(signed_in: SignedIn) -> Identity:
    return Identity(signed_in.name, signed_in.birth_date, signed_in.number)


async def _person(db: AsyncSession, keys: Keys, person_id: str) -> Person:
    found = (await persons(db, keys, [person_id])).get(person_id)
    if found is None:
        raise NotYours
    return found


async def _find_or_make(
    db: AsyncSession, keys: Keys, now: datetime, kind: PersonKind, identity: Identity
) -> str:
    """The id of whoever has this number, with the identity brought up to date."""
    found = await _insert(db, keys, now, kind, identity)
    if await _open(db, keys, found) != identity:
        await db.execute(
            update(PersonRow).where(PERSONS.id == found).values(**_sealed(keys, found, identity))
        )
    return found


async def _insert(
    db: AsyncSession, keys: Keys, now: datetime, kind: PersonKind, identity: Identity
) -> str:
    """The id of whoever has this number; a new person, if nobody has. The unique key decides."""
    new, index = secrets.token_urlsafe(ID_BYTES), blind_index(keys, identity.number)
    values = _sealed(keys, new, identity)
    if await insert_once(
        db, PersonRow, id=new, kind=kind, number_index=index, created=now, **values
    ):
        return new
    known = select(PERSONS.id).where(PERSONS.kind == kind, PERSONS.number_index == index)
    found: str = (await db.execute(known)).scalar_one()
    return found


async def _open(db: AsyncSession, keys: Keys, person_id: str) -> Identity:
    row = (await db.execute(select(*PERSONS).where(PERSONS.id == person_id))).first()
    if row is None:
        raise NotYours
    return _unsealed(keys, row)


def _sealed(keys: Keys, person_id: str, identity: Identity) -> dict[str, object]:
    sealed = seal(keys, secrets.token_bytes(NONCE_BYTES), person_id, identity)
    return {"key_id": sealed.key_id, "nonce": sealed.nonce, "sealed": sealed.ciphertext}


def _unsealed(keys: Keys, row: Row[tuple[object, ...]]) -> Identity:
    return unseal(keys, row.id, Sealed(row.key_id, row.nonce, row.sealed))


def _value(keys: Keys, row: Row[tuple[object, ...]], granted: Granted) -> Person:
    identity = _unsealed(keys, row)
    patient = row.kind is PersonKind.PATIENT
    return Person(
        id=row.id,
        kind=row.kind,
        name=identity.name,
        birth_date=identity.birth_date,
        roles=frozenset({Role.PATIENT}) if patient else granted.roles,
        hpr_number=granted.hpr_number,
        insurer=granted.insurer,
    )
