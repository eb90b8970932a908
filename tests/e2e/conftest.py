"""A whole house and a real browser for the tests that go the whole way.

Both are shared by all of them, and each leaves nobody waiting behind. A module that kills its house
or counts all that lies in it has one of its own. They say `pytestmark = WHOLE_WAY`, since a browser
cannot leave the event loop that it was started in.
"""

from collections.abc import AsyncGenerator, Generator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.browsers import DEVICES, Browsers, shared
from tests.e2e.steps import PATIENCE_MS
from tests.house import House, house

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """A demonstration."""
    with house(tmp_path_factory.mktemp("house")) as built:
        yield built


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers() -> AsyncGenerator[Browsers]:
    """Those that the tests share."""
    async with shared() as by_devices:
        yield by_devices


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(request: pytest.FixtureRequest, browsers: Browsers) -> AsyncGenerator[Browser]:
    """A browser with an invented camera and microphone; a module may have its OWN_DEVICES. Nothing
    that a test has left open there is there for the next module."""
    found = await browsers(getattr(request.module, "OWN_DEVICES", DEVICES))
    yield found
    for context in found.contexts:
        await context.close()
