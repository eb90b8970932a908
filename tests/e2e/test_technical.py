"""The technical test: from the waiting room to the doctor's list, and what a call leaves behind."""

from playwright.async_api import Browser, Page, expect

from tests.e2e.keys import Keys
from tests.e2e.steps import WHOLE_WAY, on_duty, waiting
from tests.house import House

pytestmark = WHOLE_WAY


async def begin(page: Page) -> None:
    """The patient opens the test and starts it, by keyboard."""
    keys = Keys(page)
    await keys.press(page.get_by_text("Test lyd, bilde og nett"))
    await keys.press(page.get_by_role("button", name="Start testen"))
    assert keys.unseen == []
    await expect(page.get_by_role("button", name="Stopp testen")).to_be_focused()


async def test_what_the_test_has_found_is_on_the_doctors_list(
    home: House, browser: Browser
) -> None:
    async with waiting(browser, home) as (patient, _), on_duty(browser, home) as (doctor, _):
        await expect(doctor.locator("#waiting")).to_contain_text("Ikke testet")
        await begin(patient)
        await expect(patient.locator("#row-net")).to_contain_text("Vi måler nettet")
        await expect(patient.locator("#tested")).to_contain_text("Nettet er bra nok")
        await patient.get_by_role("button", name="Ja, jeg hørte dem").click()
        for row in ("#row-cam", "#row-mic", "#row-speaker", "#row-net"):
            await expect(patient.locator(row)).to_have_attribute("data-result", "good")
        await expect(patient.get_by_role("button", name="Start testen")).to_be_visible()
        await expect(doctor.locator("#waiting")).to_contain_text("Bra nett")
        await expect(doctor.locator("#waiting")).to_contain_text("Kamera og mikrofon virker")
        await patient.reload()
        await expect(patient.locator("#tested")).to_contain_text("Nettet er bra nok")
