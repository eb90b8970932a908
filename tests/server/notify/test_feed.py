"""Each event is told about exactly once, whatever happens in between."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.conftest import FakeClock
from tests.journal.make import KARI, consented, person
from tests.server.make import POSTED, Sessions
from venterom.queue.events import Booked, Claimed, Connected, Joined
from venterom.server.notify import feed
from venterom.server.notify.feed import LINK_LIVES, Sent
from venterom.server.notify.tables import CursorRow, MessageRow
from venterom.web import outbox
from venterom.web.identity import links
from venterom.web.identity.errors import LinkExpired
from venterom.web.identity.lives import Session
from venterom.web.identity.roles import Role

pytestmark = pytest.mark.adapter
on_postgresql = pytest.mark.parametrize(
    "session_factory", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


async def visit_of(sessions: Sessions, clock: FakeClock, name: str = "kari") -> str:
    """A patient in the waiting room."""
    async with sessions() as db, db.begin():
        return await consented(db, by=person(name), now=clock())


async def happens(sessions: Sessions, clock: FakeClock, *events: outbox.Event) -> None:
    """These events are stored."""
    async with sessions() as db, db.begin():
        await outbox.append(db, clock(), events)


async def tell(sessions: Sessions, clock: FakeClock) -> int:
    """What the server's job does."""
    async with sessions() as db, db.begin():
        return await feed.tell(db, clock(), POSTED)


async def inbox(sessions: Sessions) -> list[Sent]:
    """Everything that people were told, the newest first."""
    async with sessions() as db:
        return await feed.inbox(db, POSTED)


def claimed(visit: str, clock: FakeClock) -> Claimed:
    """A doctor has taken this patient."""
    return Claimed(visit, "d1", 1, clock())


async def test_the_one_who_opened_the_visit_is_told_in_their_language(
    session_factory: Sessions, clock: FakeClock
) -> None:
    visit = await visit_of(session_factory, clock)
    await happens(session_factory, clock, claimed(visit, clock))
    assert await tell(session_factory, clock) == 1
    [sent] = await inbox(session_factory)
    assert (sent.person, sent.at) == (KARI.person, clock())
    assert sent.text.startswith("Legen er klar for deg nå: https://vent.example/j#")


async def test_what_was_told_is_not_told_again(session_factory: Sessions, clock: FakeClock) -> None:
    visit = await visit_of(session_factory, clock)
    await happens(session_factory, clock, claimed(visit, clock))
    told = [await tell(session_factory, clock)]
    for minutes in (0, 0.5, 1, 60):
        clock.tick(minutes=minutes)
        told.append(await tell(session_factory, clock))
    assert told == [1, 0, 0, 0, 0]


async def test_events_that_nobody_is_told_about_are_passed_over(
    session_factory: Sessions, clock: FakeClock
) -> None:
    visit = await visit_of(session_factory, clock)
    again = Joined(visit, "kari", "dropin", clock(), fresh=False)
    await happens(session_factory, clock, Connected(visit, "d1", clock()), again)
    assert await tell(session_factory, clock) == 0


async def test_killed_before_the_end_everything_is_told_once_all_the_same(
    session_factory: Sessions, clock: FakeClock
) -> None:
    visits = [await visit_of(session_factory, clock, name) for name in ("kari", "ola")]
    await happens(session_factory, clock, *(claimed(visit, clock) for visit in visits))
    async with session_factory() as db:
        assert await feed.tell(db, clock(), POSTED) == 2
        await db.rollback()  # killed here
    assert await inbox(session_factory) == []
    assert await tell(session_factory, clock) == 2
    assert sorted(sent.person for sent in await inbox(session_factory)) == ["kari", "ola"]


@on_postgresql
async def test_an_event_that_appears_after_a_later_one_is_told_too(
    session_factory: Sessions, clock: FakeClock
) -> None:
    first = await visit_of(session_factory, clock, "kari")
    second = await visit_of(session_factory, clock, "ola")
    async with session_factory() as slow, slow.begin():
        await outbox.append(slow, clock(), [claimed(first, clock)])  # has its number, and waits
        await happens(session_factory, clock, claimed(second, clock))
        assert await tell(session_factory, clock) == 1
        clock.now += outbox.OVERLAP - timedelta(seconds=1)
        assert await tell(session_factory, clock) == 0
    assert await tell(session_factory, clock) == 1
    assert [sent.person for sent in await inbox(session_factory)] == ["ola", "kari"]


async def test_the_reader_does_not_read_for_ever_what_is_long_past(
    session_factory: Sessions, clock: FakeClock
) -> None:
    visit = await visit_of(session_factory, clock)
    await happens(session_factory, clock, claimed(visit, clock), Connected(visit, "d1", clock()))
    await tell(session_factory, clock)
    assert await place(session_factory) == 0
    clock.now += outbox.OVERLAP + timedelta(seconds=1)
    await tell(session_factory, clock)
    assert await place(session_factory) == 2


async def place(sessions: Sessions) -> int:
    """How far the reader has come."""
    async with sessions() as db:
        return (await db.scalars(select(CursorRow.seq))).one()


async def test_a_link_lives_a_day_longer_than_the_time_that_the_message_names(
    session_factory: Sessions, clock: FakeClock
) -> None:
    visit = await visit_of(session_factory, clock)
    slot = clock() + timedelta(hours=30)
    await happens(session_factory, clock, Booked(visit, "kari", slot, slot))
    await tell(session_factory, clock)
    [sent] = await inbox(session_factory)
    async with session_factory() as db, db.begin():
        assert await follow(db, sent.link, slot + LINK_LIVES - timedelta(seconds=1)) == visit
        with pytest.raises(LinkExpired):
            await follow(db, sent.link, slot + LINK_LIVES)


async def follow(db: AsyncSession, link: str, now: datetime) -> str:
    """The visit that the link in Kari's message leads to."""
    session = Session("s1", "kari", Role.PATIENT, now, now, None, now)
    token = link.partition("#")[2]
    return await links.redeem(db, now, POSTED.link_key, token=token, session=session)


async def test_what_a_message_says_cannot_be_read_in_the_database(
    session_factory: Sessions, clock: FakeClock
) -> None:
    visit = await visit_of(session_factory, clock)
    await happens(session_factory, clock, claimed(visit, clock))
    await tell(session_factory, clock)
    async with session_factory() as db:
        row = (await db.scalars(select(MessageRow))).one()
    assert b"vent.example" not in row.body and b"Legen" not in row.body
