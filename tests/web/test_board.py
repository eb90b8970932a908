"""What those who wait are shown is read once when the waiting room changes, and not once a page."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiohttp import ClientWebSocketResponse, web

from tests.web.rig import INGRID, KARI, PER, Rig
from venterom.queue import entries
from venterom.web import board, waiting
from venterom.web.identity.lives import WORKDAY
from venterom.web.live import FLOOR, HUB, RELOAD, Pace

pytestmark = pytest.mark.slow
MANY = 20


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """How often the whole waiting room was read."""
    times, waiting = list[object](), entries.waiting

    async def noted(*asked: object) -> object:
        times.append(asked)
        return await waiting(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(entries, "waiting", noted)
    return times


async def sent(socket: ClientWebSocketResponse) -> dict[str, str]:
    """The next state of a page, or the part of it that has changed."""
    while "html" not in (state := json.loads(await socket.receive_str(timeout=10))):
        pass
    return dict(state)


async def shown(socket: ClientWebSocketResponse) -> str:
    """The same, as it stands on the page."""
    return (await sent(socket))["html"]


async def test_one_change_is_read_once_for_all(rig: Rig, read: list[object]) -> None:
    _, visit = await rig.waiting()
    read.clear()
    rig.app[HUB].publish([FLOOR])
    seen = await asyncio.gather(*(board.glance(rig.app, visit) for _ in range(MANY)))
    assert len(read) == 1
    assert {view.visit for view, _ in seen if view} == {visit}
    rig.app[HUB].publish([FLOOR])
    await board.glance(rig.app, visit)
    assert len(read) == 2


async def test_it_is_read_again_when_time_has_passed(rig: Rig, read: list[object]) -> None:
    _, visit = await rig.waiting()
    await board.glance(rig.app, visit)
    read.clear()
    await board.glance(rig.app, visit)
    assert not read
    rig.clock.tick(seconds=board.FRESH / timedelta(seconds=1))
    await board.glance(rig.app, visit)
    assert len(read) == 1


async def test_a_reading_that_failed_is_not_kept(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    _, visit = await rig.waiting()
    rig.app[HUB].publish([FLOOR])
    with monkeypatch.context() as broken, pytest.raises(OSError):
        broken.setattr(entries, "waiting", AsyncMock(side_effect=OSError))
        await board.glance(rig.app, visit)
    assert (await board.glance(rig.app, visit))[0] is not None


async def test_who_does_not_wait_is_not_on_it(rig: Rig) -> None:
    _, _, visit = await rig.consult(KARI)
    assert (await board.glance(rig.app, visit))[0] is None
    assert (await board.glance(rig.app, "another"))[0] is None


async def test_an_open_page_moves_up_by_a_glance(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.app[HUB].pace = Pace(refresh=3_600)  # nothing is rendered unless something happens
    first, _ = await rig.waiting(PER)
    rig.clock.tick(minutes=1)
    patient, visit = await rig.waiting(KARI)
    whole = waiting._seen

    async def seen(request: web.Request, *more: Any) -> Any:
        assert request.match_info["visit"] != visit, "a glance was enough"
        return await whole(request, *more)

    async with await patient.listen(f"/live/visit/{visit}") as socket:
        assert "1 foran deg" in await shown(socket)
        monkeypatch.setattr(waiting, "_seen", seen)
        await first.press("Ja, avbryt timen")
        assert "Du er den neste" in await shown(socket)


async def test_a_page_is_sent_its_place_alone_when_nothing_else_has_changed(rig: Rig) -> None:
    rig.app[HUB].pace = Pace(refresh=3_600)
    first, _ = await rig.waiting(PER)
    rig.clock.tick(minutes=1)
    second, _ = await rig.waiting(INGRID)
    rig.clock.tick(minutes=1)
    patient, visit = await rig.waiting(KARI)
    async with await patient.listen(f"/live/visit/{visit}") as socket:
        whole = await shown(socket)
        await first.press("Ja, avbryt timen")
        part = await sent(socket)
        assert (part["view"], part["part"]) == ("waiting", "place")
        assert "1 foran deg" in part["html"] and part["html"].strip() not in whole
        rig.clock.tick(minutes=1)  # … and now a minute less is left, too
        await second.press("Ja, avbryt timen")
        state = await sent(socket)
        assert "part" not in state and "Du er den neste" in state["html"]


async def test_whose_time_is_up_sees_nothing_by_a_glance_either(rig: Rig) -> None:
    rig.app[HUB].pace = Pace(refresh=3_600)
    patient, visit = await rig.waiting()
    async with await patient.listen(f"/live/visit/{visit}") as socket:
        await shown(socket)
        rig.clock.tick(seconds=WORKDAY.total_seconds())
        rig.app[HUB].publish([FLOOR])
        assert await socket.receive_json(timeout=10) == RELOAD
