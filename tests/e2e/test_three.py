"""A real call of three browsers: asked in by a link, let in by the doctor, everybody seen by
everybody and by nobody else, and shown out again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from playwright.async_api import Browser, Page, expect

from tests.e2e.bidi import by_firefox, fox
from tests.e2e.browsers import FEW_FRAMES
from tests.e2e.steps import (
    NEW_FRAMES,
    NEW_SOUND,
    PATIENCE_MS,
    WHOLE_WAY,
    Meeting,
    Shows,
    desk,
    inbound,
    meeting,
    sees,
)
from tests.e2e.test_firefox import COUNTS, FIVE
from tests.house import House

pytestmark = WHOLE_WAY
OWN_DEVICES = FEW_FRAMES

NAME = "Anna Tolkeprøve"
LOCK = "document.getElementById('lock').dataset.lock"
OTHERS = """async () => {
    const ways = globalThis.call?.peer?.getTransceivers() ?? [];
    const of = (kind, figure) => Promise.all(
        ways.map((way) => way.receiver).filter(({track}) => track.kind === kind)
            .map(async (receiver) => {
                const stats = [...(await receiver.getStats()).values()];
                return stats.find(({type}) => type === 'inbound-rtp')?.[figure] ?? 0;
            }));
    const energies = await of('audio', 'totalAudioEnergy');
    return (await of('video', 'framesDecoded')).map((frames, n) => [frames, energies[n] ?? 0]);
}"""


class Seen(NamedTuple):
    """What came of one of the others since the connection was made."""

    frames: int  # decoded
    energy: float  # of sound, as browsers sum it

    def is_new(self, before: "Seen") -> bool:
        """The picture has moved since then, and there was sound."""
        is_moving = self.frames >= before.frames + NEW_FRAMES
        return is_moving and self.energy >= before.energy + NEW_SOUND

    def lowest(self, other: "Seen") -> "Seen":
        """The smaller figure of each."""
        return Seen(min(self.frames, other.frames), min(self.energy, other.energy))


async def others(page: Shows) -> list[Seen]:
    """What came of each of them."""
    return [Seen(*each) for each in await page.evaluate(OTHERS)]


async def sees_and_hears_both(page: Shows) -> None:
    """Both others' pictures move, and there is new sound from each. A connection that is made anew
    counts from zero again, so what is compared is the lowest seen so far."""
    first: list[Seen] = []
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            now = await others(page)
            if len(now) != len(first):  # somebody connects
                first = now
            if len(now) == 2 and all(map(Seen.is_new, now, first)):
                return
            first = [a.lowest(b) for a, b in zip(first, now, strict=True)]
            await asyncio.sleep(0.2)


async def all_see_and_hear(*pages: Shows) -> None:
    """Everybody sees and hears both others, at once."""
    await asyncio.gather(*map(sees_and_hears_both, pages))


async def invited(met: Meeting) -> str:
    """The link that the doctor makes for somebody."""
    await met.doctor.get_by_text("Inviter en til").click()
    await met.doctor.get_by_label("Navn, slik de andre ser det").fill(NAME)
    await met.doctor.get_by_role("button", name="Lag lenke").click()
    await expect(met.doctor.locator("#invite-link")).to_be_visible()
    return await met.doctor.locator("#invite-link").input_value()


@asynccontextmanager
async def asked(browser: Browser, met: Meeting) -> AsyncGenerator[Page]:
    """Somebody with the link, at the door."""
    link = await invited(met)
    context = await desk(browser)
    page = await context.new_page()
    await page.goto(link)
    await expect(page.get_by_role("heading", name="Invitert til en samtale")).to_be_visible()
    await page.get_by_role("button", name="Prøv kamera og lyd").click()
    await page.get_by_role("button", name="Gå til døren").click()
    yield page
    await context.close()


async def test_a_guest_is_let_in_seen_by_both_comes_back_is_compared_and_shown_out(
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
        await sees_and_hears_both(guest)
        await guest.reload()  # who does that need not knock again
        await all_see_and_hear(guest, met.doctor, met.patient)
        for page in (guest, met.doctor, met.patient):
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


@by_firefox
async def test_a_guest_in_firefox_sees_and_hears_both_and_both_see_and_hear_him(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met, fox() as guest:
        await guest.goto(await invited(met))
        await guest.press("Prøv kamera og lyd")
        await guest.press("Gå til døren")
        await met.doctor.get_by_role("button", name="Slipp inn").click()
        everybody: tuple[Shows, ...] = (guest, met.doctor, met.patient)
        await all_see_and_hear(*everybody)

        words = met.doctor.get_by_role("button", name="Ordene stemmer")
        await words.click()
        await expect(met.doctor.locator("#lock")).to_have_attribute("data-lock", "guest")
        assert await guest.evaluate(FIVE) == await met.doctor.evaluate(FIVE) != ""
        await words.click()
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while {await page.evaluate(LOCK) for page in everybody} != {"same"}:
                await asyncio.sleep(0.2)
        for page in everybody:
            counts = await page.evaluate(COUNTS)
            assert counts["sealed"] and counts["opened"]
