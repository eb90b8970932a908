"""A still picture in the middle of a call, from the doctor's question to the patient's record."""

from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.e2e.steps import NOTE, WHOLE_WAY, Meeting, meeting
from tests.house import House

pytestmark = WHOLE_WAY

SIZE = """(image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"""
NO_STILLS = "delete globalThis.ImageCapture"


async def ask(met: Meeting) -> None:
    """The doctor asks; both pages stay where they are."""
    await met.doctor.get_by_role("button", name="Be om et bilde").click()
    await expect(met.doctor.locator("#live")).to_contain_text("Vi venter på pasientens svar")
    await expect(met.patient.locator("#live")).to_contain_text("Legen vil ta et bilde")


async def shown(page: Page) -> Any:
    """How large the first picture on a page is, in points."""
    picture = page.get_by_role("img", name="Bilde 1")
    await expect(picture).to_be_visible()
    return await picture.evaluate(SIZE)


async def test_a_picture_is_taken_in_full_size_and_comes_to_the_patients_page(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met:
        await ask(met)
        await met.patient.get_by_role("button", name="Ja, ta bildet").click()
        await expect(met.patient.locator("#device")).to_have_text(
            "Bildet er tatt og sendt til legen."
        )
        wide, high = await shown(met.doctor)
        assert wide * high >= 1280 * 720
        await met.both_see_and_hear()
        assert await met.doctor.evaluate("call.connection") == 1  # no page was loaded anew
        await met.doctor.get_by_role("button", name="Legg på").click()
        for name, text in NOTE.items():
            await met.doctor.locator(f"#{name}").fill(text)
        await met.doctor.get_by_role("button", name="Signer og send").click()
        await expect(met.doctor.locator("#live")).to_contain_text("Signert")
        assert await shown(met.doctor) == [wide, high]
        await expect(met.patient.get_by_text("Dette ble dere enige om")).to_be_visible()
        assert await shown(met.patient) == [wide, high]


async def test_a_no_is_told_and_a_browser_that_only_films_takes_a_frame(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home, script=NO_STILLS) as met:
        await ask(met)
        await met.patient.get_by_role("button", name="Nei", exact=True).click()
        await expect(met.doctor.locator("#live")).to_contain_text("Pasienten sa nei til bilde.")
        await expect(met.patient.locator("#live")).not_to_contain_text("Legen vil ta et bilde")
        await ask(met)
        await met.patient.get_by_role("button", name="Ja, ta bildet").click()
        wide, high = await shown(met.doctor)
        assert wide * high >= 640 * 480
        await met.doctor.get_by_role("button", name="Ta bort bilde 1").click()
        await expect(met.doctor.get_by_role("img", name="Bilde 1")).to_be_hidden()


async def test_the_patient_reads_that_the_telephone_will_ring(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met:
        await met.doctor.get_by_text("Ring på telefon").click()
        await met.doctor.get_by_role("button", name="Nettet holder ikke").click()
        await expect(met.doctor.locator("#live")).to_contain_text("Telefon")
        await expect(met.patient.locator("#live")).to_contain_text("Legen ringer deg på telefon")
        await met.both_see_and_hear()  # until somebody hangs up
