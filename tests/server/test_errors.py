"""What the other side hears when something is refused or fails, and what the log does."""

import inspect
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from tests.server.service import Client, service
from venterom.journal import errors as record
from venterom.queue import errors as waiting_room
from venterom.server import errors
from venterom.server.errors import (
    NOT_HERE,
    OUT_OF_ORDER,
    SIGN_IN_AGAIN,
    TABLE,
    TOO_SOON_OVER,
    UNHANDLED,
    Answer,
    answer_to,
)
from venterom.web.identity import errors as identity

VISIT = "Iu6FuiW-unLQ6b2bqyxdug"
WORDS = "Vondt i halsen"  # what a patient wrote

# Nothing here may tell whether a visit exists and is another's.
NEUTRAL = [
    identity.NotYours,
    record.NoSuchVisit,
    record.MayNotRead,
    waiting_room.UnknownVisit,
    waiting_room.NotYours,
]
# Not a person's doing, so a number to quote and nothing else.
FAULTS = [
    record.BadSignature,
    record.BadKey,
    record.UnsafeBackend,
    record.Unreadable,
    record.UnknownText,
    identity.IdentityUnreadable,
    identity.InsecureAddress,
    RuntimeError,
    KeyError,
    AssertionError,
]
OWN_WORDS = {
    record.Gone: 410,
    identity.LinkUnknown: 404,
    identity.LinkExpired: 410,
    identity.LinkForOther: 403,
    identity.LinkFinished: 410,
    identity.InvitationOver: 410,
    identity.NotAuthorised: 403,
    identity.NotInHpr: 403,
    identity.HprUnchecked: 503,
    waiting_room.AlreadyWaiting: 409,
    waiting_room.TooLateToMove: 409,
    waiting_room.BadKey: 400,
    waiting_room.KeyReused: 422,
}


def classes(*modules: ModuleType) -> Iterator[type[Exception]]:
    """Every error that these modules define."""
    for module in modules:
        for _name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and kind.__module__ == module.__name__:
                yield kind


def made(kind: type[Exception]) -> Exception:
    """One of these, with something in it that nobody may see."""
    if kind in (record.BadNote, record.BadPaper, record.BadPhrase):
        return kind({"reason": WORDS})
    return kind(WORDS)


def expected(kind: type[Exception]) -> Answer:
    """What this error's family is told, unless it has words of its own."""
    if kind in NEUTRAL:
        return NOT_HERE
    if kind in FAULTS:
        return UNHANDLED
    if kind is identity.ProviderUnreachable:
        return OUT_OF_ORDER
    return SIGN_IN_AGAIN if issubclass(kind, identity.IdentityError) else TOO_SOON_OVER


ALL = [*classes(record, waiting_room, identity), RuntimeError, KeyError, AssertionError]


@pytest.mark.parametrize("kind", ALL)
def test_each_error_has_its_answer(kind: type[Exception]) -> None:
    answer = answer_to(made(kind))
    if kind in OWN_WORDS:
        assert (answer, answer.status) == (TABLE[kind], OWN_WORDS[kind])
    else:
        assert answer is expected(kind)


def test_whoever_asks_for_nothing_and_for_anothers_hears_the_same() -> None:
    assert len({answer_to(made(kind)) for kind in NEUTRAL}) == 1


@pytest.mark.parametrize("answer", {*TABLE.values(), *errors.STATUSES.values(), UNHANDLED})
def test_an_answer_says_what_happened_and_what_to_do_next(answer: Answer) -> None:
    assert 400 <= answer.status <= 599
    assert answer.title and answer.text and answer.next_text
    assert answer.next_url.startswith("/") and not answer.next_url.startswith("//")
    assert "!" not in answer.title + answer.text


# ---- as pages


def _prepare(app: web.Application) -> None:
    kinds = {kind.__name__: kind for kind in [*classes(record, waiting_room), *classes(identity)]}
    kinds["RuntimeError"] = RuntimeError

    async def fail(request: web.Request) -> web.Response:
        kind = kinds[request.query["why"]]
        raise RuntimeError(WORDS) if kind is RuntimeError else made(kind)

    app.router.add_get("/fail/{visit}", fail)


@pytest.fixture
async def client(tmp_path: Path, clock: FakeClock) -> AsyncGenerator[Client]:
    """A browser that nobody has signed in with, and pages that fail."""
    async with service(tmp_path, clock, _prepare) as started:
        yield started


async def text_of(client: Client, path: str, status: int) -> str:
    """A page for a person with a next step, and none of what only we may know."""
    answer = await client.get(path)
    text = await answer.text()
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert '<a class="btn main big" href="/' in text
    for hidden in (WORDS, "Traceback", "Error", "aiohttp", "Python", ".py"):
        assert hidden not in text
    return text


async def test_what_fails_gives_a_number_to_quote_and_no_detail(client: Client) -> None:
    with capture_logs() as logs:
        text = await text_of(client, f"/fail/{VISIT}?why=RuntimeError", 500)
    [line] = logs
    assert (line["event"], line["code"], line["log_level"]) == ("failed", "RuntimeError", "error")
    assert re.fullmatch("[0-9a-f]{8}", line["number"]) and line["number"] in text
    assert line["route"] == "/fail/{visit}"  # the address holds an id
    assert line["exc_info"]
    assert VISIT not in str({**line, "exc_info": None})


async def test_each_failure_has_a_number_of_its_own(client: Client) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            await client.get(f"/fail/{VISIT}?why=RuntimeError")
    assert len({line["number"] for line in logs}) == 3


@pytest.mark.parametrize(
    ("name", "status", "level"),
    [
        ("NotYours", 404, "warning"),
        ("NoSuchVisit", 404, "warning"),
        ("LinkForOther", 403, "warning"),
        ("LinkExpired", 410, "info"),
        ("SlotTaken", 409, "info"),
        ("VisitClosed", 409, "info"),
        ("SignInExpired", 403, "info"),
        ("ProviderUnreachable", 503, "warning"),
    ],
)
async def test_what_is_refused_is_a_line_with_its_code_and_no_number(
    name: str, status: int, level: str, client: Client
) -> None:
    with capture_logs() as logs:
        text = await text_of(client, f"/fail/{VISIT}?why={name}", status)
    [line] = logs
    assert (line["event"], line["code"], line["log_level"], line["number"]) == (
        "refused",
        name,
        level,
        "",
    )
    assert VISIT not in str(line) and name not in text


async def test_not_yours_and_not_there_are_the_same_page(client: Client) -> None:
    pages = {await text_of(client, f"/fail/{VISIT}?why={kind.__name__}", 404) for kind in NEUTRAL}
    assert len(pages) == 1


async def test_an_address_that_is_none_gets_the_page_too(client: Client) -> None:
    await text_of(client, "/nowhere", 404)


async def test_a_method_that_a_page_has_not_is_told_which_it_has(client: Client) -> None:
    answer = await client.options("/start")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
    assert '<a class="btn main big"' in await answer.text()


async def test_a_page_that_sends_on_is_no_error(client: Client) -> None:
    with capture_logs() as logs:
        answer = await client.get("/start", allow_redirects=False)
    assert (answer.status, logs) == (303, [])
