"""When the EPJ is not there everything waits, and one note is sent to see."""

from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from tests.journal.make import NOON, after, person
from tests.journal.test_delivery import claim, failing, note, one_round, state, taking
from venterom.journal import delivery, epj_line
from venterom.journal.epj_answer import Said
from venterom.journal.errors import EpjSaid
from venterom.journal.events import Delivered, DeliveryDelayed, DeliveryFailed
from venterom.journal.retry import Line
from venterom.journal.states import Delivery
from venterom.journal.tables import PatientKeyRow

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
Sessions = async_sessionmaker[AsyncSession]


async def line(sessions: Sessions) -> Line:
    async with sessions() as db:
        return await epj_line.load(db)


async def test_while_nobody_is_there_one_note_is_sent_to_see_and_the_others_wait(
    session_factory: Sessions,
) -> None:
    visits = [await note(session_factory, by=person(f"p{n}")) for n in range(3)]
    away = failing(EpjSaid(Said.SILENT))
    await one_round(session_factory, away, NOON)
    assert await line(session_factory) == Line(1, NOON, after(seconds=5), Said.SILENT)
    assert await claim(session_factory, after(seconds=4)) is None
    first = await claim(session_factory, after(seconds=5))
    assert first is not None and await claim(session_factory, after(seconds=5)) is None
    async with session_factory() as db, db.begin():
        answer = await delivery.send(away, first)
        await delivery.settle(db, after(seconds=6), [(first, answer)])
    assert await line(session_factory) == Line(2, NOON, after(seconds=16), Said.SILENT)
    assert away.sent == visits[:2]  # another one each time, so that none is blamed
    taker = taking()
    assert isinstance(await one_round(session_factory, taker, after(minutes=1)), Delivered)
    assert await line(session_factory) == Line()
    for _ in range(3):
        await one_round(session_factory, taker, after(minutes=1))
    assert sorted(taker.sent) == sorted(visits)


async def test_of_several_who_found_nobody_one_counts_and_whoever_is_killed_is_not_waited_for(
    session_factory: Sessions,
) -> None:
    for n in range(2):
        await note(session_factory, by=person(f"p{n}"))
    parcels = [await claim(session_factory, NOON) for _ in range(2)]
    away = failing(EpjSaid(Said.BUSY, timedelta(minutes=2)))
    for parcel in parcels:
        assert parcel is not None
        answer = await delivery.send(away, parcel)
        async with session_factory() as db, db.begin():
            await delivery.settle(db, NOON, [(parcel, answer)])
    assert await line(session_factory) == Line(1, NOON, after(minutes=2), Said.BUSY)
    assert await claim(session_factory, after(minutes=2)) is not None  # … and here it is killed
    assert await claim(session_factory, after(minutes=2, seconds=59)) is None
    assert await claim(session_factory, after(minutes=3)) is not None


@pytest.mark.parametrize(
    ("said", "parked", "there"),
    [
        (Said.OTHER_PATIENT, True, True),
        (Said.SEVERAL, True, True),
        (Said.REFUSED, False, True),
        (Said.HALF, False, True),
        (Said.BUSY, False, False),
        (Said.NONSENSE, False, False),
    ],
)
async def test_every_answer_has_its_effect_on_the_note_and_on_the_line(
    session_factory: Sessions, said: Said, parked: bool, there: bool
) -> None:
    async with session_factory() as db, db.begin():
        await epj_line.missed(db, NOON, 0, why=Said.SILENT, asked=timedelta())
    visit = await note(session_factory)
    event = await one_round(session_factory, failing(EpjSaid(said)), after(minutes=1))
    assert isinstance(event, DeliveryFailed if parked else DeliveryDelayed)
    assert (await state(session_factory, visit) is Delivery.FAILED) is parked
    assert (await line(session_factory) == Line()) is there
    async with session_factory() as db:
        assert (await delivery.pending(db))[0].last_error == said


async def test_a_note_that_could_not_be_packed_says_nothing_of_the_epj(
    session_factory: Sessions,
) -> None:
    await note(session_factory)
    async with session_factory() as db, db.begin():
        await epj_line.missed(db, NOON, 0, why=Said.SILENT, asked=timedelta())
        await db.execute(delete(PatientKeyRow))
    await one_round(session_factory, taking(), after(minutes=1))
    assert (await line(session_factory)).failures == 1


async def test_a_person_can_have_it_asked_at_once(session_factory: Sessions) -> None:
    await note(session_factory)
    await one_round(session_factory, failing(EpjSaid(Said.SILENT, timedelta(hours=1))), NOON)
    async with session_factory() as db, db.begin():
        await epj_line.ask_now(db)
    assert await claim(session_factory, after(minutes=1)) is not None
