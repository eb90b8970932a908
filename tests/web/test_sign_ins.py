"""One's own sign-ins: seen by their owner alone, and ended one by one or all at once."""

import json

import pytest

from tests.web.browser import Browser
from tests.web.rig import BERIT, KARI, ODD, PER, RAGNA, SOLVEIG, Rig
from tests.web.test_logout import is_in
from venterom.web.identity.roles import ROLE_AT, Door
from venterom.web.identity.tables import SessionRow
from venterom.web.session import SIGN_INS

pytestmark = pytest.mark.slow

WHO = {
    Door.PATIENT: KARI,
    Door.DOCTOR: SOLVEIG,
    Door.INSURER: BERIT,
    Door.DIRECTOR: RAGNA,
    Door.OPERATOR: ODD,
}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148 Safari/604.1"


async def with_what(rig: Rig, name: str, user_agent: str, at: str = "/") -> Browser:
    """Somebody who signs in with this browser."""
    browser = await rig.browser()
    browser.http.headers["User-Agent"] = user_agent
    return await rig.sign_in(name, at, browser)


@pytest.mark.parametrize("door", Door)
async def test_everybody_sees_their_own_at_their_own_door(rig: Rig, door: Door) -> None:
    front = "/mine" if door is Door.PATIENT else f"/{door}"
    who = await with_what(rig, WHO[door], FIREFOX, front)
    page = await who.click("Innlogginger")
    assert page.path == SIGN_INS[door] and page.title == "Innloggingene dine"
    assert "Firefox, Windows Denne" in page.main and "Logget inn 24. nov. 2026 12:00" in page.main
    assert "Avslutt" not in page.main  # there is no other
    [row] = await rig.rows(SessionRow)
    assert (row.role, row.device) == (ROLE_AT[door], "Firefox, Windows")


async def test_one_that_is_not_known_again_is_ended_with_its_open_pages(rig: Rig) -> None:
    phone = await with_what(rig, SOLVEIG, PHONE, "/doctor")
    rig.clock.tick(minutes=1)
    desk = await with_what(rig, SOLVEIG, FIREFOX, "/doctor")
    left_open = await phone.listen("/live/doctor")
    await left_open.receive_str(timeout=10)
    page = await desk.open("/doctor/sign-ins")
    assert page.main.index("Firefox, Windows") < page.main.index("Safari, iPhone")
    page = await desk.press("Avslutt Safari, iPhone, logget inn 12:00")
    assert page.path == "/doctor/sign-ins" and "iPhone" not in page.main
    assert json.loads(await left_open.receive_str(timeout=10)) == {"view": "reload", "html": ""}
    assert not await is_in(phone, "/doctor") and await is_in(desk, "/doctor")


async def test_all_others_end_and_nobody_elses(rig: Rig) -> None:
    others = [await rig.sign_in(KARI) for _ in range(3)]
    per, own = await rig.sign_in(PER), await rig.sign_in(KARI)
    await own.open("/sign-ins")
    await own.press("Avslutt alle andre")
    assert not any([await is_in(each, "/start") for each in others])
    assert await is_in(own, "/start") and await is_in(per, "/start")


async def test_nobody_sees_or_ends_what_is_anothers(rig: Rig) -> None:
    per, kari = await with_what(rig, PER, PHONE), await rig.sign_in(KARI)
    [theirs] = await rig.rows(SessionRow, device="Safari, iPhone")
    page = await kari.open("/sign-ins")
    assert "iPhone" not in page.main and theirs.id not in page.body
    for which in (theirs.id, "", "all", theirs.id[:-1], "' OR 1=1 --"):
        await kari.post("/sign-ins", {"which": which})
    assert await is_in(per, "/start") and await is_in(kari, "/start")


async def test_one_that_is_over_is_not_shown(rig: Rig) -> None:
    phone = await with_what(rig, KARI, PHONE)
    await phone.open("/start")
    await phone.press("Logg ut")
    await with_what(rig, KARI, PHONE.replace("iPhone", "iPad"))
    rig.clock.tick(minutes=21)  # left alone for longer than a sign-in lasts
    page = await (await rig.sign_in(KARI, "/sign-ins")).open("/sign-ins")
    assert "iPhone" not in page.main and "iPad" not in page.main
    assert "En ukjent nettleser" in page.main
