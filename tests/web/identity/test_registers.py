"""Asking the registers over real HTTP: what is an answer, and what means that nobody answered."""

from collections.abc import AsyncGenerator
from datetime import date

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from venterom.server.demo.registers import HPR_PATH, POPULATION_PATH, Registers, approval
from venterom.web.identity.errors import RegisterSilent
from venterom.web.identity.hpr import Status
from venterom.web.identity.numbers import make
from venterom.web.identity.registers import (
    MOST_BYTES,
    Gateway,
    HttpHpr,
    HttpPopulation,
)

TODAY = date(2026, 11, 24)
BORN = date(2019, 3, 2)
CHILD, PARENT = make(BORN, 0), make(date(1986, 5, 17), 0)
SECRET = "what the gateway gave us"


class Asked:
    """Both registers, and ourselves before them."""

    def __init__(self, stand_ins: Registers, http: ClientSession, address: str) -> None:
        self.stand_ins = stand_ins
        self._http, self._address = http, address

    def hpr(self, secret: str = SECRET, path: str = HPR_PATH) -> HttpHpr:
        """The register of health personnel."""
        return HttpHpr(Gateway(self._http, self._address + path, secret))

    def population(self) -> HttpPopulation:
        """The population registry."""
        return HttpPopulation(Gateway(self._http, self._address + POPULATION_PATH, SECRET))


@pytest.fixture
async def asked() -> AsyncGenerator[Asked]:
    """On a port of this machine, with one doctor and one child."""
    stand_ins = Registers({"9990001": [approval()]}, secret=SECRET)
    stand_ins.born(CHILD, BORN, PARENT)
    app = web.Application()
    stand_ins.add_to(app)
    app.router.add_post("/away", _away)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with ClientSession(timeout=ClientTimeout(total=4)) as http:
        yield Asked(stand_ins, http, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


async def _away(_request: web.Request) -> web.Response:
    raise web.HTTPTemporaryRedirect(HPR_PATH)


async def test_a_doctor_is_found_and_a_stranger_is_not(asked: Asked) -> None:
    assert await asked.hpr().status("9990001", TODAY) is Status.FULL
    assert await asked.hpr().status("9990002", TODAY) is Status.NOT_FOUND


async def test_a_child_is_found_with_those_who_answer_for_it(asked: Asked) -> None:
    found = await asked.population().child(CHILD)
    assert found is not None
    assert (found.birth_date, found.responsible) == (BORN, frozenset({PARENT}))
    assert await asked.population().child(PARENT) is None


@pytest.mark.parametrize(
    "fault",
    [
        "400",
        "401",
        "403",
        "404",
        "429",
        "500",
        "503",
        "201",
        "<html>",
        "{}",
        " " * (MOST_BYTES + 1),
    ],
)
async def test_anything_but_an_answer_means_that_nobody_answered(asked: Asked, fault: str) -> None:
    asked.stand_ins.faults = [fault, fault]
    with pytest.raises(RegisterSilent):
        await asked.hpr().status("9990001", TODAY)
    with pytest.raises(RegisterSilent):
        await asked.population().child(CHILD)


async def test_nobody_is_sent_elsewhere_with_our_secret(asked: Asked) -> None:
    with pytest.raises(RegisterSilent):
        await asked.hpr(path="/away").status("9990001", TODAY)
    assert asked.stand_ins.asked == []


async def test_the_stand_in_wants_the_secret(asked: Asked) -> None:
    with pytest.raises(RegisterSilent):
        await asked.hpr(secret="").status("9990001", TODAY)


async def test_where_nobody_listens_nobody_answers(asked: Asked) -> None:
    async with ClientSession(timeout=ClientTimeout(total=4)) as http:
        gateway = Gateway(http, "http://127.0.0.1:1/", SECRET)
        with pytest.raises(RegisterSilent):
            await HttpHpr(gateway).status("9990001", TODAY)


def test_a_secret_is_not_printed() -> None:
    assert SECRET not in repr(Registers(secret=SECRET))
