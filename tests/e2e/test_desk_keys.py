"""The doctor's desk by keyboard alone: who it is, phrases, the diagnosis, and signing."""

from playwright.async_api import Browser, Page, expect

from tests.e2e.steps import NOTE, WHOLE_WAY, meeting
from tests.house import House

pytestmark = WHOLE_WAY

SIGN = "Control+Enter"


async def choose(desk: Page) -> None:
    """Find a diagnosis by its words, and take it with the arrow keys."""
    line, found = desk.locator("#icpc2"), desk.locator("#icpc2-found")
    await line.press_sequentially("betennelse hals")
    await expect(desk.locator("#icpc2-said")).to_have_text("Ingen treff.")
    await expect(found).to_be_hidden()
    await line.fill("halsbet")
    await expect(line).to_have_attribute("aria-expanded", "true")
    await line.press("ArrowDown")
    await expect(line).to_have_attribute("aria-activedescendant", "icpc2-0")
    await expect(found.get_by_role("option", selected=True)).to_have_text("R76 Halsbetennelse")
    await line.press("Escape")
    await expect(line).to_have_attribute("aria-expanded", "false")
    await line.press("ArrowDown")
    await expect(found).to_be_visible()
    await line.press("ArrowDown")
    await line.press("Enter")
    await expect(line).to_have_value("R76")
    await expect(line).to_be_focused()
    await expect(desk.locator("#icpc2-said")).to_have_text("Halsbetennelse")


async def identify(desk: Page) -> None:
    """Say with one key that it is the patient; in a field the key is a letter."""
    await desk.locator("#reason").press("j")
    await expect(desk.locator("#reason")).to_have_value("j")
    await expect(desk.locator("#live")).to_contain_text("Er det ")
    await desk.locator("#leave").press("j")
    await expect(desk.locator("#live")).to_contain_text("Identitet bekreftet")


async def test_a_note_is_written_and_signed_without_a_mouse(home: House, browser: Browser) -> None:
    async with meeting(browser, home) as met:
        desk = met.doctor
        await met.treats.open("/doctor/phrases")
        await met.treats.press("Lagre", key="hvile", text="Hvile og drikke ___ l.")
        await desk.reload()
        await met.both_see_and_hear()
        await identify(desk)
        await desk.locator("#plan").press(SIGN)
        await expect(desk.locator("#place")).to_be_focused()  # the first that is missing
        await expect(desk.locator("#sign-says")).to_have_text(
            "Skriv noe her: Hvor er pasienten nå?"
        )
        for name in ("place", "reason", "findings", "assessment"):
            await desk.locator(f"#{name}").fill(NOTE[name])
        await desk.locator("#plan").press_sequentially("Sett an. .hvile ")
        await expect(desk.locator("#plan")).to_have_value("Sett an. Hvile og drikke ___ l.")
        await desk.keyboard.type("2")  # the hole is chosen
        await expect(desk.locator("#plan")).to_have_value("Sett an. Hvile og drikke 2 l.")
        await choose(desk)
        await desk.locator("#icpc2").press(SIGN)
        await expect(desk.locator("#leave")).to_be_focused()  # hanging up is not finishing
        await expect(desk.locator("#sign-says")).to_contain_text("Legg på før du signerer.")
        await desk.keyboard.press("Enter")
        await expect(desk.locator("#call")).to_be_hidden()
        await expect(desk.locator("#plan")).to_have_value("Sett an. Hvile og drikke 2 l.")
        await desk.locator("#plan").press(SIGN)
        await expect(desk.locator("#live")).to_contain_text("Signert")
        await expect(desk.locator(".written")).to_contain_text("R76 Halsbetennelse")
        await expect(desk.locator(".written")).to_contain_text("Identitet bekreftet i bilde")
