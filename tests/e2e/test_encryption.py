"""Real calls between two Chromiums that nobody between them can follow, and what is said of those
that somebody could."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e import dump
from tests.e2e.between import Between
from tests.e2e.dump import Dump
from tests.e2e.modules import modules
from tests.e2e.steps import (
    WHOLE_WAY,
    enter,
    finish,
    inbound,
    meeting,
    on_duty,
    sees,
    sees_and_hears,
    waiting,
)
from tests.house import House, house

pytestmark = WHOLE_WAY

CANNOT = "delete globalThis.RTCRtpScriptTransform"
OPEN = "Samtalen er ikke kryptert hele veien."
BLIND = "Vi får ikke låst opp lyd og bilde."
MANY = 40  # frames: two seconds of them
# What the other page sent is taken for another key.
WRONG = ("await secret.unwrap(kid, key)", "crypto.getRandomValues(new Uint8Array(32))")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """A demonstration whose forwarder is listened at."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "dump").touch()
    with house(folder, PYTHONPATH=str(dump.TAP), TAP=str(folder / "dump")) as built:
        yield built


@pytest.fixture(scope="module")
def tap(home: House) -> Dump:
    """What was heard there."""
    return Dump(home.folder / "dump")


@asynccontextmanager
async def beginning(browser: Browser, home: House) -> AsyncGenerator[tuple[Page, Page]]:
    """A doctor and a patient before the call: neither has come to the room."""
    async with on_duty(browser, home) as (doctor, theirs), waiting(browser, home) as (patient, _):
        visit = patient.url.rsplit("/", 1)[1]
        yield patient, doctor
        await finish(theirs, visit)


async def call(patient: Page, doctor: Page) -> None:
    """Both go into the room."""
    await doctor.get_by_role("button", name="Ta neste").click()
    await patient.goto(f"{patient.url}/room")
    await enter(patient)


async def words(page: Page) -> str:
    """The five words, as one sees them."""
    await expect(page.locator("#lock-words")).to_be_visible()
    return " ".join(await page.locator("#lock-words li").all_inner_texts())


async def lock(page: Page, state: str) -> None:
    """How the lock looks."""
    await expect(page.locator("#lock")).to_have_attribute("data-lock", state)


def recorded(home: House) -> tuple[str, str]:
    """What the record says of the newest call."""
    with closing(sqlite3.connect(home.folder / "venterom.db")) as db:
        newest = "SELECT encryption, words FROM call_protection ORDER BY at DESC LIMIT 1"
        found: tuple[str, str] = db.execute(newest).fetchone()
    return found


async def records(home: House, encryption: str, words: str) -> None:
    """The record comes to say this."""
    while recorded(home) != (encryption, words):
        await asyncio.sleep(0.1)


async def test_two_browsers_see_each_other_and_the_forwarder_sees_nothing(
    home: House, browser: Browser, tap: Dump
) -> None:
    tap.packets()
    async with meeting(browser, home) as met:
        both = (met.patient, met.doctor)
        spoken = [await words(page) for page in both]
        assert spoken[0] == spoken[1] and len(spoken[0].split()) == 5
        await records(home, "end_to_end", "not_compared")
        await met.doctor.get_by_role("button", name="Ordene stemmer").click()
        for page in both:
            await lock(page, "same")
        await records(home, "end_to_end", "matched")
        before = [(await inbound(page))["frames"] for page in both]
        await met.both_see_and_hear()
        after = [(await inbound(page))["frames"] for page in both]
        print(f"decoded frames: {before} then {after}, {[await counts(page) for page in both]}")
        assert all(now > then for now, then in zip(after, before, strict=True))
    for seat, packets in tap.packets().items():
        frames, sounds = dump.pictures(packets), dump.sounds(packets)
        print(f"{seat}: {len(frames)} pictures and {len(sounds)} sounds at the forwarder")
        assert len(frames) > 20 and len(sounds) > 20
        assert dump.seen(frames) == 0
        whose = {dump.sealed_by(each, dump.clear_part(each)) for each in frames}
        assert whose | {dump.sealed_by(each, 1) for each in sounds} == {seat}


async def counts(page: Page) -> dict[str, int]:
    """What the page's worker has done with frames."""
    found: dict[str, int] = await page.evaluate("secrecy.counts")
    return found


async def test_where_one_browser_cannot_both_are_told_first_and_the_record_says_so(
    home: House, browser: Browser, tap: Dump
) -> None:
    tap.packets()
    async with beginning(browser, home) as (patient, doctor):
        await patient.add_init_script(CANNOT)
        await doctor.get_by_role("button", name="Ta neste").click()
        await patient.goto(f"{patient.url}/room")
        told = "Klar til video, men ikke kryptert hele veien."
        await expect(patient.locator("#row-line")).to_contain_text(told)
        await enter(patient)
        await expect(doctor.get_by_text(OPEN)).to_be_visible()
        assert not tap.packets()["doctor"], "something was sent before the doctor had agreed"
        assert (await inbound(doctor))["frames"] == (await inbound(patient))["frames"] == 0
        await doctor.get_by_role("button", name="Gå videre").click()
        await asyncio.gather(sees_and_hears(patient), sees_and_hears(doctor))
        for page in (patient, doctor):
            await lock(page, "open")
            await expect(page.locator("#over")).to_be_hidden()
        await records(home, "hop_by_hop", "not_compared")
    for seat, packets in tap.packets().items():
        frames = dump.pictures(packets)
        print(f"{seat}: {dump.seen(frames)} of {len(frames)} pictures seen at the forwarder")
        assert dump.seen(frames) > len(frames) / 2


async def test_a_doctor_whose_browser_cannot_is_told_before_entering(
    home: House, browser: Browser, tap: Dump
) -> None:
    async with beginning(browser, home) as (patient, doctor):
        await doctor.add_init_script(CANNOT)
        await call(patient, doctor)
        await expect(doctor.get_by_text(OPEN)).to_be_visible()
        await expect(patient.locator("#over-title")).to_have_text("Legen kommer straks.")
        await doctor.get_by_role("button", name="Gå videre").click()
        await expect(patient.get_by_text(OPEN)).to_be_visible()
        await patient.get_by_role("button", name="Gå videre").click()
        await asyncio.gather(sees_and_hears(patient), sees_and_hears(doctor))


async def test_who_has_the_wrong_key_sees_and_hears_nothing_and_both_are_told(
    home: House, browser: Browser
) -> None:
    async def spoil(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        assert WRONG[0] in text
        await route.fulfill(response=answer, body=text.replace(*WRONG))

    async with beginning(browser, home) as (patient, doctor):
        await patient.context.route("**/e2ee/epochs.js", spoil)
        await call(patient, doctor)
        await sees(doctor)
        while (await counts(patient)).get("refused", 0) < MANY:
            await asyncio.sleep(0.2)
        assert await inbound(patient) == {"frames": 0, "energy": 0}
        for page in (patient, doctor):
            await expect(page.get_by_text(BLIND)).to_be_visible()
            await expect(page.get_by_role("link", name="Ring 23 01 48 00")).to_be_visible()
        print(f"wrong key: {await counts(patient)}, {await inbound(patient)}")
        assert await inbound(patient) == {"frames": 0, "energy": 0}


async def test_a_server_that_puts_itself_between_is_betrayed_by_the_words(
    home: House, browser: Browser
) -> None:
    async with beginning(browser, home) as (patient, doctor), modules(browser) as evil:
        between = Between(evil)
        await between.begin(f"/visit/{patient.url.rsplit('/', 1)[1]}/signal")
        await between.lead(patient, "patient")
        await between.lead(doctor, "doctor")
        await call(patient, doctor)
        await asyncio.gather(sees_and_hears(patient), sees_and_hears(doctor))
        assert await between.keys() >= 2, "it can open all that is sent"
        assert await words(patient) != await words(doctor)
        await doctor.get_by_role("button", name="Ordene er ulike").click()
        await expect(doctor.get_by_text("Noen kan være mellom dere.")).to_be_visible()
        await records(home, "end_to_end", "different")


async def test_a_page_that_is_loaded_anew_has_other_words_that_nobody_has_compared(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met:
        before = await words(met.doctor)
        await met.doctor.get_by_role("button", name="Ordene stemmer").click()
        await lock(met.patient, "same")
        await met.patient.reload()
        await met.both_see_and_hear()
        for page in (met.patient, met.doctor):
            await lock(page, "words")
        assert await words(met.doctor) == await words(met.patient) != before
        await records(home, "end_to_end", "not_compared")
