"""The whole main job: a patient is promised a doctor, meets one, and the note is in the journal."""

import re
import sqlite3
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browsers import FEW_FRAMES
from tests.e2e.steps import (
    WHOLE_WAY,
    arrive,
    desk,
    enter,
    everybody,
    knock,
    phone,
    promise_of,
    sees_and_hears,
    sign_in,
    ticket,
    waiting,
)
from tests.house import House, house
from tests.record import verdict

pytestmark = WHOLE_WAY
OWN_DEVICES = FEW_FRAMES

SCREENSHOTS = Path("var/screenshots")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """One of its own, whose journal holds this visit and no other."""
    with house(tmp_path_factory.mktemp("house")) as built:
        yield built


async def shot(page: Page, name: str) -> None:
    """Leave a picture of the whole page for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def test_a_patient_meets_a_doctor(home: House, browser: Browser) -> None:
    patient = await (await phone(browser)).new_page()
    doctor = await (await desk(browser)).new_page()
    visit = await waits(patient, home)
    await meet(patient, doctor, home)
    tickets = [await ticket(page) for page in (patient, doctor)]
    await others_stay_out(browser, home, visit)
    await write(doctor)
    await hang_up_and_sign(patient, doctor)

    with sqlite3.connect(home.folder / "epj.db") as epj:
        assert epj.execute("SELECT encounter FROM epj_record").fetchall() == [(visit,)]
    for stale in tickets:
        assert await knock(browser, home, visit, stale) == "NotAdmitted"
    judged = await verdict(home)
    assert judged.ok and judged.lines, judged.first_bad


async def waits(patient: Page, home: House) -> str:
    """The patient comes all the way to the waiting room, and a reload there changes nothing."""
    kari = everybody().patients[0]
    await arrive(patient, home, kari.who.name, kari.policy, look=shot)
    promised = await promise_of(patient)
    await patient.reload()
    assert await promise_of(patient) == promised
    return patient.url.rsplit("/", 1)[1]


async def meet(patient: Page, doctor: Page, home: House) -> None:
    """The doctor takes the patient, and they see and hear each other."""
    await doctor.goto(f"{home.url}/doctor")
    await sign_in(doctor, everybody().doctors[0].who.name)
    await expect(doctor.get_by_text("Vondt i halsen").first).to_be_visible()
    await shot(doctor, "20-worklist")
    await doctor.get_by_role("button", name="Ta neste").click()
    await expect(doctor.locator("#call")).to_be_visible()
    await shot(doctor, "21-room")
    await patient.get_by_role("link", name="Bli med").click()
    await shot(patient, "09-check")
    await enter(patient)
    await sees_and_hears(patient)
    await sees_and_hears(doctor)
    await shot(patient, "10-call")
    await shot(doctor, "22-call")


async def write(doctor: Page) -> None:
    """The doctor writes during the call, and what is written is saved by itself."""
    await doctor.get_by_label("Årsak").fill("Sår hals")
    await doctor.get_by_label("Funn").fill("Ser upåvirket ut på video")
    await doctor.get_by_label("Vurdering").fill("Forkjølelse")
    await doctor.get_by_label("Plan og råd til pasienten").fill("Hvile og drikke")
    await doctor.get_by_label("Hvor er pasienten nå?").fill("Hjemme")
    await doctor.get_by_label("ICPC-2").fill("R74")
    await expect(doctor.locator("#saved")).to_have_text(re.compile("Lagret"))


async def hang_up_and_sign(patient: Page, doctor: Page) -> None:
    """The end: the note arrives in the journal, and the patient reads what was decided."""
    await doctor.get_by_role("button", name="Legg på").click()
    await expect(patient.get_by_text("Legen skriver").first).to_be_visible()
    await shot(patient, "11-writing")
    await expect(doctor.get_by_text("Lagt på").first).to_be_visible()
    await doctor.get_by_role("button", name="Signer og send").click()
    await expect(doctor.locator("#live").get_by_text("I journalen", exact=True)).to_be_visible()
    await shot(doctor, "23-signed")
    await expect(patient.get_by_text("Hvile og drikke")).to_be_visible()
    await shot(patient, "12-after")


async def others_stay_out(browser: Browser, home: House, visit: str) -> None:
    """A ticket is good for its own visit only, and one that we did not sign for none."""
    async with waiting(browser, home, 1) as (other, _):
        await other.goto(f"{other.url}/room")
        hers = await ticket(other)
    assert await knock(browser, home, visit, hers) == "TicketForOtherVisit"
    assert await knock(browser, home, visit, "old.one") == "TicketAltered"
