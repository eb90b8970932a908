"""What is lost comes back: reloads, networks, processes and whole browsers that die in the call."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.browsers import FEW_FRAMES, asleep, launched
from tests.e2e.network import network
from tests.e2e.steps import (
    WHOLE_WAY,
    Meeting,
    enter,
    knock,
    meeting,
    on_duty,
    promise_of,
    sees_and_hears,
    ticket,
    waiting,
)
from tests.house import House, house

pytestmark = WHOLE_WAY
OWN_DEVICES = FEW_FRAMES

PATIENT_LOST = "Kari Prøvdal falt ut."
ANOTHER_COMES = "En ny lege kommer."
DOCTOR_LOST = "Solveig Legeprøve falt ut."
LINE_LOST = "Forbindelsen falt ut."
ELSEWHERE = "Du er i samtalen i et annet vindu."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """One of its own, which is killed."""
    with house(tmp_path_factory.mktemp("house")) as built:
        yield built


async def connections(met: Meeting) -> list[int]:
    """How many connections each page has made."""
    return [await page.evaluate("call.connection") for page in (met.patient, met.doctor)]


async def come_back(met: Meeting, before: list[int], what: str) -> None:
    """Both make a new connection, and see and hear each other by it."""
    began = time.monotonic()
    while not all(now > then for now, then in zip(await connections(met), before, strict=True)):
        await asyncio.sleep(0.1)
    await met.both_see_and_hear()
    print(f"{what}: media both ways again after {time.monotonic() - began:.1f} s")


async def test_reloading_in_the_call_leads_straight_back_to_the_same_seat(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met:
        began = time.monotonic()
        await met.patient.reload()
        await met.both_see_and_hear()
        print(f"reload: media both ways again after {time.monotonic() - began:.1f} s")
        await expect(met.patient.locator("#check")).to_be_hidden()
        await met.doctor.reload()
        await met.both_see_and_hear()


async def test_without_network_both_are_told_and_both_come_back(
    home: House, browser: Browser
) -> None:
    async with network() as net, meeting(browser, home, net) as met:
        net.goes_away()
        await expect(met.patient.get_by_text(LINE_LOST)).to_be_visible()
        await expect(met.doctor.get_by_text(PATIENT_LOST)).to_be_visible()
        before = await connections(met)
        net.comes_back()
        await met.patient.evaluate("dispatchEvent(new Event('online'))")  # as browsers say it
        await met.both_see_and_hear()
        await expect(met.patient.locator("#over")).to_be_hidden()
        await expect(met.doctor.locator("#over")).to_be_hidden()
        assert (await connections(met))[0] > before[0], "the old connection was trusted"


@pytest.mark.soak
async def test_media_that_stops_is_made_anew(home: House, browser: Browser) -> None:
    async with network() as net, meeting(browser, home, net) as met:
        before = await connections(met)
        net.carries_media = False
        await expect(met.doctor.get_by_text(PATIENT_LOST)).to_be_visible()
        await expect(met.patient.get_by_text(LINE_LOST)).to_be_visible()
        while (await connections(met))[0] == before[0]:
            await asyncio.sleep(0.1)
        net.carries_media = True
        await met.both_see_and_hear()
        await expect(met.doctor.locator("#over")).to_be_hidden()


@pytest.mark.soak
async def test_a_line_that_dies_without_a_word_is_noticed_and_made_anew(
    home: House, browser: Browser
) -> None:
    async with network() as net, meeting(browser, home, net) as met:
        async with met.patient.expect_websocket():
            net.changes()
        await met.both_see_and_hear()
        await met.doctor.goto("about:blank")
        await expect(met.patient.get_by_text(DOCTOR_LOST)).to_be_visible()


async def test_a_killed_media_process_costs_a_moment(home: House, browser: Browser) -> None:
    async with meeting(browser, home) as met:
        before = await connections(met)
        for worker in home.media_workers():
            os.kill(worker, signal.SIGKILL)
        await come_back(met, before, "media killed")


async def test_a_killed_service_comes_back_as_it_was_and_so_does_the_call(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met, waiting(browser, home, 1) as (next_in_line, _):
        promised = await promise_of(next_in_line)
        await met.doctor.get_by_label("Årsak").fill("Sår hals")
        await expect(met.doctor.locator("#saved")).to_have_attribute("data-state", "saved")
        before, stored = await connections(met), rows(home)
        began = time.monotonic()
        home.kill()
        home.start()
        started = time.monotonic() - began
        await come_back(met, before, f"service killed, started again after {started:.1f} s")
        assert rows(home) == stored
        assert await promise_of(next_in_line) == promised
        await met.doctor.reload()
        await expect(met.doctor.get_by_label("Årsak")).to_have_value("Sår hals")


def rows(home: House) -> list[object]:
    """The queue, the ledger, the consents and the drafts as they lie in the database."""
    with closing(sqlite3.connect(home.folder / "venterom.db")) as db:
        return [
            db.execute(f"SELECT {columns} ORDER BY 1").fetchall()
            for columns in (
                "visit, patient, promise, state, deadline, claimed_by FROM queue_entry",
                "* FROM promise",
                "* FROM promise_outcome",
                "* FROM record_consent",
                "* FROM note_draft",
            )
        ]


@pytest.mark.soak
async def test_a_closed_lid_wakes_to_the_true_state(home: House, browser: Browser) -> None:
    async with (
        launched() as laptop,
        waiting(laptop, home) as (patient, _),
        on_duty(browser, home) as (doctor, _),
    ):
        async with asleep(laptop):
            home.kill()
            home.start()
            await doctor.reload()
            await doctor.get_by_role("button", name="Ta neste").click()
            await expect(doctor.locator("#call")).to_be_visible()
        await expect(patient.get_by_role("heading", name="Legen er klar")).to_be_visible()
        await expect(patient.locator("#live-state")).to_have_attribute("data-state", "back")


@pytest.mark.soak
async def test_a_lid_that_closed_on_a_dead_line_wakes_to_the_true_state(
    home: House, browser: Browser
) -> None:
    async with (
        network() as net,
        waiting(browser, home, air=net) as (patient, _),
        on_duty(browser, home) as (doctor, _),
    ):
        await patient.clock.install()
        heard = asyncio.Event()
        patient.on("websocket", lambda socket: socket.on("framereceived", lambda _: heard.set()))
        await patient.reload()
        await heard.wait()
        net.changes()
        await doctor.get_by_role("button", name="Ta neste").click()
        await expect(doctor.locator("#call")).to_be_visible()
        await patient.clock.fast_forward("20:00")
        await expect(patient.get_by_role("heading", name="Legen er klar")).to_be_visible()


async def test_a_doctor_who_is_lost_is_followed_by_another_and_learns_of_it(
    home: House, browser: Browser
) -> None:
    async with on_duty(browser, home, 1) as (second, theirs), meeting(browser, home) as met:
        stale, room = await ticket(met.doctor), met.doctor.url
        await met.doctor.close()
        await is_given_up(home, met)
        assert await promise_of(met.patient) == met.promised

        await second.get_by_role("button", name="Ta neste").click()
        met.treats = theirs
        await met.patient.get_by_role("link", name="Bli med").click()
        await enter(met.patient)
        await asyncio.gather(sees_and_hears(met.patient), sees_and_hears(second))

        assert await knock(browser, home, met.visit, stale) == "NotAdmitted"
        again = await met.doctor.context.new_page()
        await again.goto(room)
        await expect(again.get_by_text("En annen lege har tatt over.")).to_be_visible()


@pytest.mark.soak
async def test_a_doctor_who_was_away_too_long_is_told_where_the_patient_is(
    home: House, browser: Browser
) -> None:
    async with network() as net, meeting(browser, home, doctors=net) as met:
        net.goes_away()
        await expect(met.patient.get_by_text(DOCTOR_LOST)).to_be_visible()
        await is_given_up(home, met)
        net.comes_back()
        await met.doctor.evaluate("dispatchEvent(new Event('online'))")  # as browsers say it
        await expect(met.doctor.get_by_text("Plassen i køen og tiden er de samme.")).to_be_visible()
        await met.doctor.get_by_role("button", name="Ta neste").click()
        await expect(met.doctor.locator("#call")).to_be_visible()


async def is_given_up(home: House, met: Meeting) -> None:
    """The doctor's lease runs out, and the patient is told. The clock cannot be moved here, so the
    lease is; again, while the service still believes in a socket that nobody holds any more."""
    held = "SELECT claimed_by FROM queue_entry WHERE visit = ?"
    with closing(sqlite3.connect(home.folder / "venterom.db", timeout=30)) as db:
        while not await met.patient.get_by_text(ANOTHER_COMES).count():
            with db:
                silent = f"UPDATE shift SET heartbeat_at = 0 WHERE practitioner = ({held})"
                db.execute(silent, [met.visit])
                db.execute("UPDATE queue_entry SET lease_until = 0 WHERE visit = ?", [met.visit])
            await asyncio.sleep(0.5)


@pytest.mark.soak
async def test_the_newest_tab_has_the_seat_and_the_older_can_take_it_back(
    home: House, browser: Browser
) -> None:
    async with meeting(browser, home) as met:
        newer = await met.patient.context.new_page()
        await newer.goto(met.patient.url)
        await enter(newer)
        await sees_and_hears(newer)
        await expect(met.patient.get_by_text(ELSEWHERE)).to_be_visible()
        await met.patient.get_by_role("button", name="Koble til igjen").click()
        await met.both_see_and_hear()
        await expect(newer.get_by_text(ELSEWHERE)).to_be_visible()


async def test_the_doctors_note_outlives_the_service_the_page_and_another_tab(
    home: House, browser: Browser
) -> None:
    async with waiting(browser, home), on_duty(browser, home) as (doctor, _):
        await doctor.get_by_role("button", name="Ta neste").click()
        note = Note(doctor)
        await note.write("Sår hals", "saved")
        home.kill()
        await note.write("Sår hals i tre dager", "offline")
        home.start()
        await note.stands("Sår hals i tre dager", "saved")

        await doctor.context.set_offline(True)
        await note.write("Sår hals i fire dager", "offline")
        room = await note.leave_the_page()
        await doctor.context.set_offline(False)
        await doctor.goto(room)
        await note.stands("Sår hals i fire dager")
        await note.has_nothing_unsaved()  # whichever page sent it: this one, or the one before

        other = await doctor.context.new_page()
        await other.goto(doctor.url)
        await Note(other).stands("Sår hals i fire dager")
        await Note(other).write("Skrevet i et annet vindu", "saved")
        await note.write("Skrevet her", "conflict")
        await doctor.reload()
        await note.stands("Skrevet her", "conflict")
        await doctor.get_by_role("button", name="Signer og send").click()
        await expect(doctor.get_by_text("Skrevet i et annet vindu")).to_be_visible()
        await note.stands("Skrevet her")


async def test_a_lost_answer_and_a_fault_of_the_service_are_no_conflict(
    home: House, browser: Browser
) -> None:
    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    async with waiting(browser, home), on_duty(browser, home) as (doctor, _):
        await doctor.context.route("**/note", lose_the_answer)
        await doctor.get_by_role("button", name="Ta neste").click()
        note = Note(doctor)
        await note.write("Sår hals", "offline")
        await doctor.context.unroute("**/note")
        await note.write("Sår hals i tre dager", "saved")
        await doctor.context.route("**/note", lambda route: route.fulfill(status=503))
        await note.write("Sår hals i fire dager", "offline")
        await doctor.context.unroute("**/note")
        await note.write("Sår hals i fem dager", "saved")


async def test_a_call_that_has_not_begun_cannot_be_ended_and_one_is_told_what_to_do(
    home: House, browser: Browser
) -> None:
    async with waiting(browser, home), on_duty(browser, home) as (doctor, _):
        await doctor.get_by_role("button", name="Ta neste").click()
        own = doctor.locator("#own")
        await doctor.get_by_role("button", name="Legg på").click()
        await expect(own).to_contain_text("Samtalen har ikke begynt.")
        await doctor.route("**/hang-up", lambda route: route.abort())
        await doctor.get_by_role("button", name="Legg på").click()
        await expect(own).to_contain_text("Vi fikk ikke lagt på.")
        await doctor.get_by_role("button", name="Pasienten svarer ikke").click()
        await expect(doctor.get_by_text("Den som venter, ringes igjen kl.")).to_be_visible()


@pytest.mark.soak
async def test_what_is_typed_before_the_script_has_come_is_saved(
    home: House, browser: Browser
) -> None:
    typed = asyncio.Event()

    async def come_late(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    async with waiting(browser, home), on_duty(browser, home) as (doctor, _):
        await doctor.context.route("**/note.js*", come_late)
        await doctor.get_by_role("button", name="Ta neste").click(no_wait_after=True)
        note = Note(doctor)
        await doctor.get_by_label("Årsak").fill("Sår hals")
        typed.set()
        await note.stands("Sår hals", "saved")


class Note:
    """The note on a doctor's page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._reason = page.get_by_label("Årsak")
        page.on("dialog", lambda dialog: dialog.accept())

    async def write(self, text: str, state: str) -> None:
        """Type, and wait for what the page says about it."""
        await self._reason.fill(text)
        await self.stands(text, state)

    async def stands(self, text: str, state: str = "") -> None:
        """This is what is there, and what the page says about it."""
        await expect(self._reason).to_have_value(text)
        if state:
            await expect(self._page.locator("#saved")).to_have_attribute("data-state", state)

    async def has_nothing_unsaved(self) -> None:
        """Nothing lies in the drawer of this tab (web/static/js/drawer.js)."""
        unsaved = "Object.keys(sessionStorage).some((name) => name.endsWith('/note'))"
        while await self._page.evaluate(unsaved):  # to wait in the page itself takes `eval`
            await asyncio.sleep(0.05)

    async def leave_the_page(self) -> str:
        """Whatever the page warns of; returns its address."""
        room = self._page.url
        await self._page.goto("about:blank")
        return room
