"""Proxies on both databases: to whom one can be given, for how long, and its end."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.identity.test_people import KEYS, NOW, arrival
from venterom.web.identity import door, people, proxies
from venterom.web.identity.errors import (
    BadNumber,
    NotAnAdult,
    NotYours,
    OneselfAsProxy,
    ProxyDiffers,
    ProxyStands,
)
from venterom.web.identity.numbers import make
from venterom.web.identity.people import Person
from venterom.web.identity.proxies import Proxy
from venterom.web.identity.roles import PersonKind
from venterom.web.identity.standing import Right, Standing
from venterom.web.identity.tables import ProxyRow

pytestmark = pytest.mark.adapter
BORN = date(1984, 3, 9)
NUMBER = make(BORN, 0)
MONTH = timedelta(days=30)


async def kari(db: AsyncSession) -> Person:
    return await people.find_or_make_patient(db, KEYS, NOW, arrival())


async def anna(db: AsyncSession) -> Person:
    """She to whom the proxy was given, when she signs in."""
    signed_in = arrival(number=NUMBER, name="Anna Prøvesen", born=BORN)
    return await people.find_or_make_patient(db, KEYS, NOW, signed_in)


async def give(
    db: AsyncSession,
    *,
    name: str = "Anna Prøvesen",
    born: date = BORN,
    number: str = NUMBER,
    now: datetime = NOW,
) -> Proxy:
    return await proxies.give(
        db,
        KEYS,
        now,
        giver=await kari(db),
        name=name,
        birth_date=born,
        number=number,
        lasts=MONTH,
        synthetic=True,
    )


async def enter(
    db: AsyncSession, who: Person, patient: Person, right: Right = Right.READ, **by: float
) -> Standing:
    now = NOW + timedelta(**by)
    return (await door.access_record(db, KEYS, now, who, patient.id, right)).standing


async def test_who_holds_one_reads_until_its_last_moment_and_does_no_more(
    db: AsyncSession,
) -> None:
    given, giver, holder = await give(db), await kari(db), await anna(db)
    assert given.holder == holder.id and given.expires == NOW + MONTH
    assert await enter(db, holder, giver) is Standing.PROXY
    assert await enter(db, holder, giver, days=29, hours=23) is Standing.PROXY
    with pytest.raises(NotYours):
        await enter(db, holder, giver, days=30)
    for right in (Right.BLOCK, Right.ASK, Right.CONSENTS, Right.GIVE_PROXY):
        with pytest.raises(NotYours):
            await enter(db, holder, giver, right)
    with pytest.raises(NotYours):  # it goes one way
        await enter(db, giver, holder)


async def test_it_is_taken_back_at_once_and_by_who_gave_it(db: AsyncSession) -> None:
    given, giver, holder = await give(db), await kari(db), await anna(db)
    assert await proxies.end(db, NOW, giver=holder.id, proxy=given.id) is None
    assert await proxies.end(db, NOW, giver=giver.id, proxy=given.id) == given
    assert await proxies.end(db, NOW, giver=giver.id, proxy=given.id) is None
    with pytest.raises(NotYours):
        await enter(db, holder, giver)
    assert await proxies.of(db, NOW, giver.id) == ()


async def test_one_at_a_time_and_a_new_one_when_it_is_over(db: AsyncSession) -> None:
    await give(db)
    with pytest.raises(ProxyStands):
        await give(db)
    again = await give(db, now=NOW + MONTH)
    assert await proxies.of(db, NOW + MONTH, again.holder) == (again,)


async def test_to_whom_none_can_be_given(db: AsyncSession) -> None:
    giver = await kari(db)
    own = make(date(1986, 5, 17), 0)
    with pytest.raises(OneselfAsProxy):
        await give(db, name=giver.name, born=date(1986, 5, 17), number=own)
    for fault, how in (
        (NotAnAdult, {"born": date(2008, 11, 25), "number": make(date(2008, 11, 25), 0)}),
        (BadNumber, {"number": "12345678901"}),
    ):
        with pytest.raises(fault):
            await give(db, **how)
    await anna(db)
    with pytest.raises(ProxyDiffers):
        await give(db, name="Berit Prøvesen")
    with pytest.raises(ProxyDiffers):
        await give(db, born=date(1984, 3, 10))


@pytest.mark.parametrize("who", ["dr", "clerk", "boss"])
async def test_nobody_of_the_staff_has_a_standing(db: AsyncSession, who: str) -> None:
    giver = await kari(db)
    staff = Person(who, PersonKind.STAFF, "S", date(1980, 1, 1), frozenset())
    for right in Right:
        with pytest.raises(NotYours):
            await enter(db, staff, giver, right)


async def test_no_such_patient_is_not_yours(db: AsyncSession) -> None:
    giver = await kari(db)
    with pytest.raises(NotYours):
        await door.access_record(db, KEYS, NOW, giver, "nobody", Right.READ)


PROXY = {"id": "p", "given": NOW, "expires": NOW + MONTH}


@pytest.mark.parametrize(
    "changed",
    [
        {"holder": "giver"},
        {"expires": NOW},
        {"expires": NOW + timedelta(days=366, seconds=1)},
        {"ended": NOW - timedelta(seconds=1)},
    ],
)
async def test_the_database_forbids(db: AsyncSession, changed: dict[str, object]) -> None:
    ids = {"giver": (await kari(db)).id, "holder": (await anna(db)).id}
    if changed.get("holder") == "giver":
        changed = {"holder": ids["giver"]}
    with pytest.raises(DBAPIError):
        async with db.begin_nested():
            await db.execute(insert(ProxyRow).values({**PROXY, **ids, **changed}))
