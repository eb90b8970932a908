"""The technical test, from the waiting room to the doctor's list, and what a call leaves behind."""

import sqlite3
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.e2e.keys import Keys
from tests.e2e.network import network
from tests.e2e.steps import WHOLE_WAY, finish, hears, meeting, on_duty, waiting
from tests.house import House

pytestmark = WHOLE_WAY

# What the patient reads, and what then stands on the doctor's list. Which of them it is depends on
# how busy the machine of the test is.
LISTED = {
    "Nettet er bra nok for lyd og bilde.": "Bra nett",
    "Nettet er litt svakt.": "Svakt nett",
    "Nettet er for svakt til video akkurat nå.": "For svakt til video",
}


async def begin(page: Page) -> None:
    """The patient opens the test and starts it, by keyboard."""
    keys = Keys(page)
    await keys.press(page.get_by_role("link", name="Test lyd, bilde og nett"))
    await expect(page.get_by_role("button", name="Start testen")).to_be_enabled()
    await keys.press(page.get_by_role("button", name="Start testen"))
    assert keys.unseen == []
    await expect(page.get_by_role("button", name="Stopp testen")).to_be_focused()
    await expect(page.locator("#row-net")).to_contain_text("Vi måler nettet")


def stored(home: House, table: str, visit: str) -> list[dict[str, Any]]:
    """What the database holds of this visit."""
    with sqlite3.connect(home.folder / "venterom.db") as care:
        care.row_factory = sqlite3.Row
        return [
            dict(row) for row in care.execute(f"SELECT * FROM {table} WHERE visit = ?", [visit])
        ]  # noqa: S608  # a name of ours


async def test_what_the_test_has_found_is_on_the_doctors_list(
    home: House, browser: Browser
) -> None:
    async with waiting(browser, home) as (patient, _), on_duty(browser, home) as (doctor, _):
        await expect(doctor.locator("#waiting")).to_contain_text("Ikke testet")
        await begin(patient)
        verdict = await patient.locator("#tested .strong").text_content() or ""
        await patient.get_by_role("button", name="Ja, jeg hørte dem").click()
        for row in ("#row-cam", "#row-mic", "#row-speaker"):
            await expect(patient.locator(row)).to_have_attribute("data-result", "good")
        await expect(patient.get_by_role("button", name="Start testen")).to_be_visible()
        await expect(doctor.locator("#waiting")).to_contain_text(LISTED[verdict])
        await expect(doctor.locator("#waiting")).to_contain_text("Kamera og mikrofon virker")
        await patient.reload()
        await expect(patient.locator("#tested")).to_contain_text(verdict)


async def test_a_test_that_is_stopped_changes_nothing_and_can_be_taken_again(
    home: House, browser: Browser
) -> None:
    async with waiting(browser, home) as (patient, _):
        await begin(patient)
        await patient.keyboard.press("Enter")
        await expect(patient.locator("#row-net")).to_contain_text("Testen er stoppet")
        await expect(patient.locator("#tested")).to_be_empty()
        await expect(patient.get_by_role("button", name="Start testen")).to_be_focused()
        await patient.keyboard.press("Enter")
        await expect(patient.locator("#tested")).to_contain_text("forsinkelse")


async def test_a_network_that_loses_packets_is_told_apart_by_direction(
    home: House, browser: Browser
) -> None:
    async with network() as air, waiting(browser, home) as (patient, _):
        await air.lead_echo(patient)
        air.loses = 8
        await begin(patient)
        await expect(patient.locator("#tested")).to_contain_text("ruteren")
        (found,) = stored(home, "technical_check", patient.url.split("/")[-2])
    assert found["verdict"] in ("poor", "too_poor")
    assert found["lost_down"] > 30 and found["lost_down"] > found["lost_up"]


async def test_a_network_that_stops_media_is_said_to(home: House, browser: Browser) -> None:
    async with network() as air, waiting(browser, home) as (patient, _):
        await air.lead_echo(patient)
        air.carries_media = False
        await begin(patient)
        await expect(patient.locator("#tested")).to_contain_text(
            "slipper ikke lyd og bilde gjennom"
        )


async def test_who_is_in_the_test_learns_that_the_doctor_is_ready(
    home: House, browser: Browser
) -> None:
    async with waiting(browser, home) as (patient, _), on_duty(browser, home) as (doctor, theirs):
        visit = patient.url.rsplit("/", 1)[1]
        await begin(patient)
        await doctor.get_by_role("button", name="Ta neste").click()
        try:
            await patient.get_by_role("link", name="Bli med").click()
            await expect(patient.get_by_role("button", name="Prøv kamera og lyd")).to_be_visible()
        finally:
            await finish(theirs, visit)


async def test_a_weak_network_is_said_to_both_and_kept_beside_the_note(
    home: House, browser: Browser
) -> None:
    async with network() as air, meeting(browser, home, air) as met:
        air.loses = 8
        for page in (met.patient, met.doctor):
            await expect(page.locator("#network")).to_contain_text("Forbindelsen er svak")
        await hears(met.patient)
        await met.doctor.get_by_role("button", name="Legg på").click()
        await expect(met.doctor.get_by_text("Lagt på").first).to_be_visible()
        await met.doctor.reload()
        await expect(met.doctor.get_by_role("heading", name="Nett i samtalen")).to_be_visible()
        rows = {row["seat"]: row for row in stored(home, "call_quality", met.visit)}
    assert rows["patient"]["lost"] > 30 and rows["patient"]["samples"] >= 1
    assert rows["doctor"]["seconds"] > 0 and rows["doctor"]["reconnects"] == 0
