"""Calls between two browsers that share no code: a doctor's Chromium and a patient's Firefox."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, expect

from tests.e2e.bidi import Fox, by_firefox, fox
from tests.e2e.steps import (
    WHOLE_WAY,
    Shows,
    agent_of,
    finish,
    inbound,
    on_duty,
    queued,
    sees_and_hears,
)
from tests.house import House

pytestmark = [*WHOLE_WAY, by_firefox]

MANY = 40  # frames: two seconds of them
COUNTS = "globalThis.secrecy?.counts ?? {}"
FIVE = """() => {
    const list = document.getElementById("lock-words");
    return list.hidden ? "" : [...list.children].map((word) => word.textContent.trim()).join(" ");
}"""
# What the other page sent is taken for another key. In the page that unwraps nothing else; the
# frames are opened in a worker, where this does not reach.
WRONG = """() => {
    SubtleCrypto.prototype.decrypt = async () => crypto.getRandomValues(new Uint8Array(32)).buffer;
}"""


@asynccontextmanager
async def call(browser: Browser, home: House, patient: Fox) -> AsyncGenerator[Page]:
    """A doctor's page, and a patient's Firefox that has come to the same room."""
    agent = await agent_of(patient)
    async with (
        queued(home, agent=agent) as (visit, hers),
        on_duty(browser, home) as (doctor, theirs),
    ):
        await patient.take(hers.cookies, str(urlsplit(home.url).hostname))
        await doctor.get_by_role("button", name="Ta neste").click()
        await patient.goto(f"{home.url}{visit}/room")
        await patient.press("Prøv kamera og lyd")
        await patient.press("Gå inn til legen")
        yield doctor
        await finish(theirs, visit.rsplit("/", 1)[1])


async def test_firefox_and_chromium_see_and_hear_each_other_and_have_the_same_words(
    home: House, browser: Browser
) -> None:
    async with fox() as patient, call(browser, home, patient) as doctor:
        await asyncio.gather(sees_and_hears(patient), sees_and_hears(doctor))
        await patient.until(f"({FIVE})() !== ''")
        spoken = await patient.evaluate(FIVE)
        await expect(doctor.locator("#lock-words")).to_be_visible()
        assert len(spoken.split()) == 5 and await doctor.evaluate(FIVE) == spoken
        await doctor.get_by_role("button", name="Ordene stemmer").click()
        await patient.until("document.getElementById('lock').dataset.lock === 'same'")
        both: dict[str, Shows] = {"Firefox": patient, "Chromium": doctor}
        before = {name: (await inbound(page))["frames"] for name, page in both.items()}
        await asyncio.gather(sees_and_hears(patient), sees_and_hears(doctor))
        for name, page in both.items():
            now, counts = await inbound(page), await page.evaluate(COUNTS)
            print(f"{name}: decoded {before[name]} then {now['frames']}, {counts}")
            assert now["frames"] > before[name] and counts["sealed"] and counts["opened"]


async def test_a_firefox_with_the_wrong_key_sees_and_hears_nothing(
    home: House, browser: Browser
) -> None:
    async with fox() as patient:
        await patient.before(WRONG)
        async with call(browser, home, patient) as doctor:
            await sees_and_hears(doctor)
            await patient.until(f"(({COUNTS}).refused ?? 0) >= {MANY}")
            counts = await patient.evaluate(COUNTS)
            print(f"wrong key: {counts}, {await inbound(patient)}")
            assert await inbound(patient) == {"frames": 0, "energy": 0}
            assert counts["opened"] == 0
