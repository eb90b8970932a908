"""The stored events: numbered, whole, and none missed by a reader who comes later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.queue.make import NOON, after
from tests.server.make import Sessions
from venterom.queue.events import Claimed, Connected, Joined
from venterom.web import outbox
from venterom.web.outbox import OVERLAP, Stored

pytestmark = pytest.mark.adapter

CLAIMED = Claimed("v1", "d1", 3, after(20))
ALL = ("Claimed", "Connected", "Joined")


async def test_an_event_is_kept_whole_with_its_time_and_its_visit(db: AsyncSession) -> None:
    await outbox.append(db, NOON, [CLAIMED])
    [stored] = await outbox.read_after(db, 0, names=ALL)
    body = {
        "visit": "v1",
        "practitioner": "d1",
        "lease_token": 3,
        "deadline": "2026-11-24T11:20:00+00:00",
    }
    assert stored == Stored(stored.seq, NOON, "Claimed", "v1", body)


async def test_numbers_rise_in_the_order_of_what_happened(db: AsyncSession) -> None:
    await outbox.append(db, NOON, [Connected("v1", "d1", NOON), CLAIMED])
    await outbox.append(db, NOON, [Connected("v2", "d2", NOON)])
    stored = await outbox.read_after(db, 0, names=ALL)
    assert [(each.name, each.visit) for each in stored] == [
        ("Connected", "v1"),
        ("Claimed", "v1"),
        ("Connected", "v2"),
    ]
    numbers = [each.seq for each in stored]
    assert numbers == sorted(set(numbers))
    later = await outbox.read_after(db, numbers[0], names=ALL)
    assert later == stored[1:]


async def test_a_reader_sees_only_the_events_that_it_asks_for(db: AsyncSession) -> None:
    joined = Joined("v1", "kari", "dropin", NOON)
    await outbox.append(db, NOON, [joined, CLAIMED])
    assert [each.name for each in await outbox.read_after(db, 0, names=["Claimed"])] == ["Claimed"]


async def test_words_are_kept_as_they_are_written(db: AsyncSession) -> None:
    joined = Joined("v1", "Åse \u2028 «Prøve»", "dropin", NOON)
    await outbox.append(db, NOON, [joined])
    [stored] = await outbox.read_after(db, 0, names=ALL)
    assert stored.body["patient"] == joined.patient


@dataclass(frozen=True)
class Unstorable:
    """An event that holds what cannot be written down."""

    visit: str
    what: timedelta


async def test_what_cannot_be_written_down_is_no_event(db: AsyncSession) -> None:
    with pytest.raises(TypeError, match="timedelta"):
        await outbox.append(db, NOON, [Unstorable("v1", OVERLAP)])


MOMENT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("now", "place"),
    [
        (NOON, 0),
        (NOON + OVERLAP, 0),  # one with a smaller number may still appear
        (NOON + OVERLAP + MOMENT, 2),
        (NOON + timedelta(seconds=30) + OVERLAP + MOMENT, 3),
    ],
)
async def test_a_number_is_settled_when_nothing_below_it_can_appear(
    session_factory: Sessions, now: datetime, place: int
) -> None:
    async with session_factory() as db, db.begin():
        await outbox.append(db, NOON, [CLAIMED, CLAIMED])
        await outbox.append(db, NOON + timedelta(seconds=30), [CLAIMED])
        assert await outbox.settled(db, 0, now) == place


async def test_a_settled_place_never_goes_back(db: AsyncSession) -> None:
    await outbox.append(db, NOON, [CLAIMED])
    assert await outbox.settled(db, 7, NOON + OVERLAP * 2) == 7
