"""Coming in and going out: new secrets each time, nowhere but home, and links for one person."""

import json
import re
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from aiohttp import ClientSession, WSCloseCode, WSMsgType
from yarl import URL

from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.rig import BERIT, KARI, NOTE, PER, RAGNA, SOLVEIG, Rig
from tests.web.test_logout import is_in
from venterom.journal import jws
from venterom.server import jobs
from venterom.server.notify import feed
from venterom.server.tables import METADATA
from venterom.web.identity.oidc import RelyingParty
from venterom.web.identity.roles import Door
from venterom.web.identity.tables import LinkRow, SessionRow
from venterom.web.keys import RELYING_PARTIES
from venterom.web.work import look


def cookies(browser: Browser) -> dict[str, str]:
    """What the browser holds."""
    return {cookie.key: cookie.value for cookie in browser.http.cookie_jar}


async def test_every_sign_in_gets_a_new_secret_and_ends_the_one_before(rig: Rig) -> None:
    patient = await rig.sign_in(KARI)
    first = cookies(patient)["sid"]
    await rig.sign_in(KARI, browser=patient)
    second = cookies(patient)["sid"]
    assert first != second
    sessions = await rig.rows(SessionRow)
    assert sum(row.revoked is None for row in sessions) == len(sessions) - 1 == 1
    thief = await rig.browser()
    answer = await thief.raw("GET", "/start", {"Cookie": f"sid={first}"})
    assert answer.headers["Location"].startswith("/sign-in/patient")


async def test_a_secret_that_somebody_planted_opens_nothing(rig: Rig) -> None:
    victim = await rig.browser()
    victim.http.cookie_jar.update_cookies({"sid": "a" * 43}, URL(rig.url))
    await rig.sign_in(KARI, browser=victim)
    assert cookies(victim)["sid"] != "a" * 43
    attacker = await rig.browser()
    answer = await attacker.raw("GET", "/start", {"Cookie": f"sid={'a' * 43}"})
    assert answer.status == 303


async def test_the_cookie_of_a_sign_in_is_for_our_pages_alone(rig: Rig) -> None:
    patient = await rig.browser()
    await patient.open("/sign-in/patient")
    headers = await _last_answer(patient, KARI)
    jar = SimpleCookie()
    for header in headers:
        jar.load(header)
    assert jar["sid"]["httponly"] and jar["sid"]["samesite"] == "Lax" and jar["sid"]["path"] == "/"
    assert not jar["sid"]["domain"] and not jar["sid"]["max-age"]  # gone with the browser
    assert jar["signin"].value == ""  # what tied the sign-in to this browser has done its work


@pytest.mark.parametrize(("name", "door"), [(KARI, "patient"), (SOLVEIG, "doctor")])
async def test_no_token_of_a_provider_reaches_a_browser(rig: Rig, name: str, door: str) -> None:
    who = await rig.browser()
    await who.open(f"/sign-in/{door}")
    said = await _last_answer(who, name)
    said += [(await who.open(page)).body for page in ("/", "/start", "/doctor")]
    assert not [each for each in said if "eyJ" in each]  # as every JWT begins


async def _last_answer(browser: Browser, name: str) -> list[str]:
    """The cookies that come with the way back from the identity provider."""
    form = browser.page.button(name)
    fields = {
        node.attributes["name"]: node.attributes["value"]
        for node in browser.page.tree.every("input")
    }
    picked = await browser.http.post(
        browser.page.url.with_query(None),
        data={**fields, "person": form.attributes["value"]},
        headers={"Origin": str(browser.page.url.origin())},
        allow_redirects=False,
    )
    back = await browser.http.get(picked.headers["Location"], allow_redirects=False)
    assert back.status == 303
    return back.headers.getall("Set-Cookie")


@pytest.mark.parametrize(
    ("name", "address", "path"),
    [(KARI, "/start", "/sign-out"), (SOLVEIG, "/doctor", "/doctor/sign-out")]
    + [(BERIT, "/insurer", "/insurer/sign-out"), (RAGNA, "/director", "/director/sign-out")],
)
async def test_signing_out_ends_it_on_the_server_too(
    rig: Rig, name: str, address: str, path: str
) -> None:
    browser = await rig.sign_in(name, address)
    held = cookies(browser)
    form = next(n for n in browser.page.tree.every("form") if "sign-out" in n.attributes["action"])
    assert form.attributes["action"] == path
    page = await browser.press("Logg ut")
    assert (page.path, name in page.text) == ("/", False)
    assert "sid" not in " ".join(cookies(browser))
    kept = "; ".join(f"{key}={value}" for key, value in held.items())
    answer = await browser.raw("GET", address, {"Cookie": kept})
    assert answer.headers["Location"].startswith("/sign-in/")


async def test_signing_out_leads_on_to_the_provider_where_it_has_a_place_for_that(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def leaving(_party: object, _now: object, back: str) -> str:
        asked.append(back)
        return f"{rig.provider_url}/end"

    monkeypatch.setattr(RelyingParty, "leaving", leaving)
    patient = await rig.sign_in(KARI)
    headers = {"X-CSRF-Token": rig.token(patient, "/sign-out")}
    answer = await patient.raw("POST", "/sign-out", headers)
    assert answer.headers["Location"] == f"{rig.provider_url}/end"
    assert asked == [f"{rig.url}/"]
    assert rig.provider_url in answer.headers["Content-Security-Policy"]  # a form may lead there
    assert not await is_in(patient, "/start")
    headers = {"X-CSRF-Token": rig.token(patient, "/sign-out")}
    answer = await patient.raw("POST", "/sign-out", headers)  # once is enough
    assert answer.headers["Location"] == "/" and len(asked) == 1


async def test_signing_out_at_one_door_leaves_the_others(rig: Rig) -> None:
    both = await rig.sign_in(KARI)
    await rig.sign_in(SOLVEIG, "/doctor", both)
    await both.press("Logg ut")
    assert (await both.open("/start")).path == "/start/policy"
    assert (await both.open("/doctor")).url.origin() == URL(rig.provider_url)


async def test_a_page_that_is_open_elsewhere_is_sent_away_at_once(rig: Rig) -> None:
    _patient, _visit = await rig.waiting()
    doctor = await rig.doctor()
    left_open = await doctor.listen("/live/doctor")
    assert KARI in await left_open.receive_str(timeout=10)
    await doctor.press("Logg ut")
    assert json.loads(await left_open.receive_str(timeout=10)) == {"view": "reload", "html": ""}
    last = await left_open.receive(timeout=10)
    assert (last.type, last.data) == (WSMsgType.CLOSE, WSCloseCode.POLICY_VIOLATION)


async def test_a_sign_in_that_has_run_out_ends_the_open_page_too(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    rig.clock.tick(hours=2, seconds=1)  # the absolute limit
    answer = await patient.raw("GET", f"/visit/{visit}")
    assert answer.headers["Location"] == f"/sign-in/patient?to=/visit/{visit}"


async def test_who_waits_with_a_locked_phone_is_still_signed_in(rig: Rig) -> None:
    patient, visit = await rig.waiting()
    rig.clock.tick(minutes=79)  # the promise, and an hour
    assert (await patient.reload()).path == f"/visit/{visit}"


async def test_a_page_that_is_used_keeps_the_sign_in_alive_and_one_that_is_left_does_not(
    rig: Rig,
) -> None:
    patient = await rig.sign_in(KARI, "/start")
    rig.clock.tick(minutes=19)
    await patient.reload()
    rig.clock.tick(minutes=19)
    assert (await patient.reload()).path == "/start/policy"
    rig.clock.tick(minutes=21)
    assert (await patient.reload()).url.origin() == URL(rig.provider_url)


# ---- nowhere but home


AWAY = [
    "https://evil.example",
    "//evil.example",
    "///evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2F/evil.example",
    "/%5Cevil.example",
    "/start/../../evil",
    "http:evil.example",
    "javascript:alert(1)",
    "/start\r\nLocation: //evil.example",
    "/@evil.example",
    "/" * 300,
    "",
]


async def test_after_signing_in_one_is_sent_nowhere_but_home(rig: Rig) -> None:
    patient = await rig.browser()  # which refuses to go to strangers
    for to in AWAY:
        await patient.open(URL("/sign-in/patient").with_query(to=to))
        page = await patient.press(KARI)
        assert (str(page.url.origin()), page.path) == (rig.url, "/"), to


ELSEWHERE = [
    "//evil.example/%2e%2e",
    "//evil.example",
    "///evil.example",
    "/%2F%2Fevil.example",
    "/%5C%5Cevil.example",
    "//evil.example/start",
    "/\\evil.example",
    "/%0d%0aLocation:%20//evil.example",
    "/%09//evil.example",
    "/visit/%0d%0aSet-Cookie:%20a=b",
    "/visit/a%26to=b%23c",
    "/visit/..%2f..%2f",
    "/visit/%00",
    "/visit/%C3%A6%F0%9F%98%80",
    "/visit/%ff",
    "/live",
    "/livedoctor/x",
    "/live/",
    "/doctorx",
    "/insurer/%2e%2e/doctor",
    "/" + "a" * 6_000,
]


@pytest.mark.slow
async def test_no_address_is_a_fault_of_ours_or_leads_away(rig: Rig) -> None:
    browser = await rig.browser()
    for path in ELSEWHERE:
        for asked in (path, f"{path}?lang=nn", f"{path}?lang=xx&to=//evil.example"):
            for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE"):
                await _leads_nowhere(browser, method, asked)


async def _leads_nowhere(browser: Browser, method: str, asked: str) -> None:
    answer = await browser.raw(method, asked)
    assert answer.status < 500, (method, asked)
    to = answer.headers.get("Location", "/")
    assert to.startswith("/") and not to.startswith(("//", "/\\")), (method, asked, to)
    assert "a=b" not in answer.headers.get("Set-Cookie", "")
    for href in re.findall(r'href="([^"]*evil[^"]*)"', await answer.text()):
        assert not href.startswith(("//", "/\\", "http")), (method, asked, href)


async def test_another_name_of_this_machine_leads_to_the_one_that_is_known(rig: Rig) -> None:
    browser = await rig.browser()
    answer = await browser.raw("GET", "//evil.example/start?x=1", {"Host": "evil.example"})
    assert (answer.status, answer.headers["Location"][: len(rig.url) + 1]) == (302, f"{rig.url}/")


async def test_there_are_five_doors_and_no_others(rig: Rig) -> None:
    browser = await rig.browser()
    for door in ("system", "", "doctor/back/more", "PATIENT", "%00", "../start"):
        answer = await browser.raw("GET", f"/sign-in/{door}")
        assert answer.status == 404, door


async def test_providers_find_the_public_half_of_our_key_and_no_more(rig: Rig) -> None:
    answer = await (await rig.stranger()).raw("GET", "/sign-in/keys.json")
    provider = rig.app[RELYING_PARTIES][Door.PATIENT].provider
    assert await answer.json() == {"keys": [jws.public_jwk(provider.key.public_key())]}


async def test_a_door_without_an_identity_provider_is_no_door(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = rig.app[RELYING_PARTIES]
    assert isinstance(parties, dict)
    monkeypatch.delitem(parties, Door.INSURER)
    browser = await rig.browser()
    for path in ("/sign-in/insurer", "/sign-in/insurer/back?state=a&code=b"):
        assert (await browser.open(path)).status == 404


async def test_whoever_cannot_sign_in_just_now_is_told_why_and_whom_to_ring(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = rig.app[RELYING_PARTIES]
    assert isinstance(parties, dict)
    nobody = replace(parties[Door.PATIENT].provider, issuer="http://127.0.0.1:9")  # nobody listens
    http = await rig.stack.enter_async_context(ClientSession())
    monkeypatch.setitem(parties, Door.PATIENT, RelyingParty(nobody, http))
    page = await (await rig.browser()).open("/sign-in/patient")
    assert (page.status, page.title) == (503, "Innloggingen svarer ikke akkurat nå")
    assert "116 117" in page.text


async def test_what_is_refused_at_a_door_leads_back_to_that_door(rig: Rig) -> None:
    browser = await rig.browser()
    for door, home in (
        ("patient", "/start"),
        ("doctor", "/doctor"),
        ("insurer", "/insurer"),
        ("director", "/director"),
    ):
        page = await browser.open(f"/sign-in/{door}/back?state=x&code=y")
        assert (page.status, page.title) == (403, "Du er ikke logget inn ennå")
        hrefs = [n.attributes["href"] for n in page.tree.by_id("main").every("a")]
        assert hrefs == [home]


async def test_who_changes_their_mind_at_the_identity_provider_comes_home(rig: Rig) -> None:
    browser = await rig.browser()
    await browser.open("/start")
    page = await browser.press("Avbryt")
    assert (page.status, page.title) == (403, "Du er ikke logget inn ennå")


# ---- the link in a message


@beginning
async def link(rig: Rig) -> tuple[Browser, str, str]:
    """A patient in the waiting room, the visit, and the secret of the link in the message."""
    patient, visit = await rig.waiting()
    await jobs.tell(rig.app)
    async with look(rig.app) as unit:
        [sent] = await feed.inbox(unit.db, rig.app[jobs.POST])
    address, secret = sent.link.split("#")
    assert address == f"{rig.url}/j" and len(secret) == 43
    return patient, visit, secret


async def follow(rig: Rig, browser: Browser, secret: str, name: str = "") -> Page:
    """What the page behind a link does: its script posts what stands after the #."""
    await browser.open("/j")
    page = await browser.post("/j", {"secret": secret})
    return await browser.press(name) if name else page


def says_nothing(page: Page, visit: str) -> None:
    """No id, no name, no time: nothing about the visit."""
    for told in (visit, KARI, "12:20", "12:00", SOLVEIG):
        assert told not in page.body.replace(f"<span>{KARI}</span>", ""), told


async def test_a_link_leads_its_own_person_to_the_visit_as_often_as_wanted(rig: Rig) -> None:
    patient, visit, secret = await link(rig)
    page = await follow(rig, patient, secret)
    assert page.path == f"/visit/{visit}"
    phone = await rig.browser()
    page = await follow(rig, phone, secret, KARI)
    assert page.path == f"/visit/{visit}"
    assert "link" not in cookies(phone)


async def test_the_secret_of_a_link_is_kept_for_ten_minutes_where_no_script_sees_it(
    rig: Rig,
) -> None:
    browser = await rig.browser()
    await browser.open("/j")
    form = {"csrf": browser.page.token, "secret": "A" * 43}
    answer = await browser.raw("POST", "/j", data=form)
    assert (answer.status, answer.headers["Location"]) == (303, "/j/open")
    jar = SimpleCookie(answer.headers["Set-Cookie"])
    assert jar["link"].value == "A" * 43 and jar["link"]["httponly"]
    assert (jar["link"]["max-age"], jar["link"]["samesite"]) == ("600", "Lax")


async def test_a_link_that_is_opened_by_nobody_in_particular_changes_nothing(rig: Rig) -> None:
    _patient, visit, secret = await link(rig)
    scanner = await rig.stranger()
    before = await rig.rows(LinkRow)
    for method in ("GET", "HEAD"):
        for path in ("/j", f"/j?secret={secret}", "/j/open", f"/j/{secret}"):
            answer = await scanner.raw(method, path)
            assert answer.status in (200, 303, 404)
            assert visit not in await answer.text()
    assert await rig.rows(LinkRow) == before


async def test_a_link_that_somebody_else_uses_is_refused_and_goes_on_working(rig: Rig) -> None:
    _patient, visit, secret = await link(rig)
    stranger = await rig.browser()
    page = await follow(rig, stranger, secret, PER)
    assert (page.status, page.title) == (403, "Denne lenken er til en annen")
    says_nothing(page, visit)
    own = await rig.browser()
    assert (await follow(rig, own, secret, KARI)).path == f"/visit/{visit}"


async def test_a_link_that_is_not_whole_leads_nowhere(rig: Rig) -> None:
    patient, visit, secret = await link(rig)
    for altered in (
        secret[:-1] + ("A" if secret[-1] != "A" else "B"),
        secret[:-1],
        secret + "A",
        secret.swapcase(),
        "",
        "æ" * 43,
        "a;b=c\r\nx,\"'" * 4,
        "a" * 100_000,
    ):
        page = await follow(rig, patient, altered)
        assert (page.status, page.title) == (404, "Denne lenken er ikke hel"), altered
        says_nothing(page, visit)


async def test_a_link_that_is_too_old_says_so(rig: Rig) -> None:
    _patient, visit, secret = await link(rig)
    rig.clock.tick(hours=24, minutes=20)  # a day after the time that the message names
    patient = await rig.browser()
    page = await follow(rig, patient, secret, KARI)
    assert (page.status, page.title) == (410, "Denne lenken er for gammel")
    says_nothing(page, visit)


async def test_a_link_to_a_visit_that_is_over_says_so(rig: Rig) -> None:
    patient, visit, secret = await link(rig)
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    await rig.meet(visit)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    page = await follow(rig, patient, secret)
    assert (page.status, page.title) == (410, "Denne lenken er brukt opp")
    says_nothing(page, visit)
    await jobs.tell(rig.app)  # the message that the doctor has written has a link of its own
    async with look(rig.app) as unit:
        written = (await feed.inbox(unit.db, rig.app[jobs.POST]))[0]
    page = await follow(rig, patient, written.link.split("#")[1])
    assert page.title == "Takk for samtalen"


async def test_a_link_to_a_visit_that_was_cancelled_is_closed(rig: Rig) -> None:
    patient, visit, secret = await link(rig)
    await patient.press("Ja, avbryt timen")
    page = await follow(rig, patient, secret)
    assert (page.status, page.title) == (410, "Denne lenken er brukt opp")
    says_nothing(page, visit)


async def test_whose_link_it_is_comes_before_everything_else_about_it(rig: Rig) -> None:
    patient, visit, secret = await link(rig)
    await patient.press("Ja, avbryt timen")
    stranger = await rig.browser()
    page = await follow(rig, stranger, secret, PER)
    assert page.title == "Denne lenken er til en annen"  # and not: it is over
    says_nothing(page, visit)


async def test_the_secret_of_a_link_is_in_no_table(rig: Rig) -> None:
    _patient, _visit, secret = await link(rig)
    for part in METADATA:
        for table in part.sorted_tables:
            assert secret not in str(await rig.select(table)), table.name
