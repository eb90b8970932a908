"""The states that one visit does not come to (late, closed, not covered, eight who wait): rendered
from the showcase and served to a real browser without a service. Their scripts do not run."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Route

from tests.e2e.eye import DESK, PHONE, Eye
from tests.web.showcase.pages import PAGES
from venterom.server.demo.identity import TEMPLATES
from venterom.web.pages import HERE

ADDRESS = "http://127.0.0.1:9"  # nothing is there: every request is answered below
FOR_DESKS = ("doctor/", "insurer/", "director/")
STYLES = {
    "app.css": HERE / "static/css/app.css",
    "demonstration.css": TEMPLATES / "demonstration.css",
}


async def answer(route: Route) -> None:
    """A page by its name in the showcase, a stylesheet, or nothing."""
    name = Path(urlsplit(route.request.url).path).name
    if name in STYLES:
        text = STYLES[name].read_text(encoding="utf-8")
        await route.fulfill(body=text, content_type="text/css")
    elif name in PAGES:
        page = PAGES[name].render("nb")
        await route.fulfill(body=page, content_type="text/html; charset=utf-8")
    else:
        await route.fulfill(body="", content_type="text/javascript")


async def go_through(browser: Browser) -> Eye:
    """Each state once."""
    eye = Eye(frozenset({urlsplit(ADDRESS).netloc}))
    page = await browser.new_page(reduced_motion="reduce")
    await page.route("**/*", answer)
    for name, state in PAGES.items():
        await page.set_viewport_size(DESK if state.template.startswith(FOR_DESKS) else PHONE)
        await page.goto(f"{ADDRESS}/{name}")
        await eye.glance(page, f"state-{name}")
    return eye
