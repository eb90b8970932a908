"""What people do in the middle of a call: other devices, keys, sound alone."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.browsers import SAYS_YES
from tests.e2e.keys import UNSEEN
from tests.e2e.steps import PATIENCE_MS, WHOLE_WAY, Meeting, hears, inbound, meeting, sees_and_hears
from tests.house import House
from tests.web.showcase.pages import PAGES

pytestmark = WHOLE_WAY

# The second of Chromium's invented cameras sees depth alone, which no call takes: so three.
THREE_OF_EACH = ["--use-fake-device-for-media-stream=device-count=3", SAYS_YES]
OWN_DEVICES = THREE_OF_EACH

# A device that is pulled out ends its track; a browser does not let a page do that.
PULL_OUT = """(kind) => {
    const track = outgoing.device(kind);
    track.stop();
    track.dispatchEvent(new Event('ended'));
}"""
SENT = """async () => {
    const ways = call.peer.getTransceivers();
    const video = ways.find((way) => way.receiver.track.kind === 'video').sender;
    return {
        connections: call.connection,
        device: video.track?.getSettings().deviceId,
        active: video.getParameters().encodings.map((each) => each.active),
        guarded: video.transform instanceof RTCRtpScriptTransform,
    };
}"""


async def sent(page: Page) -> Any:
    """What becomes of the picture that this page sends."""
    return await page.evaluate(SENT)


async def until(page: Page, so: str) -> None:
    """Wait for what no words on the page tell of; the page's own rules forbid Playwright to."""
    for _ in range(PATIENCE_MS // 100):
        if await page.evaluate(so):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never came: {so}")


async def more(page: Page) -> None:
    """Open what lies behind «Mer»."""
    await page.get_by_role("button", name="Mer", exact=True).click()
    await expect(page.locator("#more-panel")).to_be_visible()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def met(browser: Browser, home: House) -> AsyncGenerator[Meeting]:
    """A call that the tests share; each leaves it as it was."""
    async with meeting(browser, home) as begun:
        yield begun


async def test_another_camera_takes_the_place_of_the_one_before(met: Meeting) -> None:
    page = met.patient
    before = await sent(page)
    await more(page)
    cameras = page.get_by_label("Kamera", exact=True)
    names = await cameras.locator("option").all_text_contents()
    assert len(names) == 3
    await cameras.select_option(names[2])
    await until(page, f"outgoing.device('video').label === '{names[2]}'")
    after = await sent(page)
    assert after["device"] != before["device"]
    assert after == before | {"device": after["device"]}  # the same connection, guarded as before
    await more_is_closed(page)
    await met.both_see_and_hear()


async def more_is_closed(page: Page) -> None:
    """By the key that closes things; the focus is where it was."""
    await page.get_by_label("Kamera", exact=True).press("Escape")
    await expect(page.locator("#more-panel")).to_be_hidden()
    await expect(page.get_by_role("button", name="Mer", exact=True)).to_be_focused()


async def test_another_microphone_and_a_speaker_can_be_chosen(met: Meeting) -> None:
    page = met.doctor
    await more(page)
    before = await page.evaluate("outgoing.device('audio').getSettings().deviceId")
    microphones = page.get_by_label("Mikrofon", exact=True)
    values = [
        await each.get_attribute("value") for each in await microphones.locator("option").all()
    ]
    other = next(each for each in values if each not in (before, "default", "communications"))
    await microphones.select_option(other)
    await until(page, f"outgoing.device('audio').getSettings().deviceId === '{other}'")
    speakers = page.get_by_label("Høyttaler", exact=True)
    chosen = await speakers.locator("option").last.get_attribute("value")
    await speakers.select_option(chosen)
    await until(page, f"document.getElementById('far').sinkId === '{chosen}'")
    await more_is_closed(page)
    await met.both_see_and_hear()


async def test_a_device_that_is_pulled_out_is_named_and_another_one_is_taken(met: Meeting) -> None:
    for kind, words in (("video", "Kameraet ble borte."), ("audio", "Mikrofonen ble borte.")):
        await met.doctor.evaluate(PULL_OUT, kind)
        await expect(met.doctor.locator("#device")).to_contain_text(words)
        await expect(met.doctor.locator("#device")).to_contain_text("Nå bruker vi")
        assert (await sent(met.doctor))["connections"] == 1
        await sees_and_hears(met.patient)


async def test_without_another_one_the_call_goes_on_until_there_is_one(met: Meeting) -> None:
    page = met.doctor
    await page.evaluate(
        """() => {
            const {mediaDevices} = navigator;
            globalThis.real = mediaDevices.getUserMedia.bind(mediaDevices);
            mediaDevices.getUserMedia = () =>
                Promise.reject(new DOMException('none', 'NotFoundError'));
        }"""
    )
    await page.evaluate(PULL_OUT, "video")
    await expect(page.locator("#device")).to_have_text(
        "Kameraet ble borte. Dere hører hverandre fortsatt."
    )
    await expect(page.locator("#camera")).to_be_disabled()
    await hears(met.patient)
    await page.evaluate("void (navigator.mediaDevices.getUserMedia = real)")
    await page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    await expect(page.locator("#device")).to_contain_text("Nå bruker vi et annet")
    await expect(page.locator("#camera")).to_be_enabled()
    await sees_and_hears(met.patient)


async def test_keys_do_what_the_buttons_do_but_not_while_one_writes(met: Meeting) -> None:
    page = met.doctor
    note = page.get_by_label("Sykehistorie")
    await note.focus()
    await page.keyboard.type("mc")
    assert await page.evaluate("outgoing.off") == {"audio": False, "video": False}
    await note.fill("")
    await page.locator("#call").focus()
    await page.keyboard.press("m")
    await expect(page.get_by_role("button", name="Slå på lyd")).to_be_visible()
    await expect(page.locator("#said-state")).to_have_text("Lyden din er av.")
    await page.keyboard.press("c")
    await expect(page.get_by_role("button", name="Slå på bilde")).to_be_visible()
    await page.keyboard.press("Control+m")  # the browser's own
    await page.keyboard.press("m")
    await page.keyboard.press("c")
    assert await page.evaluate("outgoing.off") == {"audio": False, "video": False}


async def test_whoever_wants_no_keys_has_none(met: Meeting) -> None:
    page = met.patient
    await page.locator("#call").focus()
    await page.keyboard.press("a")
    await page.get_by_text("Tastene", exact=True).click()
    await page.get_by_label("Bruk tastene").uncheck()
    await page.keyboard.press("m")
    assert not await page.evaluate("outgoing.off.audio")
    await page.get_by_label("Bruk tastene").check()
    await page.keyboard.press("m")
    assert await page.evaluate("outgoing.off.audio")
    await page.keyboard.press("m")
    await page.get_by_text("Tastene", exact=True).click()
    await more_is_closed(page)


async def test_every_control_can_be_reached_and_seen_by_keyboard(met: Meeting) -> None:
    page = met.patient
    await more(page)
    wanted = {"mute", "camera", "more", "leave", "only-sound", "use-camera", "use-microphone"}
    await page.locator("#call").focus()
    reached = set()
    for _ in range(30):
        await page.keyboard.press("Tab")
        assert await page.evaluate(UNSEEN) == ""
        reached.add(await page.evaluate("document.activeElement.id"))
    assert wanted <= reached
    await more_is_closed(page)


async def test_whoever_wants_sound_alone_sends_no_picture_and_both_read_so(met: Meeting) -> None:
    await met.patient.locator("#call").focus()
    await met.patient.keyboard.press("b")
    await expect(met.patient.locator("#sending")).to_have_text("Bare lyd. Bildet ditt er av.")
    await expect(met.patient.locator("#only-sound")).to_have_attribute("aria-pressed", "true")
    await expect(met.doctor.locator("#far-note")).to_contain_text("snakker uten bilde")
    assert (await sent(met.patient))["active"] == [False]
    await hears(met.doctor)
    first = await inbound(met.doctor)
    await hears(met.doctor)
    assert (await inbound(met.doctor))["frames"] == first["frames"]
    await met.patient.keyboard.press("b")
    await expect(met.doctor.locator("#far-note")).to_be_hidden()
    await expect(met.patient.locator("#sending")).to_be_empty()
    await met.both_see_and_hear()
    assert (await sent(met.patient))["guarded"]


async def test_a_new_connection_sends_what_the_old_one_did(met: Meeting) -> None:
    await met.patient.locator("#call").focus()
    await met.patient.keyboard.press("b")
    await met.patient.evaluate("call.rejoin()")
    await until(met.patient, "call.peer && !call.coming && call.connection > 1")
    await hears(met.doctor)
    assert (await sent(met.patient))["active"] == [False]
    await met.patient.keyboard.press("b")
    await met.both_see_and_hear()


# A screen that one may look into: without a person, no browser shows its own.
SCREEN = """() => {
    const sheet = document.createElement('canvas');
    [sheet.width, sheet.height] = [800, 600];
    const pen = sheet.getContext('2d');
    setInterval(() => {
        pen.fillStyle = `rgb(${Math.random() * 255}, 90, 90)`;
        pen.fillRect(0, 0, 800, 600);
    }, 50);
    navigator.mediaDevices.getDisplayMedia = async () => sheet.captureStream(20);
}"""


async def guarded(page: Page) -> Any:
    """The mode of the call, and how many frames were sealed and left unsealed so far."""
    return await page.evaluate("[secrecy.mode, secrecy.counts.sealed, secrecy.counts.unsent]")


@pytest.mark.parametrize("who", ["doctor", "patient"])
async def test_a_screen_is_shown_as_sealed_as_a_camera_and_the_camera_comes_back(
    met: Meeting, who: str
) -> None:
    page, other = (met.doctor, met.patient) if who == "doctor" else (met.patient, met.doctor)
    before = await sent(page)
    await page.evaluate(SCREEN)
    await page.evaluate(
        """() => { globalThis.transform = call.peer.getTransceivers()[1].sender.transform; }"""
    )
    await page.locator("#call").focus()
    await page.keyboard.press("s")
    await expect(page.locator("#sending")).to_have_text("Du viser skjermen din.")
    await expect(other.locator("#far-note")).to_contain_text("viser skjermen sin.")
    first = await guarded(page)
    wide = "document.getElementById('far').videoWidth / document.getElementById('far').videoHeight"
    await until(
        other, f"{wide} < 1.4"
    )  # four to three, as the sheet is; a camera's is sixteen to nine
    await met.both_see_and_hear()
    await until(page, f"secrecy.counts.sealed > {first[1]} + 30")
    last = await guarded(page)
    assert (last[0], last[2]) == ("locked", first[2])
    assert await page.evaluate("transform === call.peer.getTransceivers()[1].sender.transform")
    assert (await sent(page))["connections"] == before["connections"]
    await page.evaluate("outgoing.screen.dispatchEvent(new Event('ended'))")  # the browser's button
    await expect(page.locator("#sending")).to_be_empty()
    await expect(other.locator("#far-note")).to_be_hidden()
    await until(other, f"{wide} > 1.7")
    await met.both_see_and_hear()
    assert await sent(page) == before


async def test_whoever_shows_no_screen_after_all_goes_on_as_before(met: Meeting) -> None:
    page = met.patient
    before = await sent(page)
    await page.evaluate(
        """() => {
            navigator.mediaDevices.getDisplayMedia = () =>
                Promise.reject(new DOMException('no', 'NotAllowedError'));
        }"""
    )
    await page.locator("#call").focus()
    await page.keyboard.press("s")
    await expect(page.locator("#device")).to_have_text("Skjermen ble ikke vist.")
    assert await sent(page) == before


async def test_the_others_picture_goes_into_a_window_of_its_own(met: Meeting) -> None:
    page = met.doctor
    await more(page)
    window = page.get_by_role("button", name="Bilde i eget vindu")
    await window.click()
    await expect(window).to_have_attribute("aria-pressed", "true")
    await sees_and_hears(page)
    await window.click()
    await expect(window).to_have_attribute("aria-pressed", "false")
    await more_is_closed(page)


async def test_where_a_browser_has_no_such_window_there_is_no_button(
    browser: Browser, home: House
) -> None:
    page = await browser.new_page()
    await page.add_init_script(
        "Object.defineProperty(Document.prototype, 'pictureInPictureEnabled', {value: false});"
        "delete MediaDevices.prototype.getDisplayMedia;"
    )
    await page.route("**/*", bar_alone)
    await page.goto(home.url)
    await page.evaluate(
        """async () => {
            const {more} = await import('/static/js/more.js');
            const outgoing = Object.assign(new EventTarget(), {device: () => null, screen: null});
            await more(outgoing, {});
        }"""
    )
    for name in ("pip", "share"):
        await expect(page.locator(f"#{name}")).to_be_hidden()
    await page.close()


async def bar_alone(route: Route) -> None:
    """The doctor's page in a call, of the showcase; scripts are the real ones."""
    if "/static/js/" in route.request.url:
        await route.continue_()
    else:
        page = PAGES["desk-in-call"].render("nb")
        await route.fulfill(body=page, content_type="text/html; charset=utf-8")
