"""Real browsers: headless Chromium, with the devices that a test wants, awake or asleep."""

import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import Browser, async_playwright

from tests.needs import chromium

FLAGS = [
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
SAYS_YES = "--use-fake-ui-for-media-stream"  # whoever is asked for camera and microphone
DEVICES = ["--use-fake-device-for-media-stream", SAYS_YES]
# A camera with a quarter of the usual frames: where a call is only held, they are all it costs.
FEW_FRAMES = ["--use-fake-device-for-media-stream=fps=5", SAYS_YES]
REFUSED = DEVICES[:1]  # without a screen, nobody says yes
NO_CAMERA = ["--use-fake-device-for-media-stream=device-count=0", SAYS_YES]

Browsers = Callable[[Sequence[str]], Awaitable[Browser]]


@asynccontextmanager
async def launched(devices: Iterable[str] = DEVICES) -> AsyncGenerator[Browser]:
    """A browser of its own."""
    found = chromium()
    assert found is not None, "Chromium is needed; `make test` says how to get it"
    async with async_playwright() as playwright:
        flags = [*FLAGS, *devices]
        started = await playwright.chromium.launch(executable_path=str(found), args=flags)
        yield started
        await started.close()


@asynccontextmanager
async def shared() -> AsyncGenerator[Browsers]:
    """Browsers by their devices, each started when it is first asked for."""
    running: dict[tuple[str, ...], Browser] = {}
    async with AsyncExitStack() as stack:

        async def with_devices(devices: Sequence[str]) -> Browser:
            if (key := tuple(devices)) not in running:
                running[key] = await stack.enter_async_context(launched(devices))
            return running[key]

        yield with_devices


@asynccontextmanager
async def asleep(browser: Browser) -> AsyncGenerator[None]:
    """No page of this browser runs, as in a laptop whose lid is closed."""
    session = await browser.new_browser_cdp_session()
    found = await session.send("SystemInfo.getProcessInfo")
    pages = [each["id"] for each in found["processInfo"] if each["type"] == "renderer"]
    for page in pages:
        os.kill(page, signal.SIGSTOP)
    try:
        yield
    finally:
        for page in pages:
            os.kill(page, signal.SIGCONT)
        await session.detach()
