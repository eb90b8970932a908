"""A whole house and a real browser for the tests that go the whole way.

Both are shared by the tests of a module, which leave nobody waiting behind. Such a module says
`pytestmark = WHOLE_WAY`, since a browser cannot leave the event loop that it was started in.
"""

from collections.abc import AsyncGenerator, Generator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.browsers import DEVICES, launched
from tests.e2e.steps import PATIENCE_MS
from tests.house import House, house

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """A demonstration."""
    with house(tmp_path_factory.mktemp("house")) as built:
        yield built


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(request: pytest.FixtureRequest) -> AsyncGenerator[Browser]:
    """A browser with an invented camera and microphone; a module may have its OWN_DEVICES."""
    async with launched(getattr(request.module, "OWN_DEVICES", DEVICES)) as started:
        yield started
