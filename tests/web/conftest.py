"""What every test of a page may ask for: the whole service, as it is at noon."""

import asyncio
import re
import shutil
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from pytest_aiohttp import AiohttpClient
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import FakeClock, Statements
from tests.web import rig as house
from tests.web.beginnings import REPLACED, Kept, Trail, Way, watched
from tests.web.rig import Rig
from venterom.server.app import build
from venterom.server.db import make_engine
from venterom.web import pages
from venterom.web.pages import Pages


@pytest.fixture(scope="session")
def invented_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and databases with everybody in them, made once for the run."""
    files = tmp_path_factory.mktemp("world")
    with ThreadPoolExecutor(1) as aside:  # away from the loops of the tests
        aside.submit(asyncio.run, house.make_world(files)).result()
    return files


@pytest.fixture(scope="session")
def templates() -> Pages:
    """Every page, compiled once for the run."""
    return pages.environments(pages.read_static())


def hasty_engine(statements: Statements, url: str) -> AsyncEngine:
    """The service's own engine, but for waiting until the disk has everything: no test pulls the
    plug here."""
    engine = make_engine(url)
    event.listen(engine.sync_engine, "connect", _do_not_wait)
    return engine.execution_options(compiled_cache=statements)


def _do_not_wait(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()


@pytest.fixture(scope="session")
def ports() -> Generator[tuple[int, int]]:
    """Where the service and its identity provider are: in each test of the run at the same places,
    so that a beginning can be taken up in another."""
    with house.reserved() as own, house.reserved() as other:
        yield own, other


@pytest.fixture(scope="session")
def kept() -> Generator[dict[Way, Kept]]:
    """The beginnings that were walked in this run."""
    kept: dict[Way, Kept] = {}
    yield kept
    for copy in (copy for each in kept.values() for copy in each.databases):
        copy.close()


@pytest.fixture
def more_settings() -> dict[str, object]:
    """Settings that differ from the demonstration's own; a test module may say which."""
    return {}


@pytest.fixture
async def rig(
    request: pytest.FixtureRequest,
    invented_world: Path,
    tmp_path: Path,
    clock: FakeClock,
    aiohttp_client: AiohttpClient,
    more_settings: dict[str, object],
    templates: Pages,
    compiled_statements: dict[str, Statements],
    ports: tuple[int, int],
    kept: dict[Way, Kept],
) -> AsyncGenerator[Rig]:
    """The service with a world of its own, its identity provider, and no browser yet."""
    shutil.copytree(invented_world, tmp_path, dirs_exist_ok=True)
    own, other = (house.listening(port) for port in ports)
    url, provider_url = house.address(own), house.address(other)
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("venterom.server.app.every", house.by_hand)
        patch.setattr("venterom.web.pages.environments", lambda _static: templates)
        engine = partial(hasty_engine, compiled_statements["sqlite"])
        patch.setattr("venterom.server.app.make_engine", engine)
        app = build(house.settings(tmp_path, url, ports[1], **more_settings), clock)
        server = TestServer(app, socket_factory=lambda *_: own)
        trail = None
        if not REPLACED & {*request.fixturenames}:
            files = [tmp_path / "care.db", tmp_path / "epj.db"]
            trail = Trail(kept, stack.enter_context(watched(files)))
            app.on_response_prepare.append(trail.count)
        await aiohttp_client(server)
        stand_ins = await stack.enter_async_context(house.provider(app, clock, other))
        rig = Rig(app, clock, url, provider_url, stack, stand_ins, trail)
        if trail is not None:
            trail.stand(rig, (_without_places(more_settings, tmp_path),))
        yield rig


def _without_places(settings: dict[str, object], files: Path) -> str:
    """What is set, but for where in this test others answer and files lie."""
    without_files = str(settings).replace(str(files), "here")
    return re.sub(r"http://127\.0\.0\.1:\d+", "there", without_files)
