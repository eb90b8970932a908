"""Persons: found by number, sealed at rest, and only who was granted a role has it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.seal import KekRing
from venterom.web.identity import grants, people, sessions
from venterom.web.identity.claims import SignedIn
from venterom.web.identity.errors import (
    BadBirthDate,
    BadName,
    BadNumber,
    ChildDiffers,
    IdentityUnreadable,
    NotAChild,
    NotAuthorised,
    NotYours,
    OneselfAsChild,
)
from venterom.web.identity.grants import grant
from venterom.web.identity.numbers import make
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Door, PersonKind, Role
from venterom.web.identity.sealed import Keys
from venterom.web.identity.tables import PersonRow

pytestmark = pytest.mark.adapter

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KEYS = Keys(KekRing("1", {"1": bytes(range(32))}), bytes(range(32, 64)))
BORN = date(1986, 5, 17)
NUMBER = make(BORN, 0)
CHILD_BORN = date(2018, 2, 3)
CHILD_NUMBER = make(CHILD_BORN, 0)


def arrival(
    door: Door = Door.PATIENT,
    *,
    number: str = NUMBER,
    name: str = "Kari Prøvdal",
    born: date | None = BORN,
    hpr: str | None = None,
) -> SignedIn:
    return SignedIn(door, "https://id.example", "s", "high", name, born, number, hpr)


async def patient(db: AsyncSession, number: str = NUMBER, name: str = "Kari Prøvdal") -> Person:
    return await people.find_or_make_patient(db, KEYS, NOW, arrival(number=number, name=name))


async def child(
    db: AsyncSession,
    parent: str,
    *,
    name: str = "Ida Prøvdal",
    born: date = CHILD_BORN,
    number: str = CHILD_NUMBER,
    now: datetime = NOW,
) -> Person:
    return await people.add_child(
        db, KEYS, now, parent=parent, name=name, birth_date=born, number=number, synthetic=True
    )


async def test_the_first_sign_in_makes_a_patient_and_the_next_finds_the_same(
    db: AsyncSession,
) -> None:
    first = await patient(db)
    assert (first.name, first.birth_date) == ("Kari Prøvdal", BORN)
    assert first.roles == {Role.PATIENT}
    assert await patient(db) == first
    assert await people.person(db, KEYS, first.id) == first


async def test_a_new_name_replaces_the_old_one(db: AsyncSession) -> None:
    first = await patient(db)
    renamed = await patient(db, name="Kari Testheim")
    assert (renamed.id, renamed.name) == (first.id, "Kari Testheim")


async def test_another_number_is_another_person(db: AsyncSession) -> None:
    assert (await patient(db)).id != (await patient(db, number=make(BORN, 1))).id


async def test_nothing_of_a_person_lies_open_in_the_database(db: AsyncSession) -> None:
    await patient(db)
    row = (await db.execute(text("SELECT * FROM person"))).one()
    shown = " ".join(repr(bytes(cell) if isinstance(cell, memoryview) else cell) for cell in row)
    for secret in (NUMBER, "Kari", "vdal", "1986-05-17"):
        assert secret not in shown


async def test_an_identity_moved_to_another_row_does_not_open(db: AsyncSession) -> None:
    one, other = await patient(db), await patient(db, number=make(BORN, 1))
    row = (
        await db.execute(text("SELECT nonce, sealed FROM person WHERE id = :id"), {"id": other.id})
    ).one()
    await db.execute(
        update(PersonRow)
        .where(PersonRow.id == one.id)
        .values(nonce=bytes(row.nonce), sealed=bytes(row.sealed))
    )
    with pytest.raises(IdentityUnreadable):
        await people.person(db, KEYS, one.id)


async def test_the_number_comes_only_when_it_is_asked_for(db: AsyncSession) -> None:
    known = await patient(db)
    assert NUMBER not in repr(known)
    assert "Kari" not in repr(known)
    assert await people.reveal_number(db, KEYS, known.id) == NUMBER


async def test_an_unknown_person_is_not_yours(db: AsyncSession) -> None:
    with pytest.raises(NotYours):
        await people.person(db, KEYS, "nobody")
    with pytest.raises(NotYours):
        await people.reveal_number(db, KEYS, "nobody")
    assert await people.persons(db, KEYS, ["nobody"]) == {}


async def grant_doctor(db: AsyncSession, number: str = NUMBER, hpr: str = "9990001") -> bool:
    given = await grant(db, KEYS, NOW, number=number, role=Role.DOCTOR, hpr_number=hpr)
    return given is not None


async def withdraw_doctor(db: AsyncSession, number: str = NUMBER) -> None:
    held = await grants.of_number(db, KEYS, number, Role.DOCTOR)
    assert held is not None
    await grants.withdraw(db, NOW, held.id)


async def test_a_doctor_has_a_grant_and_the_hpr_number_of_the_grant(db: AsyncSession) -> None:
    await grant_doctor(db)
    doctor = await people.staff_for(db, KEYS, NOW, arrival(Door.DOCTOR, hpr="9990001"))
    assert doctor.roles == {Role.DOCTOR}
    assert doctor.hpr_number == "9990001"
    assert doctor.kind is PersonKind.STAFF
    assert await people.person(db, KEYS, doctor.id) == doctor


@pytest.mark.parametrize(
    ("door", "number", "hpr"),
    [
        (Door.DOCTOR, NUMBER, None),  # not in HPR today: not found means no
        (Door.DOCTOR, NUMBER, "9990002"),  # somebody else's HPR number
        (Door.DOCTOR, make(BORN, 1), "9990001"),  # somebody else with that HPR number
        (Door.INSURER, NUMBER, "9990001"),  # a doctor is no clerk
        (Door.DIRECTOR, NUMBER, "9990001"),  # nor a director
    ],
)
async def test_whoever_was_not_granted_the_role_has_no_way_in(
    db: AsyncSession, door: Door, number: str, hpr: str | None
) -> None:
    await grant_doctor(db)
    with pytest.raises(NotAuthorised):
        await people.staff_for(db, KEYS, NOW, arrival(door, number=number, hpr=hpr))


async def test_a_clerk_belongs_to_one_insurer_and_is_no_doctor(db: AsyncSession) -> None:
    await grant(db, KEYS, NOW, number=NUMBER, role=Role.INSURER, insurer="Prøveforsikring")
    clerk = await people.staff_for(db, KEYS, NOW, arrival(Door.INSURER, born=None))
    assert clerk.roles == {Role.INSURER}
    assert clerk.insurer == "Prøveforsikring"
    assert clerk.birth_date is None
    with pytest.raises(NotAuthorised):
        await people.staff_for(db, KEYS, NOW, arrival(Door.DOCTOR, hpr=None))


async def test_those_with_a_role_are_those_who_have_it_now_and_have_been_here(
    db: AsyncSession,
) -> None:
    names = {1: "Åse Testnes", 2: "Anne Testvik", 3: "Cato Testli"}
    for serial in (1, 2, 3, 4):
        number, hpr = make(BORN, serial), f"999000{serial}"
        await grant(db, KEYS, NOW, number=number, role=Role.DOCTOR, hpr_number=hpr)
        if serial in names:  # the fourth has never signed in
            said = arrival(Door.DOCTOR, number=number, name=names[serial], hpr=hpr)
            await people.staff_for(db, KEYS, NOW, said)
    await withdraw_doctor(db, make(BORN, 3))
    await patient(db)
    found = await people.staff(db, KEYS, Role.DOCTOR)
    assert [doctor.name for doctor in found] == ["Anne Testvik", "Åse Testnes"]
    assert await people.staff(db, KEYS, Role.DIRECTOR) == ()


async def test_a_doctor_who_falls_ill_is_another_person(db: AsyncSession) -> None:
    await grant_doctor(db)
    doctor = await people.staff_for(db, KEYS, NOW, arrival(Door.DOCTOR, hpr="9990001"))
    ill = await patient(db)
    assert ill.id != doctor.id
    assert ill.roles == {Role.PATIENT}
    assert ill.hpr_number is None


async def test_a_role_is_granted_once_and_two_roles_add_up(db: AsyncSession) -> None:
    assert await grant_doctor(db)
    assert not await grant_doctor(db, hpr="9990002")
    assert await grant(db, KEYS, NOW, number=NUMBER, role=Role.DIRECTOR)
    doctor = await people.staff_for(db, KEYS, NOW, arrival(Door.DOCTOR, hpr="9990001"))
    assert doctor.roles == {Role.DOCTOR, Role.DIRECTOR}
    assert doctor.hpr_number == "9990001"


async def test_a_withdrawn_role_is_gone_with_its_sessions(db: AsyncSession) -> None:
    await grant_doctor(db)
    doctor = await people.staff_for(db, KEYS, NOW, arrival(Door.DOCTOR, hpr="9990001"))
    _, secret = await sessions.open_session(db, NOW, person=doctor.id, role=Role.DOCTOR)
    _, other = await sessions.open_session(db, NOW, person=doctor.id, role=Role.DIRECTOR)
    await withdraw_doctor(db)
    assert await sessions.look_up(db, NOW, secret) is None
    assert await sessions.look_up(db, NOW, other) is not None
    with pytest.raises(NotAuthorised):
        await people.staff_for(db, KEYS, NOW, arrival(Door.DOCTOR, hpr="9990001"))
    assert (await people.person(db, KEYS, doctor.id)).roles == frozenset()
    assert await grant_doctor(db), "it can be granted anew"


@pytest.mark.parametrize(
    ("role", "hpr", "insurer"),
    [
        (Role.DOCTOR, None, None),  # a doctor without HPR number
        (Role.INSURER, None, None),  # a clerk of nobody
        (Role.DIRECTOR, "9990001", None),
        (Role.DOCTOR, "9990001", "Prøveforsikring"),  # a doctor in an insurer's service
        (Role.PATIENT, None, None),  # nobody is granted to be ill
    ],
)
async def test_the_database_refuses_a_grant_that_makes_no_sense(
    db: AsyncSession, role: Role, hpr: str | None, insurer: str | None
) -> None:
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await grant(db, KEYS, NOW, number=NUMBER, role=role, hpr_number=hpr, insurer=insurer)


async def test_a_parent_has_the_children_that_were_added_oldest_first(db: AsyncSession) -> None:
    parent = await patient(db)
    young = await child(db, parent.id)
    old_born = date(2010, 7, 8)
    old = await child(db, parent.id, name="Odd Prøvdal", born=old_born, number=make(old_born, 0))
    assert await people.children_of(db, KEYS, NOW, parent.id) == (old, young)
    assert await people.children_of(db, KEYS, NOW, young.id) == ()
    assert await people.is_parent(db, parent.id, young.id)
    assert not await people.is_parent(db, young.id, parent.id)


async def test_adding_a_child_twice_changes_nothing(db: AsyncSession) -> None:
    parent = await patient(db)
    assert await child(db, parent.id) == await child(db, parent.id)
    assert len(await people.children_of(db, KEYS, NOW, parent.id)) == 1


async def test_a_child_may_have_a_second_parent(db: AsyncSession) -> None:
    one = await patient(db)
    other = await patient(db, number=make(BORN, 1), name="Per Testesen")
    first = await child(db, one.id)
    second = await child(db, other.id, name="IDA Prøvdal Testesen")  # the first name is the same
    assert first == second
    assert second.name == "Ida Prøvdal", "what one parent wrote is not overwritten by another"


@pytest.mark.parametrize(
    ("name", "born"),
    [
        ("Eva Prøvdal", CHILD_BORN),  # another first name
        ("Ida Prøvdal", CHILD_BORN + timedelta(days=1)),  # another birth date
    ],
)
async def test_what_is_known_of_a_child_cannot_be_found_out_by_trying(
    db: AsyncSession, name: str, born: date
) -> None:
    one = await patient(db)
    other = await patient(db, number=make(BORN, 1))
    await child(db, one.id)
    with pytest.raises(ChildDiffers):
        await child(db, other.id, name=name, born=born)
    assert await people.children_of(db, KEYS, NOW, other.id) == ()


@pytest.mark.parametrize(
    ("name", "born", "number", "error"),
    [
        ("", CHILD_BORN, CHILD_NUMBER, BadName),
        ("Ida\x07", CHILD_BORN, CHILD_NUMBER, BadName),
        ("Ida", date(2026, 11, 25), CHILD_NUMBER, BadBirthDate),  # tomorrow
        ("Ida", CHILD_BORN, "12345678901", BadNumber),
        ("Ida", CHILD_BORN, "02013299903", BadNumber),  # could be somebody's
        ("Ida", date(2008, 11, 24), make(date(2008, 11, 24), 0), NotAChild),  # 18 today
        ("Kari Prøvdal", CHILD_BORN, NUMBER, OneselfAsChild),
    ],
)
async def test_a_child_that_cannot_be_is_refused(
    db: AsyncSession, name: str, born: date, number: str, error: type[Exception]
) -> None:
    parent = await patient(db)
    with pytest.raises(error):
        await child(db, parent.id, name=name, born=born, number=number)


async def test_a_child_who_comes_of_age_is_no_longer_among_the_children(db: AsyncSession) -> None:
    parent = await patient(db)
    born = date(2008, 11, 25)
    await child(db, parent.id, name="Odd Prøvdal", born=born, number=make(born, 0))
    assert len(await people.children_of(db, KEYS, NOW, parent.id)) == 1
    tomorrow = NOW + timedelta(days=1)
    assert await people.children_of(db, KEYS, tomorrow, parent.id) == ()


async def test_a_child_who_signs_in_is_the_same_person(db: AsyncSession) -> None:
    parent = await patient(db)
    added = await child(db, parent.id)
    self_signed = await people.find_or_make_patient(
        db, KEYS, NOW, arrival(number=CHILD_NUMBER, name="Ida Marie Prøvdal", born=CHILD_BORN)
    )
    assert self_signed.id == added.id
    assert self_signed.name == "Ida Marie Prøvdal", "the identity provider knows better"
