"""Whatever is missing is said in words before the call, and whoever can, meets all the same."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browsers import DEVICES, NO_CAMERA, REFUSED, Browsers
from tests.e2e.steps import (
    WHOLE_WAY,
    coming,
    enter,
    finish,
    go_in,
    hears,
    inbound,
    on_duty,
    sees_and_hears,
)
from tests.house import House

pytestmark = WHOLE_WAY

# A stand-in for a machine without a microphone, which no flag of Chromium's can take away.
NO_MICROPHONE = """
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => wanted.audio
        ? Promise.reject(new DOMException('Requested device not found', 'NotFoundError'))
        : real(wanted);
"""
NOTHING = NO_MICROPHONE.replace("wanted.audio", "true")
NO_WEBRTC = "delete globalThis.RTCPeerConnection"
INSECURE = "Object.defineProperty(globalThis, 'isSecureContext', {value: false})"
INSTAGRAM = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Instagram 350.0.0.0"
FACEBOOK = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) [FBAN/FBIOS;FBAV/480.0]"
WEB_VIEW = "Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 Chrome/140.0"
OPEN_ELSEWHERE = "Åpne den i Safari eller Chrome"


@dataclass(frozen=True)
class Case:
    """A browser, and what its owner is told once camera and sound have been tried."""

    camera: str
    microphone: str
    devices: Sequence[str] = tuple(DEVICES)
    permissions: Sequence[str] = ()
    script: str = ""
    unseen: bool = False  # told that nobody will be seen or heard


CASES = {
    "neither camera nor microphone": Case(
        "Vi finner ikke noe kamera. Du kan snakke uten bilde.",
        "Vi finner ingen mikrofon. Koble til en",
        NO_CAMERA,
        script=NO_MICROPHONE,
        unseen=True,
    ),
    "both refused": Case(
        "Vi får ikke bruke kameraet. Trykk på hengelåsen øverst og velg Tillat.",
        "Vi får ikke bruke mikrofonen. Trykk på hengelåsen øverst og velg Tillat.",
        REFUSED,
        unseen=True,
    ),
    "only the camera refused": Case(
        "Vi får ikke bruke kameraet. Trykk på hengelåsen øverst og velg Tillat.",
        "Vi hører deg.",
        REFUSED,
        permissions=["microphone"],
    ),
    "only a microphone": Case("Vi finner ikke noe kamera.", "Vi hører deg.", NO_CAMERA),
    "only a camera": Case("Kameraet virker.", "Vi finner ingen mikrofon.", script=NO_MICROPHONE),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_is_missing_is_said_and_one_may_go_in(
    home: House, browsers: Browsers, case: Case
) -> None:
    browser = await browsers(case.devices)
    async with coming(browser, home, permissions=case.permissions) as (page, hers):
        await page.add_init_script(case.script or ";")
        await page.goto(f"{hers.page.url}/room")
        await expect(page.get_by_role("button", name="Uten bilde")).to_be_enabled()
        await page.get_by_role("button", name="Prøv kamera og lyd").click()
        await expect(page.locator("#row-cam")).to_contain_text(case.camera)
        await expect(page.locator("#row-mic")).to_contain_text(case.microphone)
        await expect(page.get_by_role("button", name="Gå inn til legen")).to_be_enabled()
        told = page.get_by_text("Du kan gå inn likevel.")
        await expect(told).to_be_visible(visible=case.unseen)


@pytest.mark.parametrize(
    ("agent", "script", "words", "can_try"),
    [
        (INSTAGRAM, "", OPEN_ELSEWHERE, True),
        (FACEBOOK, "", OPEN_ELSEWHERE, True),
        (WEB_VIEW, "", OPEN_ELSEWHERE, True),
        (None, NO_WEBRTC, "Bruk en ny utgave av Safari, Chrome, Edge eller Firefox.", False),
        (None, INSECURE, "Kameraet virker bare på en sikker adresse.", False),
    ],
    ids=["Instagram", "Facebook", "a web view", "no WebRTC", "insecure"],
)
async def test_a_browser_that_cannot_is_told_at_once(
    home: House, browser: Browser, agent: str | None, script: str, words: str, can_try: bool
) -> None:
    async with coming(browser, home, user_agent=agent) as (page, hers):
        await page.add_init_script(script or ";")
        await page.goto(f"{hers.page.url}/room")
        await expect(page.locator("#row-line")).to_contain_text(words)
        await expect(page.get_by_role("button", name="Prøv kamera og lyd")).to_be_enabled(
            enabled=can_try
        )
        await expect(page.get_by_role("button", name="Gå inn til legen")).to_be_hidden()


async def test_without_a_picture_the_other_is_heard(home: House, browser: Browser) -> None:
    async with called(browser, browser, home) as (patient, doctor):
        await patient.get_by_role("button", name="Uten bilde").click()
        await go_in(patient)
        await asyncio.gather(sees_and_hears(patient), hears(doctor))
        await talk(patient, doctor)
        assert (await inbound(doctor))["frames"] == 0


async def test_with_nothing_at_all_one_sees_and_hears_the_doctor(
    home: House, browser: Browser
) -> None:
    async with called(browser, browser, home) as (patient, doctor):
        await patient.add_init_script(NOTHING)
        await patient.reload()
        await enter(patient)
        await sees_and_hears(patient)
        await talk(patient, doctor)


async def test_a_doctor_without_camera_is_told_and_heard(
    home: House, browser: Browser, browsers: Browsers
) -> None:
    async with called(browser, await browsers(NO_CAMERA), home) as (patient, doctor):
        await enter(patient)
        await expect(doctor.locator("#own")).to_have_text(
            "Vi finner ikke noe kamera. Pasienten hører deg, men ser deg ikke."
        )
        await asyncio.gather(hears(patient), sees_and_hears(doctor))
        await talk(patient, doctor)


async def test_a_doctor_who_refused_is_told_what_to_do(
    home: House, browser: Browser, browsers: Browsers
) -> None:
    async with called(browser, await browsers(REFUSED), home) as (_, doctor):
        for device in ("kameraet", "mikrofonen"):
            words = f"Vi får ikke bruke {device}. Trykk på hengelåsen øverst, velg Tillat"
            await expect(doctor.locator("#own")).to_contain_text(words)


@asynccontextmanager
async def called(phone: Browser, desk: Browser, home: House) -> AsyncGenerator[tuple[Page, Page]]:
    """A patient before the check of camera and sound, and the doctor who waits in the room."""
    async with coming(phone, home) as (patient, hers), on_duty(desk, home) as (doctor, theirs):
        await doctor.get_by_role("button", name="Ta neste").click()
        try:
            await patient.goto(f"{hers.page.url}/room")
            yield patient, doctor
        finally:
            await finish(theirs, hers.page.url.name)


async def talk(patient: Page, doctor: Page) -> None:
    """Nothing covers the pictures any more, and the consultation has begun."""
    for page in (patient, doctor):
        await expect(page.locator("#over")).to_be_hidden()
    await expect(doctor.locator("#live")).to_contain_text("I samtale")
