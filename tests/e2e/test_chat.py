"""What two people write in a call, only they can read; what a server does to it does not open."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.modules import modules, run
from tests.e2e.steps import WHOLE_WAY, enter, finish, hears, meeting, on_duty, waiting
from tests.house import House

pytestmark = WHOLE_WAY

SECRET = "Utslettet klør om natten"
PAIR = """
    const bits = crypto.getRandomValues(new Uint8Array(32));
    const between = new Uint8Array([1, 2, 3]);
    const make = () => exchange.Secret.from(bits, between);
    const doctor = new chat.Chat(await make(), 'doctor', 'patient');
    const patient = new chat.Chat(await make(), 'patient', 'doctor');
    const texts = async (reader, ...bodies) => {
        const read = [];
        for (const each of bodies) read.push((await reader.open(each))?.text ?? null);
        return read;
    };
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """Where the module runs."""
    async with modules(browser) as opened:
        yield opened


async def played(page: Page, body: str) -> Any:
    """Doctor and patient who share a secret, and what becomes of what they write."""
    return await run(page, PAIR + body)


async def test_what_one_writes_the_other_reads_both_ways(page: Page) -> None:
    body = """
        const one = (await doctor.seal({text: 'Hei'})).body;
        const two = (await patient.seal({text: 'På deg'})).body;
        return [...await texts(patient, one), ...await texts(doctor, two)];
    """
    assert await played(page, body) == ["Hei", "På deg"]


async def test_the_same_words_never_look_the_same(page: Page) -> None:
    body = """
        const bodies = new Set();
        for (let n = 0; n < 50; n += 1) bodies.add((await doctor.seal({text: 'ja'})).body);
        return bodies.size;
    """
    assert await played(page, body) == 50


async def test_what_comes_again_or_out_of_order_does_not_open(page: Page) -> None:
    body = """
        const one = (await doctor.seal({text: '1'})).body;
        const two = (await doctor.seal({text: '2'})).body;
        return texts(patient, two, one, two);
    """
    assert await played(page, body) == ["2", None, None]


async def test_what_is_sent_back_does_not_open(page: Page) -> None:
    body = "return texts(doctor, (await doctor.seal({text: 'ekko'})).body);"
    assert await played(page, body) == [None]


async def test_what_was_changed_in_one_bit_or_cut_does_not_open(page: Page) -> None:
    body = """
        const {body} = await doctor.seal({text: 'nei'});
        const whole = bytes.fromBase64(body);
        const changed = [];
        for (let bit = 0; bit < 8 * whole.length; bit += 1) {
            const other = whole.slice();
            other[bit >> 3] ^= 1 << (bit & 7);
            changed.push(bytes.toBase64(other));
        }
        whole.forEach((_, end) => changed.push(bytes.toBase64(whole.slice(0, end))));
        changed.push('', '!', 'AAAA');
        return (await texts(patient, ...changed)).filter((each) => each !== null);
    """
    assert await played(page, body) == []


async def test_another_secret_opens_nothing(page: Page) -> None:
    body = """
        const other = await exchange.Secret.from(new Uint8Array(32), between);
        const {body} = await doctor.seal({text: 'hemmelig'});
        return texts(new chat.Chat(other, 'patient', 'doctor'), body);
    """
    assert await played(page, body) == [None]


async def test_the_key_cannot_be_taken_out_of_the_browser(page: Page) -> None:
    body = """
        const key = await doctor.key;
        return crypto.subtle.exportKey('raw', key).then(() => 'taken', (fault) => fault.name);
    """
    assert await played(page, body) == "InvalidAccessError"


async def test_two_people_write_and_the_server_reads_nothing(home: House, browser: Browser) -> None:
    async with meeting(browser, home) as met:
        await overhear(met.patient)
        for each in (met.patient, met.doctor):
            await expect(each.locator("#lock")).to_have_attribute("data-lock", "words")
        await met.doctor.get_by_role("button", name="Skriv", exact=True).click()
        field = met.doctor.get_by_label("Skriv her")
        await expect(field).to_be_focused()
        await field.fill(f"{SECRET} <img src=x>")
        await field.press("Enter")
        await expect(met.doctor.locator("#chat-said")).to_contain_text("Kommet frem")
        unread = met.patient.locator("#chat-unread")
        await expect(unread).to_have_text("1")
        await met.patient.get_by_role("button", name="Skriv").click()
        said = met.patient.locator("#chat-said")
        await expect(said).to_contain_text(f"{SECRET} <img src=x>")
        await expect(unread).to_be_empty()
        carried = [each for each in await met.patient.evaluate("overheard") if '"chat"' in each]
        assert carried and not any(word in str(carried) for word in SECRET.split())
        await met.patient.get_by_label("Skriv her").fill("m")  # no key of the call
        await met.patient.get_by_label("Skriv her").press("Enter")
        await expect(met.doctor.locator("#chat-said li")).to_have_count(2)
        assert not await met.patient.evaluate("outgoing.off.audio")
        forged = "{detail: {seat: 'doctor', body: 'Zm9yZ2VkIGJ5IHRoZSBzZXJ2ZXI'}}"
        await met.patient.evaluate(f"call.dispatchEvent(new CustomEvent('chat', {forged}))")
        await expect(said).to_contain_text("Det kom en melding som ikke kan åpnes.")


async def test_where_the_call_is_open_nobody_writes_and_the_panel_says_why(
    home: House, browser: Browser
) -> None:
    async with (
        waiting(browser, home) as (patient, _),
        on_duty(browser, home) as (doctor, theirs),
    ):
        visit = patient.url.rsplit("/", 1)[1]
        await doctor.get_by_role("button", name="Ta neste").click()
        try:
            await patient.add_init_script("delete globalThis.RTCRtpScriptTransform")
            await patient.goto(f"{patient.url}/room")
            await enter(patient)
            await doctor.get_by_role("button", name="Gå videre").click()
            await hears(doctor)
            for page in (patient, doctor):
                await page.get_by_role("button", name="Skriv", exact=True).click()
                await expect(page.locator("#chat-why")).to_contain_text("ikke kryptert hele veien")
                await expect(page.get_by_label("Skriv her")).to_be_disabled()
        finally:
            await finish(theirs, visit)


async def overhear(page: Page) -> None:
    """What the server sends from here on is noted."""
    await page.evaluate(
        """() => {
            globalThis.overheard = [];
            const {socket} = call;
            socket.addEventListener('message', ({data}) => overheard.push(data));
        }"""
    )
