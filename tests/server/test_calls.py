"""The real thing without browsers: sockets, a media worker, and two peers who see each other."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from tests.server.rooms import KEY, PERSONS, VISIT, FakeFloor
from tests.server.service import port_of, taken_port
from venterom.rtc import ticket
from venterom.rtc.peer import Connection, Peer
from venterom.rtc.protocol import Closed
from venterom.rtc.ticket import Ticket
from venterom.server.media import Media
from venterom.server.signaling import Signaling

pytestmark = [pytest.mark.media, pytest.mark.slow]

BACK_WITHIN = 15.0  # seconds until both see each other again after a worker has died (T12)
MET_WITHIN = 60.0  # seconds until the test gives up on the first meeting, on a busy machine


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    """What is ended after the test, last first."""
    async with AsyncExitStack() as opened:
        yield opened


async def meets(peer: Peer, within: float, before: Connection | None = None) -> None:
    """On another connection than before, the other's picture moves, there is sound, and the room
    says so."""
    await peer.until(lambda: peer.connection is not before, within)
    await peer.until(lambda: peer.connection.changes > 5 and peer.connection.loud > 5, within)
    await peer.until(lambda: peer.room is not None and peer.room.state == "talking")


async def is_told(peer: Peer, end: Closed) -> None:
    """The room says that it is over."""
    await peer.until(lambda: peer.ended == end)


async def test_a_call_comes_back_by_itself_when_its_worker_is_killed(
    stack: AsyncExitStack, tmp_path: Path, clock: FakeClock
) -> None:
    taken = taken_port()
    own = f"http://127.0.0.1:{port_of(taken)}"
    logs = stack.enter_context(capture_logs())
    media = Media(tmp_path, workers=1, addresses=["127.0.0.1"])
    floor = FakeFloor()
    signaling = Signaling(
        media=await stack.enter_async_context(media),
        ticket_key=KEY,
        clock=clock,
        observer=floor,
        may_enter=floor.may_enter,
        public_url=own,
    )
    await stack.enter_async_context(signaling)
    app = web.Application()
    app.router.add_get("/visit/{visit}/signal", signaling.handler)
    app.on_shutdown.append(signaling.close_all)
    await stack.enter_async_context(TestServer(app, socket_factory=lambda *_: taken))
    peers = []
    for role, person in PERSONS.items():
        right = Ticket(VISIT, person, role, clock(), clock() + timedelta(hours=1))
        url = f"{own}/visit/{VISIT}/signal"
        peers.append(await stack.enter_async_context(Peer(url, ticket.sign(right, KEY))))

    for peer in peers:
        await meets(peer, MET_WITHIN)
    assert ("talking", VISIT) in floor.told
    before = [peer.connection for peer in peers]

    [worker] = [log["process"] for log in logs if log["event"] == "media_worker_started"]
    os.kill(worker, signal.SIGKILL)
    for peer, old in zip(peers, before, strict=True):
        await meets(peer, BACK_WITHIN, old)

    await signaling.close_room(VISIT, "finished")
    for peer in peers:
        await is_told(peer, Closed("finished"))
    assert {each[0] for each in floor.told} == {"seated", "talking"}  # nobody was given up
