"""What matters most is done by whoever has just proved who they are, and not with an old page."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.web.browser import Browser
from tests.web.rig import INGRID, KARI, RAGNA, Rig
from tests.web.test_routes import RULES
from tests.web.test_swapped import give_proxy
from venterom.server.demo import flow
from venterom.web.fresh import PAGES, WITHIN
from venterom.web.identity.tables import GrantRow, ProxyRow

pytestmark = pytest.mark.slow

MINUTES = WITHIN.total_seconds() / 60
NEWCOMER = {
    **{"role": "operator", "national_number": "", "hpr_number": "", "insurer": ""},
    "lasts": "month",
}


def test_every_address_is_one_that_changes_something_and_so_is_the_page_it_is_done_on() -> None:
    for (method, path), page in PAGES.items():
        assert method == "POST" and (method, path) in RULES and ("GET", page) in RULES
        assert RULES["GET", page].door == RULES[method, path].door


async def give(director: Browser, number: str) -> int:
    """The director gives a role; the status."""
    page = await director.post("/director/staff", {**NEWCOMER, "national_number": number})
    return page.status


async def test_a_role_is_given_after_a_fresh_sign_in_only(rig: Rig) -> None:
    number = next(each.who.number for each in rig.world.patients if each.who.name == KARI)
    director = await rig.sign_in(RAGNA, "/director/staff")
    rig.clock.tick(minutes=MINUTES)
    before = await rig.rows(GrantRow)
    await director.open("/director/staff")
    assert await give(director, number) == 403
    assert "Logg inn på nytt først" in director.page.main
    assert await rig.rows(GrantRow) == before
    await director.click("Logg inn på nytt")
    await director.press(RAGNA)
    assert director.page.path == "/director/staff"
    assert await give(director, number) == 200
    assert len(await rig.rows(GrantRow)) == len(before) + 1


async def test_until_then_nothing_is_asked(rig: Rig) -> None:
    patient = await rig.sign_in(KARI, "/mine")
    rig.clock.tick(minutes=MINUTES - 1)
    await give_proxy(rig, patient, INGRID)
    assert len(await rig.rows(ProxyRow)) == 1


AT: Mapping[str, Any] = {
    "an hour ago": lambda now: {"auth_time": now - 3_600},
    "not said": lambda _now: {},
}


@pytest.mark.parametrize("when", AT)
async def test_a_provider_that_lets_somebody_back_in_without_asking_proves_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    plain = flow.claims_of

    def claims_of(*args: Any) -> dict[str, Any]:
        claims = plain(*args)
        issued = claims.pop("auth_time")
        return {**claims, **AT[when](issued)}

    monkeypatch.setattr(flow, "claims_of", claims_of)
    patient = await rig.sign_in(KARI, "/mine")
    await give_proxy(rig, patient, INGRID)
    assert patient.page.status == 403 and "Logg inn på nytt først" in patient.page.main
    assert await rig.rows(ProxyRow) == []
