"""The browser's modules by themselves: a page without a service, in which a test runs them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Route

from venterom.web.pages import HERE

ADDRESS = "http://127.0.0.1:9"  # nothing is there: every request is answered below
NAMES = ("bytes", "chat", "exchange", "keyring", "secrecy", "sframe", "words")
# Bytes cross as hexadecimal digits, and numbers of 64 bits as text.
HELPERS = """
    const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const baseOf = (text) =>
        crypto.subtle.importKey('raw', unhex(text), 'HKDF', false, ['deriveBits', 'deriveKey']);
"""


async def _answer(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path.startswith("/js/"):
        text = (HERE / "static" / path[1:]).read_text(encoding="utf-8")
        await route.fulfill(body=text, content_type="text/javascript")
    else:
        await route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html")


@asynccontextmanager
async def modules(browser: Browser) -> AsyncGenerator[Page]:
    """A page that can run them."""
    page = await browser.new_page()
    await page.route("**/*", _answer)
    await page.goto(ADDRESS)
    yield page
    await page.close()


async def run(page: Page, body: str, given: Any = None) -> Any:
    """What this JavaScript returns; it has `given`, the modules by their names, and the helpers."""
    imports = "".join(f"const {name} = await import('/js/e2ee/{name}.js');" for name in NAMES)
    return await page.evaluate(f"async (given) => {{ {imports} {HELPERS} {body} }}", given)
