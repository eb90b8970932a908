"""What was typed when the sign-in was too old is there again after a new one, in a real browser."""

from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from tests.e2e.steps import WHOLE_WAY, desk, everybody, sign_in
from tests.house import House
from venterom.server import config, reading
from venterom.server.clock import utcnow
from venterom.server.db import make_engine
from venterom.web.fresh import WITHIN
from venterom.web.identity.tables import SessionRow

pytestmark = WHOLE_WAY

STAFF = "/director/staff"
NUMBER, COMPANY = "24820199912", "Fjellprøve Forsikring"


async def grow_old(home: House) -> None:
    """Nobody has signed in lately any more."""
    settings = reading.load(None, home.environment)
    engine = make_engine(config.database_url(settings.database))
    async with engine.begin() as connection:
        await connection.execute(update(SessionRow).values(proved=utcnow() - WITHIN))
    await engine.dispose()


async def filled(page: Page) -> None:
    """The form holds what was typed and chosen."""
    await expect(page.get_by_label("Fødselsnummer")).to_have_value(NUMBER)
    await expect(page.get_by_role("textbox", name="Selskap")).to_have_value(COMPANY)
    await expect(page.locator("input[name=role][value=insurer]")).to_be_checked()
    await expect(page.locator("input[name=lasts][value=month]")).to_be_checked()


async def test_what_was_typed_is_brought_back_once_and_sent_by_a_person(
    home: House, browser: Browser
) -> None:
    name = everybody().directors[0].who.name
    context = await desk(browser)
    page = await context.new_page()
    await page.goto(home.url + STAFF)
    await sign_in(page, name)
    await page.get_by_label("Fødselsnummer").fill(NUMBER)
    await page.get_by_role("textbox", name="Selskap").fill(COMPANY)
    await page.locator("input[name=role][value=insurer]").check()
    await page.locator("input[name=lasts][value=month]").check()
    await grow_old(home)
    await page.get_by_role("button", name="Gi tilgang").click()
    await expect(page.get_by_text("Det du skrev, står der når du kommer tilbake.")).to_be_visible()
    kept = await page.evaluate("JSON.stringify(sessionStorage)")
    assert NUMBER not in kept and COMPANY not in kept  # it lies there encrypted
    await page.get_by_role("link", name="Logg inn på nytt").click()
    await sign_in(page, name)
    await page.wait_for_url(home.url + STAFF)
    await filled(page)
    assert await page.evaluate("sessionStorage.length") == 0
    await page.get_by_role("button", name="Gi tilgang").click()
    await expect(page.get_by_text("Har ikke logget inn ennå").first).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Fødselsnummer")).to_have_value("")
    await context.close()
