"""What people do in the browser tests, step by step, and what they then see and hear."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
)

from tests.e2e.network import Network
from tests.house import House
from tests.robot import Robot, robot
from venterom.rtc.protocol import VERSION
from venterom.server.clock import utcnow
from venterom.server.demo.people import World, world
from venterom.web.text import today

WHOLE_WAY = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]
PATIENCE_MS = 60_000  # of a test on a busy machine, not of a patient
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)
PROMISED = re.compile(r'id="live".*?<time [^>]*datetime="([^"]+)"', re.DOTALL)
NEW_FRAMES = 10  # decoded since one began to look: the picture moves
NEW_SOUND = 1e-4  # energy since then: 10 ms at a tenth of full scale; silence adds a billionth
NOTE = {
    "reason": "Sår hals",
    "findings": "Ser upåvirket ut på video",
    "assessment": "Forkjølelse",
    "plan": "Hvile og drikke",
    "icpc2": "R74",
    "place": "Hjemme",
}

Look = Callable[[Page, str], Awaitable[None]]


def everybody() -> World:
    """The people of the demonstration, as of today."""
    return world(today(utcnow()))


async def phone(browser: Browser, **options: Any) -> BrowserContext:
    """A patient's browser; `options` are Playwright's for a context."""
    return await _context(browser, PHONE, **options)


async def desk(browser: Browser, **options: Any) -> BrowserContext:
    """A doctor's browser."""
    return await _context(browser, DESK, **options)


async def _context(browser: Browser, size: ViewportSize, **options: Any) -> BrowserContext:
    context = await browser.new_context(viewport=size, locale="nb-NO", **options)
    context.set_default_timeout(PATIENCE_MS)
    return context


async def sign_in(page: Page, name: str) -> None:
    """Pick somebody at the demonstration's identity provider."""
    await page.get_by_role("button", name=name).click()


async def _unseen(page: Page, name: str) -> None:
    """Nobody looks at this screen."""


async def arrive(page: Page, house: House, who: str, policy: str, look: Look = _unseen) -> None:
    """From the front page to the waiting room; `look` is shown every screen on the way."""
    await page.goto(house.url)
    await look(page, "01-landing")
    await page.get_by_role("link", name="Start her").click()
    await look(page, "02-identity")
    await sign_in(page, who)
    await look(page, "03-policy")
    await page.get_by_label("Polisenummer").fill(policy)
    await page.get_by_role("button", name="Neste").click()
    await look(page, "04-who")
    await page.get_by_label("Meg selv").check()
    await page.get_by_role("button", name="Neste").click()
    await page.get_by_label("Fortell med noen få ord").fill("Vondt i halsen i tre dager")
    await look(page, "05-reason")
    await page.get_by_role("button", name="Neste").click()
    await page.wait_for_url(re.compile("/start/(consent|offer)"))
    if page.url.endswith("/start/consent"):  # who has consented before is not asked again
        await page.get_by_label("Ja, jeg samtykker").check()
        await look(page, "06-consent")
        await page.get_by_role("button", name="Samtykk og gå videre").click()
    await look(page, "07-offer")
    await page.get_by_role("button", name="Ja, jeg venter").click()
    await expect(page.get_by_role("heading", name="Venterommet")).to_be_visible()
    await look(page, "08-waiting")


async def enter(page: Page) -> None:
    """From the check of camera and sound into the room."""
    await page.get_by_role("button", name="Prøv kamera og lyd").click()
    await go_in(page)


async def go_in(page: Page) -> None:
    """Into the room, whatever the check has found."""
    await page.get_by_role("button", name="Gå inn til legen").click()


async def ticket(page: Page) -> str:
    """The signed right to this room that a page was given."""
    shown = await page.locator("#room").text_content()
    return str(json.loads(shown or "")["ticket"])


async def promise_of(page: Page) -> str:
    """The deadline in the waiting room."""
    return await page.locator("#live time").first.get_attribute("datetime") or ""


async def knock(browser: Browser, home: House, visit: str, shown: str) -> str:
    """A third browser shows a ticket at the door of the room: the code of the refusal."""
    context = await phone(browser)
    page = await context.new_page()
    await page.goto(home.url)
    said = await page.evaluate(
        """([address, ticket, version]) => new Promise((resolve) => {
            const socket = new WebSocket(address);
            const join = {type: 'join', ticket, version, encryption: 'end_to_end'};
            socket.onopen = () => socket.send(JSON.stringify(join));
            socket.onmessage = (event) => resolve(event.data);
            socket.onclose = (event) => resolve(JSON.stringify({type: 'closed', code: event.code}));
        })""",
        [f"{home.url.replace('http', 'ws')}/visit/{visit}/signal", shown, VERSION],
    )
    await context.close()
    answer = json.loads(said)
    assert answer["type"] == "refused", answer
    return str(answer["code"])


class Shows(Protocol):
    """A page of whichever browser."""

    async def evaluate(self, expression: str, /) -> Any:
        """What this is in the page; a function is called."""


async def agent_of(page: Shows) -> str:
    """What the page's browser says that it is."""
    return str(await page.evaluate("navigator.userAgent"))


async def inbound(page: Shows) -> dict[str, float]:
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


async def sees(page: Shows) -> None:
    """The other's picture moves."""
    await _until(page, lambda first, now: now["frames"] >= first["frames"] + NEW_FRAMES)


async def hears(page: Shows) -> None:
    """There is new sound from the other."""
    await _until(page, lambda first, now: now["energy"] >= first["energy"] + NEW_SOUND)


async def sees_and_hears(page: Shows) -> None:
    """Both."""
    await sees(page)
    await hears(page)


async def _until(page: Shows, better: Callable[[dict[str, float], dict[str, float]], bool]) -> None:
    """A new connection counts from zero again, so what is compared is the lowest seen so far."""
    first = now = await inbound(page)
    for _ in range(PATIENCE_MS // 200):
        if better(first, now):
            return
        await asyncio.sleep(0.2)
        now = await inbound(page)
        first = {name: min(first[name], now[name]) for name in now}
    raise AssertionError(f"nothing new to see or hear: {now}")


@dataclass
class Meeting:
    """A patient and a doctor who see and hear each other."""

    visit: str
    promised: str
    patient: Page
    doctor: Page
    treats: Robot  # the browser without a screen of the doctor who has the patient

    async def both_see_and_hear(self) -> None:
        """Moving pictures and sound at both ends."""
        await asyncio.gather(sees_and_hears(self.patient), sees_and_hears(self.doctor))


@asynccontextmanager
async def queued(
    house: House, place: int = 0, agent: str | None = None
) -> AsyncGenerator[tuple[str, Robot]]:
    """The demonstration's patient number `place` waits, and not any more afterwards: the path of
    the visit, and the browser without a screen. It says of itself what the `agent` says to whom its
    cookies are given."""
    who = everybody().patients[place]
    async with robot(house.url, agent) as hers:
        await hers.sign_in("patient", who.who.name, "/start")
        await hers.press("Neste", number=who.policy)
        await hers.press("Neste", who="me")
        asked = await hers.press("Neste", reason="Vondt i halsen i tre dager")
        if asked.url.path == "/start/consent":  # who has consented before is not asked again
            await hers.press("Samtykk", consent="yes")
        visit = (await hers.press("Ja, jeg venter")).url.path
        try:
            yield visit, hers
        finally:
            await hers.say("POST", f"{visit}/leave")


@asynccontextmanager
async def waiting(
    browser: Browser, house: House, place: int = 0, air: Network | None = None, **options: Any
) -> AsyncGenerator[tuple[Page, Robot]]:
    """The same in a browser, in the waiting room.

    All that the patient's browser sends and is sent may be led through the `air`.
    """
    async with coming(browser, house, place, air, **options) as (page, hers):
        await page.goto(f"{hers.page.url}")
        yield page, hers


@asynccontextmanager
async def coming(
    browser: Browser, house: House, place: int = 0, air: Network | None = None, **options: Any
) -> AsyncGenerator[tuple[Page, Robot]]:
    """The same, and the browser has not loaded anything yet."""
    context = await phone(browser, **options, proxy=air.proxy if air else None)
    page = await context.new_page()
    async with queued(house, place, await agent_of(page)) as (_, hers):
        await _hand(page, hers, air)
        try:
            yield page, hers
        finally:
            await context.close()


async def _hand(page: Page, who: Robot, air: Network | None) -> None:
    """The page belongs to this person from now on."""
    await page.context.add_cookies(who.cookies)  # type: ignore[arg-type]  # dicts with its names
    if air is not None:
        await air.lead_media(page)


@asynccontextmanager
async def on_duty(
    browser: Browser, house: House, place: int = 0, air: Network | None = None
) -> AsyncGenerator[tuple[Page, Robot]]:
    """The demonstration's doctor number `place` at the list; the first three are on shift."""
    async with _doctor(browser, house, place, air) as (page, theirs):
        await page.goto(f"{theirs.page.url}")
        yield page, theirs


@asynccontextmanager
async def _doctor(
    browser: Browser, house: House, place: int = 0, air: Network | None = None
) -> AsyncGenerator[tuple[Page, Robot]]:
    """The same, and the browser has not loaded anything yet."""
    context = await desk(browser, proxy=air.proxy if air else None)
    page = await context.new_page()
    async with robot(house.url, await agent_of(page)) as theirs:
        await theirs.sign_in("doctor", everybody().doctors[place].who.name, "/doctor")
        await _hand(page, theirs, air)
        yield page, theirs
        await context.close()


@asynccontextmanager
async def meeting(
    browser: Browser,
    house: House,
    patients: Network | None = None,
    *,
    doctors: Network | None = None,
    script: str = "",
) -> AsyncGenerator[Meeting]:
    """Two people in a call, each by the network that is theirs, or by the machine's own. Their
    browsers come straight to the room: all before it is walked without a screen.

    `script` runs first on the patient's page.
    """
    async with (
        _doctor(browser, house, air=doctors) as (doctor, theirs),
        coming(browser, house, air=patients) as (patient, hers),
    ):
        promised = PROMISED.search(hers.page.text)
        assert promised
        met = Meeting(hers.page.url.name, promised[1], patient, doctor, theirs)
        await theirs.open("/doctor")
        room = (await theirs.press("Ta neste")).url
        try:
            await patient.add_init_script(script or ";")
            await asyncio.gather(
                doctor.goto(f"{room}"), patient.goto(f"{house.url}/visit/{met.visit}/room")
            )
            await enter(patient)
            await met.both_see_and_hear()
            yield met
        finally:
            await finish(met.treats, met.visit)


async def finish(theirs: Robot, visit: str) -> None:
    """The doctor hangs up and signs, so that both are free for another meeting."""
    await theirs.say("POST", f"/doctor/visit/{visit}/hang-up")
    await theirs.open(f"/doctor/visit/{visit}")
    with suppress(LookupError):  # nothing to sign: the patient is in the queue again
        await theirs.press("Signer og send", **NOTE)
