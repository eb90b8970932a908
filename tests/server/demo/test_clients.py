"""Who can be picked at each door, and that the robots' characters are out of people's way."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.web.identity.rig import PROVIDER_KEY, Rig, running
from venterom.server.demo.clients import clients
from venterom.server.demo.flow import Candidate, Client
from venterom.server.demo.identity import demonstration_app
from venterom.server.demo.people import world
from venterom.web.identity.roles import Door
from venterom.web.keys import CLOCK, RELYING_PARTIES
from venterom.web.text import today


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    async with running() as running_rig:
        yield running_rig


def built(rig: Rig, *, crowd: bool) -> tuple[Client, Client]:
    """The clients of patients and of doctors."""
    service = web.Application()
    now: Callable[[], datetime] = rig.clock
    service[CLOCK] = now
    service[RELYING_PARTIES] = {door: rig.party(door) for door in (Door.PATIENT, Door.DOCTOR)}
    patients, doctors = clients(service, crowd=crowd)
    return patients, doctors


def says_at_work(doctor: Candidate) -> bool:
    """Whether it is said beside the name that this doctor is on shift."""
    return any(remark.words == "på vakt" for remark in doctor.remarks)


async def test_without_a_crowd_there_are_no_robots_to_be_picked(rig: Rig) -> None:
    patients, doctors = built(rig, crowd=False)
    assert (len(patients.people), len(doctors.people)) == (12, 6)
    assert patients.crowd == doctors.crowd == ()
    assert sum(says_at_work(doctor) for doctor in doctors.people) == 3


async def test_with_one_the_robots_have_characters_of_their_own(rig: Rig) -> None:
    patients, doctors = built(rig, crowd=True)
    assert (len(patients.people), len(patients.crowd)) == (12, 40)
    assert (len(doctors.people), len(doctors.crowd)) == (3, 3)
    for client in (patients, doctors):
        assert not {each.number for each in client.people} & {each.number for each in client.crowd}
        assert client.candidate(client.crowd[0].subject) == client.crowd[0]


async def test_nobody_is_said_to_be_on_shift_who_has_not_gone_on_shift(rig: Rig) -> None:
    _, doctors = built(rig, crowd=True)
    assert not any(says_at_work(doctor) for doctor in doctors.people + doctors.crowd)


@pytest.mark.parametrize("crowd", [False, True])
async def test_the_crowd_is_folded_away_below_the_people(rig: Rig, crowd: bool) -> None:
    both = built(rig, crowd=crowd)
    app = demonstration_app(
        mode="demonstration", issuer=rig.issuer, clients=both, key=PROVIDER_KEY, clock=rig.clock
    )
    asked = {
        "response_type": "code",
        "client_id": both[0].client_id,
        "redirect_uri": both[0].redirect_uri,
        "scope": "openid",
        "state": "st",
        "nonce": "no",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    async with TestClient(TestServer(app)) as browser:
        shown = await (await browser.get("/authorize", params=asked)).text()
    above, _, folded = shown.partition("<details>")
    everybody = world(today(rig.clock()))
    assert all(each.who.name in above for each in everybody.patients)
    assert not any(each.who.name in above for each in everybody.crowd)
    assert all((each.who.name in folded) is crowd for each in everybody.crowd)
