"""Registers that insurers keep: asked over mutual TLS, believed for a while, left alone when they
fail. The stand-in is ours and strict: it answers what the contract says, to whom it knows."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.queue.coverage.certificates import Authority
from tests.queue.coverage.test_policies import POLICY
from venterom.queue.coverage import outside
from venterom.queue.coverage.breaker import FAILURES, REST
from venterom.queue.coverage.errors import RegisterUnreachable
from venterom.queue.coverage.outside import (
    CACHED_NONE_S,
    CACHED_S,
    OutsideRegister,
    Outward,
)

pytestmark = pytest.mark.adapter
BORN = POLICY.holder_birth_date
NUMBER = POLICY.number


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class StandIn:
    """The other side: it knows one policy, and checks all of a question."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answer: Callable[[web.Request], web.StreamResponse] | None = None
        self.hangs: asyncio.Event | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """POST: what the contract says."""
        assert request.content_type == "application/json" and not request.cookies
        assert request.transport is not None and request.transport.get_extra_info("peercert")
        body = await request.json()
        assert set(body) == {"request", "number", "birth_date"} and len(body["request"]) >= 22
        self.asked.append((body["number"], body["birth_date"]))
        if self.hangs is not None:
            await self.hangs.wait()
        if self.answer is not None:
            return self.answer(request)
        policy = {
            "number": NUMBER,
            "product": "Health",
            "valid_from": "2026-01-01",
            "valid_until": "2026-12-31",
            "covers_children": True,
        }
        known = (body["number"], body["birth_date"]) == (NUMBER, BORN.isoformat())
        return web.json_response({"request": body["request"], "policy": policy if known else None})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for both sides."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def serving(there: StandIn, authority: Authority) -> AsyncGenerator[str]:
    """The stand-in behind TLS that asks for a certificate; its address."""
    app = web.Application()
    app.router.add_post("/policy", there.handle)
    app.router.add_post("/elsewhere", there.handle)
    server = TestServer(app, scheme="https", host="127.0.0.1")
    await server.start_server(ssl=authority.server())
    yield f"https://127.0.0.1:{server.port}/policy"
    await server.close()


@pytest.fixture
def there() -> StandIn:
    """The other side."""
    return StandIn()


@pytest.fixture
def ticks() -> Ticks:
    """The time on the line."""
    return Ticks()


@pytest.fixture
async def register(
    there: StandIn, ticks: Ticks, authority: Authority
) -> AsyncGenerator[OutsideRegister]:
    """Ours, that asks the stand-in."""
    async with serving(there, authority) as url, ClientSession() as http:
        yield OutsideRegister("fjord", "AB-", url, http, authority.client("venterom"), ticks)


async def misses(register: OutsideRegister, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(RegisterUnreachable):
            await register.find(NUMBER, BORN)


async def test_a_policy_is_asked_for_by_number_and_birth_date(
    register: OutsideRegister, there: StandIn
) -> None:
    assert await register.find(NUMBER, BORN) == POLICY
    assert await register.find(NUMBER, date(1990, 1, 1)) is None  # somebody else's
    assert there.asked == [(NUMBER, "1980-05-01"), (NUMBER, "1990-01-01")]


async def test_an_answer_is_believed_for_a_while(
    register: OutsideRegister, there: StandIn, ticks: Ticks
) -> None:
    for number, lives in ((NUMBER, CACHED_S), ("AB-000000", CACHED_NONE_S)):
        there.asked.clear()
        for passes, asked in ((0.0, 1), (lives - 1, 1), (1.0, 2)):
            ticks.now += passes
            await register.find(number, BORN)
            assert len(there.asked) == asked


async def test_no_more_is_remembered_than_there_is_room_for(
    register: OutsideRegister, there: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "MOST_CACHED", 2)
    for number in ("AB-000001", "AB-000002", "AB-000003", "AB-000003", "AB-000001"):
        await register.find(number, BORN)
    assert [number[-1] for number, _ in there.asked] == ["1", "2", "3", "1"]


async def test_after_some_failures_it_is_left_alone_and_then_tried_once(
    register: OutsideRegister, there: StandIn, ticks: Ticks
) -> None:
    there.answer = lambda _request: web.Response(status=503)
    await misses(register, FAILURES + 5)
    assert len(there.asked) == FAILURES
    ticks.now += REST
    await misses(register, 3)
    assert len(there.asked) == FAILURES + 1
    ticks.now += 2 * REST
    there.answer = None
    assert await register.find(NUMBER, BORN) == POLICY


async def test_only_one_is_out_while_a_line_is_being_tried(
    register: OutsideRegister, there: StandIn, ticks: Ticks
) -> None:
    there.answer = lambda _request: web.Response(status=503)
    await misses(register, FAILURES)
    ticks.now += REST
    there.answer, there.hangs = None, asyncio.Event()
    first = asyncio.create_task(register.find(NUMBER, BORN))
    while len(there.asked) == FAILURES:
        await asyncio.sleep(0)
    await misses(register, 5)
    there.hangs.set()
    assert await first == POLICY


async def test_one_that_takes_too_long_is_out_of_reach(
    register: OutsideRegister, there: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "TIMEOUT", 0.05)
    there.hangs = asyncio.Event()
    await misses(register)
    there.hangs.set()


ANSWERS: dict[str, Callable[[web.Request], web.StreamResponse]] = {
    "elsewhere": lambda request: web.Response(
        status=307, headers={"Location": str(request.url.with_path("/elsewhere"))}
    ),
    "too much": lambda _request: web.Response(body=b" " * 100_000),
    "nonsense": lambda _request: web.Response(text="<html>"),
    "another question's": lambda _request: web.json_response({"request": "r", "policy": None}),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_is_no_answer_is_not_believed_or_followed(
    register: OutsideRegister, there: StandIn, name: str
) -> None:
    there.answer = ANSWERS[name]
    await misses(register)
    assert len(there.asked) == 1


async def test_a_small_answer_that_unpacks_to_a_big_one_is_refused(
    register: OutsideRegister, there: StandIn
) -> None:
    def packed(_request: web.Request) -> web.StreamResponse:
        answer = web.Response(body=b" " * 10_000_000)
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    there.answer = packed
    await misses(register)


async def test_both_sides_show_who_they_are(
    there: StandIn, ticks: Ticks, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path)
    without = authority.client("venterom", shows=False)
    contexts: dict[str, ssl.SSLContext] = {
        "we show nothing": without,
        "we are vouched for by somebody else": authority.client("venterom", by=stranger),
        "they are vouched for by somebody else": stranger.client("venterom"),
    }
    async with serving(there, authority) as url, ClientSession() as http:
        for why, tls in contexts.items():
            register = OutsideRegister("fjord", "AB-", url, http, tls, ticks)
            with pytest.raises(RegisterUnreachable):
                await register.find(NUMBER, BORN)
            assert there.asked == [], why


async def test_nobody_there_is_out_of_reach(ticks: Ticks, authority: Authority) -> None:
    async with ClientSession() as http:
        tls = authority.client("venterom")
        register = OutsideRegister("fjord", "AB-", "https://127.0.0.1:1/", http, tls, ticks)
        await misses(register)


# ---- which of several


def kept(prefix: str, register: OutsideRegister) -> OutsideRegister:
    return OutsideRegister(
        f"of {prefix}", prefix, register._url, register._http, register._tls, Ticks()
    )


async def test_a_number_is_asked_for_where_it_begins_as_theirs_do(
    register: OutsideRegister,
) -> None:
    outward = Outward([kept("NF-", register), kept("NF-9", register), register])
    for typed, whose in {
        "AB-123456": "fjord",
        " ab-123 456": "fjord",  # as people type it
        "NF-123456": "of NF-",
        "NF-923456": "of NF-9",  # the longest beginning
        "FJ-123456": None,
        "AB-": None,  # no number
        "my knee hurts": None,
    }.items():
        keeper = outward.keeper(typed)
        assert (keeper.insurer if keeper else None) == whose, typed


async def test_no_more_is_asked_than_is_needed(register: OutsideRegister, there: StandIn) -> None:
    child, outward = date(2016, 1, 1), Outward([register])
    answered = await outward.ask(NUMBER, (BORN, child))
    assert answered is not None and await answered.find(NUMBER, BORN) == POLICY
    assert there.asked == [
        (NUMBER, BORN.isoformat())
    ]  # it is the parent's: not a word of the child
    with pytest.raises(RegisterUnreachable):
        await answered.find(NUMBER, child)
    answered = await outward.ask("AB-000000", (BORN, None, child))
    assert answered is not None and await answered.find("AB-000000", child) is None
    assert await outward.ask("FJ-123456", (BORN,)) is None  # in our own register
    assert len(there.asked) == 3


async def test_out_of_reach_is_an_answer_too(register: OutsideRegister, there: StandIn) -> None:
    there.answer = lambda _request: web.Response(status=500)
    answered = await Outward([register]).ask(NUMBER, (BORN, date(2016, 1, 1)))
    assert answered is not None and len(there.asked) == 1
    with pytest.raises(RegisterUnreachable):
        await answered.find(NUMBER, BORN)
