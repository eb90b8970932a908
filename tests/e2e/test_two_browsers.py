"""The whole main job: a patient is promised a doctor, meets one, and the note is in the journal."""

import asyncio
import json
import re
import sqlite3
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.house import House
from venterom.server.demo.people import world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENSHOTS = Path("var/screenshots")
PATIENCE_MS = 30_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


async def shot(page: Page, name: str) -> None:
    """Leave a picture of the whole page for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def sign_in(page: Page, name: str) -> None:
    """Pick somebody at the demonstration's identity provider."""
    await page.get_by_role("button", name=name).click()


async def arrive(page: Page, house: House, who: str, policy: str) -> None:
    """From the front page to the waiting room."""
    await page.goto(house.url)
    await shot(page, "01-landing")
    await page.get_by_role("link", name="Start her").click()
    await shot(page, "02-identity")
    await sign_in(page, who)
    await shot(page, "03-policy")
    await page.get_by_label("Polisenummer").fill(policy)
    await page.get_by_role("button", name="Neste").click()
    await shot(page, "04-who")
    await page.get_by_label("Meg selv").check()
    await page.get_by_role("button", name="Neste").click()
    await page.get_by_label("Fortell med noen få ord").fill("Vondt i halsen i tre dager")
    await shot(page, "05-reason")
    await page.get_by_role("button", name="Neste").click()
    await page.get_by_label("Ja, jeg samtykker").check()
    await shot(page, "06-consent")
    await page.get_by_role("button", name="Samtykk og gå videre").click()
    await shot(page, "07-offer")
    await page.get_by_role("button", name="Ja, jeg venter").click()
    await expect(page.get_by_role("heading", name="Venterommet")).to_be_visible()
    await shot(page, "08-waiting")


async def inbound(page: Page) -> dict[str, float]:
    """Frames decoded and sound energy heard so far, from the browser's own statistics."""
    found: dict[str, float] = await page.evaluate(
        """async () => {
            const seen = {frames: 0, energy: 0};
            const peer = globalThis.call?.peer;
            if (!peer) return seen;
            for (const report of (await peer.getStats()).values()) {
                if (report.type !== 'inbound-rtp') continue;
                if (report.kind === 'video') seen.frames += report.framesDecoded ?? 0;
                if (report.kind === 'audio') seen.energy += report.totalAudioEnergy ?? 0;
            }
            return seen;
        }"""
    )
    return found


async def sees_and_hears(page: Page) -> None:
    """The other's picture moves and there is sound, within a patient person's time."""
    first = await inbound(page)
    for _ in range(150):
        now = await inbound(page)
        if now["frames"] >= first["frames"] + 10 and now["energy"] > 0:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"nothing to see or hear: {await inbound(page)}")


async def phone(browser: Browser) -> BrowserContext:
    """A patient's browser."""
    context = await browser.new_context(viewport=PHONE, locale="nb-NO")  # type: ignore[arg-type]  # a size
    context.set_default_timeout(PATIENCE_MS)
    return context


async def test_a_patient_meets_a_doctor(home: House, browser: Browser) -> None:
    from venterom.server.clock import utcnow
    from venterom.web.text import today

    everybody = world(today(utcnow()))
    patient = await (await phone(browser)).new_page()
    desk = await browser.new_context(viewport=DESK, locale="nb-NO")  # type: ignore[arg-type]  # a size
    desk.set_default_timeout(PATIENCE_MS)
    doctor = await desk.new_page()

    kari = everybody.patients[0]
    await arrive(patient, home, kari.who.name, kari.policy)
    waiting_room = patient.url
    promised = await patient.locator("#live time").first.get_attribute("datetime")
    await patient.reload()
    assert await patient.locator("#live time").first.get_attribute("datetime") == promised

    await doctor.goto(f"{home.url}/doctor")
    await sign_in(doctor, everybody.doctors[0].who.name)
    await expect(doctor.get_by_text("Vondt i halsen").first).to_be_visible()
    await shot(doctor, "20-worklist")
    await doctor.get_by_role("button", name="Ta neste").click()
    await expect(doctor.locator("#call")).to_be_visible()
    await shot(doctor, "21-room")

    await patient.get_by_role("link", name="Bli med").click()
    await shot(patient, "09-check")
    await patient.get_by_role("button", name="Prøv kamera og lyd").click()
    await patient.get_by_role("button", name="Gå inn til legen").click()
    await sees_and_hears(patient)
    await sees_and_hears(doctor)
    await shot(patient, "10-call")
    await shot(doctor, "22-call")

    await doctor.get_by_label("Årsak").fill("Sår hals")
    await doctor.get_by_label("Funn").fill("Ser upåvirket ut på video")
    await doctor.get_by_label("Vurdering").fill("Forkjølelse")
    await doctor.get_by_label("Plan og råd til pasienten").fill("Hvile og drikke")
    await doctor.get_by_label("ICPC-2").fill("R74")
    await expect(doctor.locator("#saved")).to_have_text(re.compile("Lagret"))
    await doctor.get_by_role("button", name="Legg på").click()
    await expect(patient.get_by_text("Legen skriver").first).to_be_visible()
    await shot(patient, "11-writing")
    await expect(doctor.get_by_text("Lagt på").first).to_be_visible()
    await doctor.get_by_role("button", name="Signer og send").click()
    await expect(doctor.locator("#live").get_by_text("I journalen", exact=True)).to_be_visible()
    await shot(doctor, "23-signed")
    await expect(patient.get_by_text("Hvile og drikke")).to_be_visible()
    await shot(patient, "12-after")

    visit = waiting_room.rsplit("/", 1)[1]
    with sqlite3.connect(home.folder / "epj.db") as epj:
        rows = epj.execute("SELECT encounter FROM epj_record").fetchall()
    assert rows == [(visit,)]
    await stays_out(browser, home, visit)


async def stays_out(browser: Browser, home: House, visit: str) -> None:
    """A third browser with a ticket that is no longer good."""
    page = await (await phone(browser)).new_page()
    await page.goto(home.url)
    said = await page.evaluate(
        """(address) => new Promise((resolve) => {
            const socket = new WebSocket(address);
            const join = {type: 'join', ticket: 'old.one', version: 1};
            socket.onopen = () => socket.send(JSON.stringify(join));
            socket.onmessage = (event) => resolve(event.data);
            socket.onclose = (event) => resolve(JSON.stringify({type: 'closed', code: event.code}));
        })""",
        f"{home.url.replace('http', 'ws')}/visit/{visit}/signal",
    )
    assert json.loads(said)["type"] == "refused"
