"""Who may have an echo, for how long, and how many at once; connections are a stand-in."""

import asyncio
from collections.abc import Callable

import pytest

from tests.rtc.offers import CHROMIUM
from tests.rtc.test_hall import Line
from venterom.rtc import echoes
from venterom.rtc.echoes import MOST_ECHOES, Echoes
from venterom.rtc.errors import BadOffer, RoomsFull, TooFast
from venterom.rtc.reports import Counters


@pytest.fixture
async def time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the loop's clock on."""
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: real() + ahead[0])

    def move(seconds: float) -> None:
        ahead[0] += seconds

    return move


async def opened(house: Echoes, name: str = "visit") -> Line:
    """An echo whose offer has been answered."""
    answering = asyncio.create_task(house.answer(name, CHROMIUM))
    await asyncio.sleep(0)
    line = Line.made[-1]
    line.answered.set_result("answer")
    assert await answering == "answer"
    return line


async def test_what_is_said_comes_back() -> None:
    house = Echoes(Counters(int), Line)
    line = await opened(house)
    line.connect()
    line.speak()
    assert len(line.sent) == 1
    arrived = house.end("visit")
    assert arrived is not None and arrived.packets == 1


async def test_an_echo_that_has_ended_is_forgotten() -> None:
    house = Echoes(Counters(int), Line)
    line = await opened(house)
    house.end("visit")
    assert line.closed and len(house) == 0
    assert house.end("visit") is None


async def test_a_browser_that_goes_away_ends_its_echo() -> None:
    house = Echoes(Counters(int), Line)
    line = await opened(house)
    line.begin_closing()
    assert len(house) == 0


async def test_an_echo_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echoes, "LIVES", 0.0)
    house = Echoes(Counters(int), Line)
    line = await opened(house)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert line.closed and len(house) == 0


async def test_a_second_one_of_the_same_visit_takes_the_place_of_the_first(
    time: Callable[[float], None],
) -> None:
    house = Echoes(Counters(int), Line)
    first = await opened(house)
    time(1)
    second = await opened(house)
    assert (first.closed, second.closed, len(house)) == (True, False, 1)
    first.begin_closing()  # what it still says changes nothing
    assert len(house) == 1


async def test_a_flood_of_one_visit_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)  # all of it within one second
    house = Echoes(Counters(int), Line)
    await opened(house)
    for _ in range(100):
        with pytest.raises(TooFast):
            await house.answer("visit", "nothing that could be read")
    assert len(house) == 1


async def test_there_is_room_for_so_many_and_no_more(time: Callable[[float], None]) -> None:
    house = Echoes(Counters(int), Line)
    for number in range(MOST_ECHOES):
        await opened(house, f"visit-{number}")
    time(1)
    with pytest.raises(RoomsFull):
        await house.answer("one more", CHROMIUM)
    await opened(house, "visit-0")  # who has one may begin anew
    house.end("visit-1")
    time(1)
    await opened(house, "one more")
    house.end_all()
    assert len(house) == 0


async def test_a_bad_offer_leaves_nothing_open(time: Callable[[float], None]) -> None:
    counters = Counters(int)
    house = Echoes(counters, Line)
    with pytest.raises(BadOffer):
        await house.answer("visit", "v=0")
    time(1)
    answering = asyncio.create_task(house.answer("visit", CHROMIUM))
    await asyncio.sleep(0)
    Line.made[-1].answered.set_exception(RuntimeError())
    with pytest.raises(BadOffer):
        await answering
    assert len(house) == 0 and counters["offer_failed"] == 1
