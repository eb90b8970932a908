"""The states that one visit does not come to (late, closed, not covered, eight who wait): rendered
from the showcase and served to a real browser without the service. Their scripts do not run."""

from aiohttp import web
from aiohttp.test_utils import TestServer
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.async_api import Browser

from tests.e2e.eye import DESK, PHONE, Eye
from tests.web.showcase.pages import PAGES
from venterom.server.demo.identity import TEMPLATES
from venterom.web.pages import HERE

FOR_DESKS = ("doctor/", "insurer/", "director/")
STYLES = {
    "app.css": HERE / "static/css/app.css",
    "demonstration.css": TEMPLATES / "demonstration.css",
}
# What all pages have in common is asked for once: three hundred pages want it.
KEPT = {"Cache-Control": "max-age=3600"}


async def answer(request: web.Request) -> web.Response:
    """A stylesheet by its name, an empty page, or an empty script."""
    name = request.path.rpartition("/")[2]
    if name in STYLES:
        text = STYLES[name].read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/css", headers=KEPT)
    kind = "text/javascript" if name else "text/html"
    return web.Response(content_type=kind, headers=KEPT)


async def go_through(browser: Browser) -> Eye:
    """Each state once, all at one address: axe is read by the browser once, not for each page."""
    house = web.Application()
    house.router.add_get("/{name:.*}", answer)
    async with TestServer(house) as server:
        eye = Eye(frozenset({server.make_url("/").authority}))
        page = await browser.new_page(reduced_motion="reduce")
        eye.watch(page)
        await page.goto(f"{server.make_url('/')}")
        await page.evaluate(AXE_SCRIPT)
        for name, state in PAGES.items():
            await page.set_viewport_size(DESK if state.template.startswith(FOR_DESKS) else PHONE)
            await page.set_content(state.render("nb"))
            await eye.glance(page, f"state-{name}")
    return eye
