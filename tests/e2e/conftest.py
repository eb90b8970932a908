"""A whole house and a real browser for the tests that go the whole way."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import launched
from tests.e2e.steps import PATIENCE_MS
from tests.house import House, house

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def home(tmp_path: Path) -> Generator[House]:
    """A demonstration of its own."""
    with house(tmp_path) as built:
        yield built


@pytest.fixture
async def browser() -> AsyncGenerator[Browser]:
    """A browser with an invented camera and microphone."""
    async with launched() as started:
        yield started
