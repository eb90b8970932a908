"""A whole house and real browsers for the tests that go the whole way."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.e2e.steps import PATIENCE_MS
from tests.house import House, house
from tests.needs import chromium

FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def home(tmp_path: Path) -> Generator[House]:
    """A demonstration of its own."""
    with house(tmp_path) as built:
        yield built


@pytest.fixture
async def browser() -> AsyncGenerator[Browser]:
    """Headless Chromium with an invented camera and microphone."""
    found = chromium()
    assert found is not None, "Chromium is needed; `make test` says how to get it"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=str(found), args=FLAGS)
        yield started
        await started.close()
