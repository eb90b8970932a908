"""A cookie that was carried to another kind of browser opens nothing; one whose browser was updated
is as good as before."""

import pytest

from tests.web.rig import KARI, SOLVEIG, Rig
from tests.web.test_logout import is_in
from tests.web.test_sign_ins import FIREFOX, PHONE, with_what
from venterom.web.identity.tables import SessionRow

pytestmark = pytest.mark.slow

UPDATED = FIREFOX.replace("153.0", "154.0")
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"
MAC = FIREFOX.replace("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 15.1")
ELSEWHERE = {
    "another browser": CHROME,
    "another machine": MAC,
    "a telephone": PHONE,
    "none": "curl",
}


@pytest.mark.parametrize("where", ELSEWHERE)
async def test_a_cookie_opens_nothing_in_another_kind_of_browser(rig: Rig, where: str) -> None:
    doctor = await with_what(rig, SOLVEIG, FIREFOX, "/doctor")
    doctor.http.headers["User-Agent"] = ELSEWHERE[where]
    assert not await is_in(doctor, "/doctor")
    path = "/doctor/shift"
    headers = {"X-CSRF-Token": rig.token(doctor, path)}
    assert (await doctor.raw("POST", path, headers, data={"act": "on"})).status == 403
    doctor.http.headers["User-Agent"] = FIREFOX
    assert await is_in(doctor, "/doctor")  # its owner loses nothing by that
    assert [row.revoked for row in await rig.rows(SessionRow)] == [None]


async def test_a_browser_that_was_updated_is_the_same(rig: Rig) -> None:
    patient = await with_what(rig, KARI, FIREFOX)
    patient.http.headers["User-Agent"] = UPDATED
    assert await is_in(patient, "/start")


async def test_who_asks_for_the_page_of_another_machine_signs_in_again_and_goes_on(
    rig: Rig,
) -> None:
    patient = await with_what(rig, KARI, FIREFOX, "/mine")
    patient.http.headers["User-Agent"] = MAC
    await patient.open("/mine")
    await patient.press(KARI)
    assert patient.page.path.startswith("/mine") and await is_in(patient, "/mine")
