"""A real call of three browsers: asked in by a link, let in by the doctor, everybody seen by
everybody and by nobody else, and shown out again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from tests.e2e.browsers import FEW_FRAMES
from tests.e2e.steps import (
    PATIENCE_MS,
    WHOLE_WAY,
    Meeting,
    desk,
    inbound,
    meeting,
    sees,
)
from tests.house import House

pytestmark = WHOLE_WAY
OWN_DEVICES = FEW_FRAMES

NAME = "Anna Tolkeprøve"
FRAMES = """async () => {
    const peer = globalThis.call?.peer;
    const of = async (way) => {
        const stats = [...(await way.receiver.getStats()).values()];
        return stats.find(({type}) => type === 'inbound-rtp')?.framesDecoded ?? 0;
    };
    const ways = peer?.getTransceivers() ?? [];
    return Promise.all(ways.filter(({receiver}) => receiver.track.kind === 'video').map(of));
}"""


async def pictures(page: Page) -> list[int]:
    """Frames decoded of each of the others, since this connection began."""
    found: list[int] = await page.evaluate(FRAMES)
    return found


async def see_both(page: Page) -> None:
    """Both others' pictures move."""
    first: list[int] = []
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while len(first) < 2:  # one connects
            first = await pictures(page)
            await asyncio.sleep(0.2)
        while not all(b >= a + 10 for a, b in zip(first, await pictures(page), strict=True)):
            await asyncio.sleep(0.2)


@asynccontextmanager
async def asked(browser: Browser, met: Meeting) -> AsyncGenerator[Page]:
    """Somebody with the link, at the door."""
    await met.doctor.get_by_text("Inviter en til").click()
    await met.doctor.get_by_label("Navn, slik de andre ser det").fill(NAME)
    await met.doctor.get_by_role("button", name="Lag lenke").click()
    await expect(met.doctor.locator("#invite-link")).to_be_visible()
    link = await met.doctor.locator("#invite-link").input_value()
    context = await desk(browser)
    page = await context.new_page()
    await page.goto(link)
    await expect(page.get_by_role("heading", name="Invitert til en samtale")).to_be_visible()
    await page.get_by_role("button", name="Prøv kamera og lyd").click()
    await page.get_by_role("button", name="Gå til døren").click()
    yield page
    await context.close()


async def test_a_guest_is_let_in_seen_by_both_compared_and_shown_out(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met, asked(browser, met) as guest:
        await expect(guest.get_by_text("Du står ved døren.")).to_be_visible()
        for page, told in ((met.doctor, "står ved døren."), (met.patient, "vil være med.")):
            await expect(page.locator("#guest-text")).to_contain_text(f"{NAME} (tolk) {told}")
        await expect(met.patient.get_by_role("button", name="Slipp inn")).to_have_count(0)
        assert (await inbound(guest))["frames"] == 0
        await met.doctor.screenshot(path="var/screenshots/three-knocks-doctor.png")
        await met.patient.screenshot(path="var/screenshots/three-knocks-patient.png")

        await met.doctor.get_by_role("button", name="Slipp inn").click()
        for page in (guest, met.doctor, met.patient):
            await see_both(page)
            await expect(page.locator("#third")).to_be_visible()
        await expect(met.patient.locator("#third-name")).to_have_text(NAME)

        await met.doctor.get_by_role("button", name="Ordene stemmer").click()
        await expect(met.doctor.locator("#lock")).to_have_attribute("data-lock", "guest")
        spoken = met.doctor.locator("#lock-words"), guest.locator("#lock-words")
        assert await spoken[0].inner_text() == await spoken[1].inner_text()
        for page, name in ((met.doctor, "doctor"), (met.patient, "patient"), (guest, "guest")):
            await page.screenshot(path=f"var/screenshots/three-{name}.png")
        await met.doctor.get_by_role("button", name="Ordene stemmer").click()
        for page in (guest, met.doctor, met.patient):
            await expect(page.locator("#lock")).to_have_attribute("data-lock", "same")

        await met.doctor.get_by_role("button", name="Vis ut").click()
        await expect(guest.get_by_text("Invitasjonen gjelder ikke lenger")).to_be_visible()
        for page in (met.doctor, met.patient):
            await expect(page.locator("#third")).to_be_hidden()
            await sees(page)
            await expect(page.locator("#lock")).to_have_attribute("data-lock", "same")


async def test_a_guest_who_loads_the_page_again_need_not_knock(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met, asked(browser, met) as guest:
        await met.doctor.get_by_role("button", name="Slipp inn").click()
        await see_both(guest)
        everybody = (guest, met.doctor, met.patient)
        await guest.reload()
        for page in everybody:
            await see_both(page)
