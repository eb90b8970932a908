"""An insurer's clerks on both databases: who is a chief, whom one lets in and sends away."""

from dataclasses import fields
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.identity.test_people import KEYS, NOW, arrival
from venterom.journal.tables import AuditRow
from venterom.web.identity import clerks, grants, people
from venterom.web.identity.clerk_tables import ClerkChangeRow, What
from venterom.web.identity.clerks import Change, Clerk
from venterom.web.identity.errors import (
    BadName,
    BadNumber,
    ClerkDiffers,
    ClerkStands,
    NotAuthorised,
    NotYours,
)
from venterom.web.identity.numbers import make
from venterom.web.identity.people import Person
from venterom.web.identity.roles import Door, Role

pytestmark = pytest.mark.adapter
BORN = date(1984, 3, 9)
OURS, THEIRS = "Fjellprøve", "Kystprøve"
CHIEF, OTHER_CHIEF, CLERK, NEW = (make(BORN, serial) for serial in range(4))


async def signed_in(db: AsyncSession, number: str, name: str) -> Person:
    said = arrival(number=number, name=name, born=BORN, door=Door.INSURER)
    return await people.staff_for(db, KEYS, NOW, said)


async def granted(db: AsyncSession, number: str, name: str, insurer: str = OURS) -> Person:
    """Somebody to whom the service has given the role, and who has come."""
    await grants.grant(db, KEYS, NOW, number=number, role=Role.INSURER, insurer=insurer)
    return await signed_in(db, number, name)


async def berit(db: AsyncSession) -> Person:
    return await granted(db, CHIEF, "Berit Kundeprøve")


async def give(db: AsyncSession, by: Person, number: str = NEW, name: str = "Nina Nyprøve") -> None:
    await clerks.give(db, KEYS, NOW, by=by, name=name, number=number, synthetic=True)


async def ours(db: AsyncSession) -> list[tuple[str, bool]]:
    return [(each.who, each.chief) for each in await clerks.of(db, KEYS, OURS)]


async def test_who_has_the_role_from_us_is_a_chief_and_who_has_it_from_a_colleague_is_none(
    db: AsyncSession,
) -> None:
    chief = await berit(db)
    await give(db, chief)
    assert await ours(db) == [("Berit Kundeprøve", True), ("Nina Nyprøve", False)]
    new = await signed_in(db, NEW, "Nina Nyprøve")
    assert await clerks.is_chief(db, chief) and not await clerks.is_chief(db, new)


async def test_who_has_the_role_and_has_not_been_here_yet_is_shown_without_a_name(
    db: AsyncSession,
) -> None:
    await berit(db)
    for number, whose in ((OTHER_CHIEF, OURS), (CLERK, THEIRS)):
        await grants.grant(db, KEYS, NOW, number=number, role=Role.INSURER, insurer=whose)
    assert await ours(db) == [("Berit Kundeprøve", True), ("", True)]  # the service gave it
    await signed_in(db, OTHER_CHIEF, "Dag Sjeftest")
    assert await ours(db) == [("Berit Kundeprøve", True), ("Dag Sjeftest", True)]


async def test_the_sign_in_says_how_somebody_is_called(db: AsyncSession) -> None:
    await give(db, await berit(db), name="nina n")
    assert ("nina n", False) in await ours(db)
    await signed_in(db, NEW, "Nina Nyprøve")
    assert ("Nina Nyprøve", False) in await ours(db)


async def test_one_who_was_let_in_by_a_colleague_lets_nobody_in_and_sends_nobody_away(
    db: AsyncSession,
) -> None:
    chief = await berit(db)
    await give(db, chief)
    await give(db, chief, CLERK, "Carl Kontortest")
    new = await signed_in(db, NEW, "Nina Nyprøve")
    colleague = await signed_in(db, CLERK, "Carl Kontortest")
    with pytest.raises(NotYours):
        await give(db, new, OTHER_CHIEF, "En Til")
    for other in (colleague, chief):
        with pytest.raises(NotYours):
            await clerks.withdraw(db, KEYS, NOW, by=new, clerk=other.id)
    assert len(await ours(db)) == 3


async def test_a_chief_takes_back_the_role_and_the_colleague_is_out(db: AsyncSession) -> None:
    chief = await berit(db)
    await give(db, chief)
    new = await signed_in(db, NEW, "Nina Nyprøve")
    await clerks.withdraw(db, KEYS, NOW, by=chief, clerk=new.id)
    assert await ours(db) == [("Berit Kundeprøve", True)]
    with pytest.raises(NotAuthorised):
        await signed_in(db, NEW, "Nina Nyprøve")
    with pytest.raises(NotYours):  # twice
        await clerks.withdraw(db, KEYS, NOW, by=chief, clerk=new.id)
    await give(db, chief)  # and may give it anew
    assert ("Nina Nyprøve", False) in await ours(db)


async def test_a_chief_sends_away_no_chief_not_even_oneself(db: AsyncSession) -> None:
    chief = await berit(db)
    second = await granted(db, OTHER_CHIEF, "Dag Sjeftest")
    for other in (second, chief):
        with pytest.raises(NotYours):
            await clerks.withdraw(db, KEYS, NOW, by=chief, clerk=other.id)


async def test_another_insurers_clerks_are_neither_seen_nor_touched(db: AsyncSession) -> None:
    chief = await berit(db)
    theirs = await granted(db, OTHER_CHIEF, "Arne Kontortest", THEIRS)
    await give(db, theirs, CLERK, "Carl Kontortest")
    carl = await signed_in(db, CLERK, "Carl Kontortest")
    assert await ours(db) == [("Berit Kundeprøve", True)]
    assert await clerks.changes(db, KEYS, OURS) == ()
    for other in (theirs, carl):
        with pytest.raises(NotYours):
            await clerks.withdraw(db, KEYS, NOW, by=chief, clerk=other.id)
    assert (await signed_in(db, CLERK, "Carl Kontortest")).insurer == THEIRS


async def test_whose_clerk_somebody_is_already_is_not_told(db: AsyncSession) -> None:
    chief = await berit(db)
    await granted(db, OTHER_CHIEF, "Arne Kontortest", THEIRS)
    await give(db, chief)
    for number, name in ((OTHER_CHIEF, "Arne"), (NEW, "Nina"), (CHIEF, "Berit")):
        with pytest.raises(ClerkStands):
            async with db.begin_nested():
                await give(db, chief, number, name)


@pytest.mark.parametrize(
    ("number", "name", "error"),
    [
        ("12345678901", "Nina", BadNumber),
        ("", "Nina", BadNumber),
        (NEW, "", BadName),
        (NEW, "N" * 121, BadName),
    ],
)
async def test_a_name_and_a_number_are_asked_for(
    db: AsyncSession, number: str, name: str, error: type[Exception]
) -> None:
    chief = await berit(db)
    with pytest.raises(error):
        await give(db, chief, number, name)


async def test_a_number_alone_gives_nobodys_name(db: AsyncSession) -> None:
    """Somebody who works here already is known by name; who only has the number is not told it."""
    chief = await berit(db)
    await grants.grant(db, KEYS, NOW, number=NEW, role=Role.DIRECTOR)
    said = arrival(number=NEW, name="Ragna Lederprøve", born=BORN, door=Door.DIRECTOR)
    await people.staff_for(db, KEYS, NOW, said)
    with pytest.raises(ClerkDiffers):
        async with db.begin_nested():
            await give(db, chief, NEW, "Nina Nyprøve")
    await give(db, chief, NEW, "Ragna L")
    assert ("Ragna Lederprøve", False) in await ours(db)


async def test_every_change_is_told_with_who_and_when_and_never_changed(db: AsyncSession) -> None:
    chief = await berit(db)
    await give(db, chief)
    new = await signed_in(db, NEW, "Nina Nyprøve")
    later = NOW + timedelta(days=1)
    await clerks.withdraw(db, KEYS, later, by=chief, clerk=new.id)
    assert await clerks.changes(db, KEYS, OURS) == (
        Change(later, "Berit Kundeprøve", What.WITHDRAWN, "Nina Nyprøve"),
        Change(NOW, "Berit Kundeprøve", What.GIVEN, "Nina Nyprøve"),
    )
    for change in (update(ClerkChangeRow).values(insurer="x"), delete(ClerkChangeRow)):
        with pytest.raises(DBAPIError, match="insert-only"):
            async with db.begin_nested():
                await db.execute(change)
    assert len((await db.scalars(select(ClerkChangeRow.id))).all()) == 2


async def test_every_change_is_a_line_in_the_log_of_the_record(db: AsyncSession) -> None:
    chief = await berit(db)
    await give(db, chief)
    new = await signed_in(db, NEW, "Nina Nyprøve")
    await clerks.withdraw(db, KEYS, NOW, by=chief, clerk=new.id)
    with pytest.raises(NotYours):
        await clerks.withdraw(db, KEYS, NOW, by=chief, clerk=new.id)  # says nothing
    lines = (await db.scalars(select(AuditRow).order_by(AuditRow.n))).all()
    assert [(line.action, line.actor, line.role) for line in lines] == [
        ("grant.given", chief.id, "insurer"),
        ("grant.ended", chief.id, "insurer"),
    ]
    assert {(line.patient, line.visit, line.purpose) for line in lines} == {
        ("", "", "HOPERAT/role")
    }
    assert len({line.content for line in lines}) == 1  # of one role, which its hash names


def test_a_colleague_is_shown_by_these_and_by_no_number() -> None:
    assert [f.name for f in fields(Clerk)] == ["id", "who", "chief"]
    assert [f.name for f in fields(Change)] == ["at", "by", "what", "who"]
