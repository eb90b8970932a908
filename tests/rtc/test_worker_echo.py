"""A real media worker: somebody alone sees and hears what they have sent."""

import json

import pytest

from tests.rtc.live import Room
from tests.rtc.offers import CHROMIUM

pytestmark = [pytest.mark.media, pytest.mark.slow]


async def test_somebody_alone_sees_and_hears_themselves(room: Room) -> None:
    person = await room.echo()
    await room.flows(person)
    arrived = json.loads(await room.end_echo())
    assert arrived["packets"] > 0 and arrived["kbit"] > 0 and arrived["lost"] == 0
    assert room.reports == []  # no room has heard of it
    await room.until(lambda: person.pc.connectionState == "closed")


async def test_who_leaves_has_no_echo_any_more(room: Room) -> None:
    person = await room.echo()
    await room.flows(person)
    await person.close()
    assert await room.end_echo() == ""


async def test_an_echo_that_comes_and_goes_leaves_the_rooms_alone(room: Room) -> None:
    patient, doctor = await room.meet()
    person = await room.echo()
    await room.flows(person, patient, doctor)
    await room.end_echo()
    await room.flows(patient, doctor)


async def test_a_flood_and_a_bad_offer_are_refused(room: Room) -> None:
    path = f"/echoes/{room.name}"
    async with room.http.post(path, data="v=0") as answer:
        assert (answer.status, await answer.json()) == (400, {"code": "BadOffer"})
    statuses = set()
    for _ in range(20):
        async with room.http.post(path, data=CHROMIUM) as answer:
            statuses.add(answer.status)
    assert 429 in statuses and statuses <= {201, 429}
    await room.end_echo()
