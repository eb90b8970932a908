"""A media worker that the live tests of a module share, and a room of it for each of them."""

import asyncio
import re
from collections.abc import AsyncGenerator, Generator

import aioice.ice
import pytest

from tests.rtc import live


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Generator[live.Process]:
    """A media process on loopback. At the end all is well with it, and it has written nothing."""
    with live.process(tmp_path_factory.mktemp("media")) as running:
        yield running
        asyncio.run(live.at_the_end(running))
        assert running.stop() == 0
        assert running.log == ""


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The people of the tests bind loopback only."""

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(aioice.ice, "get_host_addresses", addresses)


@pytest.fixture
async def room(
    worker: live.Process, request: pytest.FixtureRequest, loopback: None
) -> AsyncGenerator[live.Room]:
    """A room of its own for each test."""
    name = re.sub(r"\W+", "-", request.node.name)
    async with live.opened(worker, name) as opened:
        yield opened
