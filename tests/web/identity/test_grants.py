"""Roles in the database: until a day, renewed by a new row, and gone with their sign-ins."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.identity.test_people import BORN, KEYS, NOW, NUMBER, arrival, grant_doctor
from venterom.journal.access import SYSTEM
from venterom.journal.chain import Action
from venterom.journal.tables import AuditRow
from venterom.web.identity import grants, people, sessions
from venterom.web.identity.errors import NotAuthorised
from venterom.web.identity.grants import Grant
from venterom.web.identity.numbers import make
from venterom.web.identity.roles import Door, Role
from venterom.web.identity.tables import GrantRow
from venterom.web.identity.tenure import LENGTHS, LONGEST, TOLD_FOR, Ending

pytestmark = pytest.mark.adapter

SECOND = timedelta(seconds=1)
MONTH = LENGTHS["month"]


async def held(db: AsyncSession) -> Grant:
    """The doctor's role."""
    found = await grants.of_number(db, KEYS, NUMBER, Role.DOCTOR)
    assert found is not None
    return found


async def signed_in(db: AsyncSession) -> str:
    """A doctor with a role of a month, and the secret of the sign-in."""
    await grants.grant(
        db, KEYS, NOW, number=NUMBER, role=Role.DOCTOR, hpr_number="9990001", lasts=MONTH
    )
    doctor = await people.staff_for(db, KEYS, NOW, arrival(Door.DOCTOR, hpr="9990001"))
    now = NOW + MONTH - timedelta(hours=1)
    _, secret = await sessions.open_session(db, now, person=doctor.id, role=Role.DOCTOR)
    return secret


async def test_a_role_that_is_given_without_a_word_ends_after_a_year(db: AsyncSession) -> None:
    await grant_doctor(db)
    role = await held(db)
    assert (role.granted, role.ends) == (NOW, NOW + LONGEST)


async def test_when_its_time_has_come_the_role_is_gone_with_its_sign_ins(db: AsyncSession) -> None:
    secret = await signed_in(db)
    before = NOW + MONTH - SECOND
    assert await grants.end_over(db, before) == ()
    assert await sessions.find(db, before, secret) is not None
    [ended] = await grants.end_over(db, NOW + MONTH)
    assert (ended.role, ended.why) == (Role.DOCTOR, Ending.OVER)
    assert await sessions.find(db, before, secret) is None
    assert await grants.live(db) == ()


async def test_nobody_signs_in_by_a_role_that_is_over(db: AsyncSession) -> None:
    await signed_in(db)
    late = NOW + MONTH  # and no job has been there
    with pytest.raises(NotAuthorised):
        await people.staff_for(db, KEYS, late, arrival(Door.DOCTOR, hpr="9990001"))


async def test_a_renewed_role_goes_on_and_nobody_is_signed_out(db: AsyncSession) -> None:
    secret = await signed_in(db)
    now = NOW + MONTH - timedelta(minutes=30)
    renewed = await grants.renew(db, now, (await held(db)).id, LENGTHS["half"])
    assert renewed is not None
    assert (await held(db)).id == renewed.id
    assert (renewed.granted, renewed.ends) == (now, now + LENGTHS["half"])
    assert renewed.hpr_number == "9990001"
    assert await sessions.find(db, now, secret) is not None
    assert await grants.end_over(db, NOW + MONTH) == ()
    rows = await db.execute(select(*grants.COLUMNS).order_by(GrantRow.granted))
    assert [Grant(*row).why for row in rows] == [Ending.RENEWED, None]


async def test_what_is_gone_is_neither_renewed_nor_withdrawn_again(db: AsyncSession) -> None:
    await grant_doctor(db)
    role = await held(db)
    assert await grants.withdraw(db, NOW, role.id) is not None
    assert await grants.withdraw(db, NOW, role.id) is None
    assert await grants.renew(db, NOW, role.id, MONTH) is None
    assert await grants.live(db) == ()


async def test_a_role_that_is_over_can_be_given_anew(db: AsyncSession) -> None:
    await grant_doctor(db)
    given = await grants.grant(
        db, KEYS, NOW + LONGEST, number=NUMBER, role=Role.DOCTOR, hpr_number="9990001"
    )
    assert given is not None


async def test_what_ends_first_comes_first(db: AsyncSession) -> None:
    for serial, length in ((1, "year"), (2, "month"), (3, "half")):
        number = make(BORN, serial)
        await grants.grant(db, KEYS, NOW, number=number, role=Role.DIRECTOR, lasts=LENGTHS[length])
    await grant_doctor(db)
    assert [each.ends - NOW for each in await grants.live(db, Role.DIRECTOR)] == [
        LENGTHS[length] for length in ("month", "half", "year")
    ]


async def test_those_who_lost_the_role_by_the_register_are_found_again(db: AsyncSession) -> None:
    await grant_doctor(db)
    await grants.withdraw(db, NOW, (await held(db)).id, Ending.NOT_IN_HPR)
    await grants.grant(db, KEYS, NOW, number=NUMBER, role=Role.DIRECTOR, lasts=MONTH)
    await grants.end_over(db, NOW + MONTH)
    [lost] = await grants.lost_by_register(db, NOW + TOLD_FOR)
    assert lost.hpr_number == "9990001"
    assert await grants.lost_by_register(db, NOW + TOLD_FOR + SECOND) == ()


async def test_the_number_is_nowhere_in_what_is_kept(db: AsyncSession) -> None:
    await grant_doctor(db)
    role = await held(db)
    row = " ".join(map(str, (await db.execute(text("SELECT * FROM staff_grant"))).one()))
    assert NUMBER not in row
    assert role.number_index not in repr(role)


async def test_every_change_is_a_line_in_the_log_of_the_record(db: AsyncSession) -> None:
    await grant_doctor(db)
    await grants.noted(db, NOW, SYSTEM, Action.GRANT_GIVEN, await held(db))
    [line] = (await db.scalars(select(AuditRow))).all()
    assert (line.action, line.patient, line.visit) == ("grant.given", "", "")
    assert len(line.content) == 64


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE staff_grant SET ends = granted",  # no time at all
        "UPDATE staff_grant SET ends = granted + 31622400001",  # more than a year
        "UPDATE staff_grant SET withdrawn = granted",  # for no reason
        "UPDATE staff_grant SET why = 'over'",  # and still there
    ],
)
async def test_the_database_refuses_a_role_without_an_end(db: AsyncSession, change: str) -> None:
    await grant_doctor(db)
    with pytest.raises(IntegrityError):
        async with db.begin_nested():
            await db.execute(text(change))
