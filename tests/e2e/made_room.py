"""Pages and a room that are made of nothing but their messages, to try who shares keys."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.e2e.modules import modules, run

SETTING = (Path(__file__).parent / "made_room.js").read_text(encoding="utf-8")
PAIR = """
    const patient = room.enter('patient'), doctor = room.enter('doctor');
    await quiet();
"""


@asynccontextmanager
async def stage(browser: Browser) -> AsyncGenerator[Page]:
    """Where the modules run, with a clock that only the test moves."""
    async with modules(browser) as opened:
        await opened.clock.install()
        await opened.clock.pause_at(10_000_000_000)
        await opened.expose_function("wait", opened.clock.run_for)
        yield opened


async def play(page: Page, body: str, given: Any = None) -> Any:
    """What comes of it."""
    return await run(page, SETTING + body, given)
