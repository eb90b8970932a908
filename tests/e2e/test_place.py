"""Who moves up in line sees it and hears it at once, and nothing else of the page is touched."""

from playwright.async_api import Browser, expect

from tests.e2e.steps import WHOLE_WAY, queued, waiting
from tests.house import House

pytestmark = WHOLE_WAY


async def test_who_moves_up_sees_and_hears_it(home: House, browser: Browser) -> None:
    async with waiting(browser, home, 1) as (page, _), queued(home, 0) as (visit, first):
        await expect(page.get_by_text("Du er den neste", exact=True)).to_be_visible()
        await first.say("POST", f"{visit}/leave")
    async with queued(home, 0) as (visit, first), waiting(browser, home, 1) as (page, _):
        await expect(page.get_by_text("1 foran deg", exact=True)).to_be_visible()
        place = page.locator("[data-part=place]")
        await place.evaluate("element => { element.title = 'the same' }")
        await first.say("POST", f"{visit}/leave")
        await expect(page.get_by_text("Du er den neste", exact=True)).to_be_visible()
        await expect(page.locator("#said")).to_have_text("Du er den neste.")
        assert await place.get_attribute("title") == "the same"
