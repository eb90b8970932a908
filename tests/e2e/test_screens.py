"""Every page as people see it: pictures of all of them, and what a machine can judge.

One visit is gone through once, from the front page to the journal, and every other state is looked
at once; each test then asks one question about what was seen. `make pictures` leaves pictures of
all of it in var/screenshots/.
"""

import asyncio
from pathlib import Path

import pytest

from tests.e2e import portrait
from tests.e2e.browsers import DEVICES, launched
from tests.e2e.eye import Eye
from tests.e2e.states import go_through
from tests.e2e.tour import Tour, go_round
from tests.house import House, house
from venterom.server.clock import utcnow
from venterom.server.demo.people import world
from venterom.web.text import today

# Half a minute each for the visit and the states where nothing else runs; many where much does.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

# Bytes: the patient's whole way, on a phone with one bar. 15,000 of them encrypt the call, 20,000
# are its controls, 2,000 bring an open page back in its turn; what few need (devices, writing, a
# picture) comes when it is asked for.
LIGHT = 167_000

CAMERA = "--use-file-for-fake-video-capture"


async def see_the_tour(folder: Path, home: House) -> Tour:
    """The visit, with a patient and a doctor who have a face each."""
    patient = portrait.write(folder / "patient.y4m", *portrait.PATIENT)
    doctor = portrait.write(folder / "doctor.y4m", *portrait.DOCTOR)
    async with (
        launched([*DEVICES, f"{CAMERA}={patient}"]) as patients,
        launched([*DEVICES, f"{CAMERA}={doctor}"]) as doctors,
    ):
        return await go_round(patients, doctors, home, world(today(utcnow())))


async def see_the_states() -> Eye:
    """Every state that the visit does not come to."""
    async with launched() as browser:
        return await go_through(browser)


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    folder = tmp_path_factory.mktemp("house")
    with house(folder) as home:
        return asyncio.run(see_the_tour(folder, home))


@pytest.fixture(scope="module")
def states() -> Eye:
    return asyncio.run(see_the_states())


def test_axe_finds_nothing_on_the_way(tour: Tour) -> None:
    assert tour.eye.violations == []


def test_axe_finds_nothing_in_any_other_state(states: Eye) -> None:
    assert states.violations == []


def test_the_console_is_quiet(tour: Tour) -> None:
    assert tour.eye.console == []


def test_nobody_else_is_asked_for_anything(tour: Tour, states: Eye) -> None:
    assert tour.eye.strangers + states.strangers == []


def test_one_stylesheet_is_waited_for_and_nothing_else(tour: Tour) -> None:
    for name, waited in tour.eye.blocking.items():
        assert len(waited) == 1 and ".css" in waited[0], name


def test_the_patients_way_is_light(tour: Tour) -> None:
    pages = tour.eye.weights["patient"]
    assert 0 < sum(pages.values()) < LIGHT, pages


def test_large_text_is_neither_cut_off_nor_scrolled_sideways(tour: Tour, states: Eye) -> None:
    assert tour.eye.cut_off + states.cut_off == []


def test_the_focus_can_be_seen_wherever_keys_lead(tour: Tour) -> None:
    assert tour.keys.unseen == []
