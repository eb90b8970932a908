"""Who gets an echo: whoever shows a valid ticket of their own visit, and nobody else."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from tests.conftest import FakeClock
from tests.server.rooms import KEY, PATIENT, VISIT, FakeFloor
from venterom.rtc import ticket
from venterom.rtc.echo import Arrived
from venterom.rtc.errors import (
    BadOffer,
    BadReport,
    MediaUnavailable,
    RoomsFull,
    RtcError,
    TooFast,
)
from venterom.rtc.ticket import Role, Ticket
from venterom.server.echoes import Echoes
from venterom.server.media import Media


class FakeMedia(Media):
    """Stands in for the media workers."""

    def __init__(self) -> None:
        super().__init__(Path(), workers=0, addresses=())
        self.asked: list[tuple[str, ...]] = []
        self.refuses: RtcError | None = None
        self.arrived: Arrived | None = Arrived(500, 2, 640)

    async def echo(self, name: str, sdp: str) -> str:
        """An answer, or the refusal that the test has chosen."""
        self.asked.append(("echo", name, sdp))
        if self.refuses:
            raise self.refuses
        return "v=0 answer"

    async def end_echo(self, name: str) -> Arrived | None:
        """What the test says."""
        self.asked.append(("end", name))
        if self.refuses:
            raise self.refuses
        return self.arrived


class Rig:
    """The door, and somebody in front of it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.media = FakeMedia()
        self.floor = FakeFloor()

    async def open(self, stack: AsyncExitStack) -> None:
        """Let people come."""
        door = Echoes(
            media=self.media, ticket_key=KEY, clock=self.clock, may_enter=self.floor.may_enter
        )
        app = web.Application()
        app.router.add_post("/visit/{visit}/echo", door.begin)
        app.router.add_delete("/visit/{visit}/echo", door.end)
        self.client = await stack.enter_async_context(TestClient(TestServer(app)))

    def ticket(self, **changes: object) -> str:
        """The patient's, from now and for an hour."""
        now = self.clock()
        fields = {"visit": VISIT, "person": PATIENT, "role": Role.PATIENT, "not_before": now}
        fields |= {"expires": now + timedelta(hours=1), **changes}
        return ticket.sign(Ticket(**fields), KEY)  # type: ignore[arg-type]  # real fields

    async def ask(
        self, method: str, shown: str | None = None, body: bytes = b"v=0", visit: str = VISIT
    ) -> ClientResponse:
        """One request with this ticket."""
        headers = {"Authorization": f"Bearer {self.ticket() if shown is None else shown}"}
        path = f"/visit/{visit}/echo"
        return await self.client.request(method, path, headers=headers, data=body)


@pytest.fixture
async def rig(clock: FakeClock) -> AsyncGenerator[Rig]:
    """A door that is open."""
    async with AsyncExitStack() as stack:
        built = Rig(clock)
        await built.open(stack)
        yield built


async def test_an_offer_is_answered(rig: Rig) -> None:
    answer = await rig.ask("POST")
    assert (answer.status, await answer.text()) == (201, "v=0 answer")
    assert answer.content_type == "application/sdp"
    assert rig.media.asked == [("echo", f"{VISIT}-patient", "v=0")]


async def test_at_the_end_it_is_said_what_arrived(rig: Rig) -> None:
    answer = await rig.ask("DELETE")
    assert await answer.json() == {"packets": 500, "lost": 2, "kbit": 640}
    rig.media.arrived = None
    answer = await rig.ask("DELETE")
    assert (answer.status, await answer.json()) == (200, {})


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_ticket_opens_its_own_visit_at_its_own_time(rig: Rig, method: str) -> None:
    now = rig.clock()
    refused = {
        "TicketForOtherVisit": rig.ticket(visit="visit-2"),
        "TicketExpired": rig.ticket(expires=now),
        "TicketTooEarly": rig.ticket(not_before=now + timedelta(seconds=1)),
        "TicketAltered": rig.ticket()[:-2] + "xx",
        "NotAdmitted": rig.ticket(person="somebody else"),
    }
    for code, shown in refused.items():
        answer = await rig.ask(method, shown)
        assert (answer.status, await answer.json()) == (403, {"code": code})
    assert (await rig.ask(method, "")).status == 403
    assert (await rig.ask(method, visit="visit-2")).status == 403
    assert rig.media.asked == []


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_without_a_ticket_nobody_gets_an_echo(rig: Rig, method: str) -> None:
    async with ClientSession() as http:
        answer = await http.request(method, rig.client.make_url(f"/visit/{VISIT}/echo"))
    assert answer.status == 403 and rig.media.asked == []


async def test_a_visit_that_is_over_has_no_echo(rig: Rig) -> None:
    rig.floor.open_to.clear()
    assert (await rig.ask("POST")).status == 403


@pytest.mark.parametrize(
    "body", [b"", b"a" * (32 * 1024 + 1), "blåbær".encode(), b"\xff\xfe"], ids=len
)
async def test_what_is_no_offer_is_refused(rig: Rig, body: bytes) -> None:
    rig.media.refuses = BadOffer()
    answer = await rig.ask("POST", body=body)
    assert (answer.status, await answer.json()) == (400, {"code": "BadOffer"})
    assert all(len(asked[-1]) <= 32 * 1024 and asked[-1].isascii() for asked in rig.media.asked)


@pytest.mark.parametrize(
    ("error", "status"),
    [(TooFast(), 429), (RoomsFull(), 503), (MediaUnavailable(), 503), (BadReport(), 503)],
)
async def test_what_media_refuses_has_a_status(rig: Rig, error: RtcError, status: int) -> None:
    rig.media.refuses = error
    for method in ("POST", "DELETE"):
        answer = await rig.ask(method)
        assert (answer.status, await answer.json()) == (status, {"code": error.code})
