"""What all pages have in common: language, headers, files that are kept, and help when it fails."""

import re

import pytest
from sqlalchemy.exc import OperationalError

from tests.web.page import Page
from tests.web.rig import BERIT, KARI, RAGNA, Rig
from venterom.web import pages
from venterom.web.intake import Step

# ---- languages


def spoken_on(page: Page) -> str:
    """The language that a page says to be in, and marks as the chosen one."""
    [root] = page.tree.every("html")
    current = [n for n in page.tree.every("a") if n.attributes.get("aria-current") == "true"]
    assert [node.attributes["hreflang"] for node in current] == [root.attributes["lang"]]
    return root.attributes["lang"]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_a_page_is_in_the_language_of_the_browser_a_refusal_too(
    rig: Rig, language: str
) -> None:
    browser = await rig.browser(language)
    for path, status in (("/", 200), ("/nowhere", 404)):
        page = await browser.open(path)
        assert (page.status, spoken_on(page)) == (status, language)


@pytest.mark.parametrize("language", ["nn", "en"])
async def test_a_chosen_language_is_kept_on_every_page_after(rig: Rig, language: str) -> None:
    patient = await rig.arrive(KARI, Step.REASON)
    page = await patient.open(f"/start/reason?lang={language}")
    assert (page.path, page.url.query_string) == ("/start/reason", "")
    assert spoken_on(page) == language
    assert spoken_on(await patient.open("/")) == language
    page = await patient.open("/start/reason?lang=tlh")  # nobody speaks it here
    assert (page.path, spoken_on(page)) == ("/start/reason", language)
    assert spoken_on(await patient.click("NB Bokmål")) == "nb"


async def test_another_language_leaves_the_page_as_it_was_asked_for(rig: Rig) -> None:
    director = await rig.sign_in(RAGNA, "/director")
    there = director.page.path
    await director.open(f"{there}?day=2026-12-08")
    shown = director.page.main
    page = await director.click("NN Nynorsk")
    assert (page.url.query_string, spoken_on(page)) == ("day=2026-12-08", "nn")
    page = await director.click("NB Bokmål")
    assert (page.url.query_string, page.main) == ("day=2026-12-08", shown)


async def test_a_page_repeats_nothing_that_a_stranger_put_into_its_address(rig: Rig) -> None:
    browser = await rig.stranger()
    answer = await browser.raw("GET", "/?code=secret&lang=nn")
    assert answer.headers["Location"] == "/"
    assert "secret" not in (await browser.open("/nowhere?code=secret")).body


async def test_the_cookie_of_the_language_holds_a_language_and_nothing_else(rig: Rig) -> None:
    browser = await rig.stranger()
    answer = await browser.raw("GET", "/?lang=nn")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("lang=nn;") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    answer = await browser.raw("GET", "/", {"Cookie": 'lang="<script>"'})
    assert '<html lang="nb">' in await answer.text()


# ---- files


async def test_a_file_may_be_kept_for_a_year_by_its_own_address_only(rig: Rig) -> None:
    browser = await rig.stranger()
    page = await browser.open("/")
    for path in set(re.findall(r'"(/static/[^"]+)"', page.body)):
        answer = await browser.raw("GET", path)
        assert answer.status == 200, path
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", path
        for other in (path.split("?")[0], path[:-1], f"{path}0"):
            answer = await browser.raw("GET", other)
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache"), other


HELD = [
    ('"{}"', 304),
    ('W/"{}"', 304),
    ('"other", "{}"', 304),
    ("*", 304),
    ('"other"', 200),
    ("{}", 200),  # no tag at all
    ("", 200),
]


async def test_a_file_that_the_browser_has_is_not_sent_again(rig: Rig) -> None:
    browser = await rig.stranger()
    first = await browser.raw("GET", "/static/css/app.css")
    tag = first.headers["ETag"].strip('"')
    for asked, status in HELD:
        headers = {"If-None-Match": asked.format(tag)} if asked else {}
        answer = await browser.raw("GET", "/static/css/app.css", headers)
        assert answer.status == status, asked
        assert answer.headers["ETag"] == first.headers["ETag"]
        assert bool(await answer.read()) == (status == 200), asked


NO_FILES = [
    "",
    "nothing.css",
    "css",
    "css/",
    "../web/keys.py",
    "..%2fkeys.py",
    "%2e%2e/%2e%2e/pyproject.toml",
    "....//keys.py",
    "css/..%2f..%2fkeys.py",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "css/app.css%00.txt",
    "css\\app.css",
    "CSS/app.css",
    "css/app.css/",
]


async def test_there_are_no_other_files(rig: Rig) -> None:
    browser = await rig.stranger()
    for path in NO_FILES:
        answer = await browser.raw("GET", f"/static/{path}")
        assert answer.status == 404, path
        assert "<h1>" in await answer.text()


def test_every_file_says_what_it_is() -> None:
    files = pages.read_static()
    kinds = {path.rsplit(".")[-1]: file.kind for path, file in files.items()}
    assert kinds["css"] == "text/css" and kinds["svg"] == "image/svg+xml"
    assert kinds["js"] in ("text/javascript", "application/javascript")
    assert kinds["webmanifest"] == "application/manifest+json"
    assert all(len(file.version) == 16 for file in files.values())


# ---- headers


async def test_every_answer_is_guarded_and_no_page_is_kept(rig: Rig) -> None:
    patient = await rig.sign_in(KARI)
    for method, path in (
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/healthz"),
        ("GET", "/start"),
        ("GET", "/start/policy"),
        ("GET", "/nowhere"),
        ("POST", "/start/policy"),
        ("TRACE", "/"),
    ):
        answer = await patient.raw(method, path)
        assert answer.headers["Cache-Control"] == "no-store", path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy and answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_nothing_on_a_page_runs_or_looks_by_what_stands_in_it(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    clerk = await rig.sign_in(BERIT, "/insurer")
    shown = [patient.page, doctor.page, clerk.page, await patient.open(f"/visit/{visit}/room")]
    shown += [await doctor.open("/doctor"), await doctor.open("/doctor/shift")]
    for page in shown:
        for node in page.tree.every():
            named = set(node.attributes)
            assert not any(name.startswith("on") or name == "style" for name in named), node
            if node.tag == "script" and node.attributes.get("type") != "application/json":
                assert node.attributes["src"].startswith("/static/") and not node.raw.strip()


# ---- when it fails


async def test_healthz_says_whether_pages_can_be_made(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await rig.stranger()
    answer = await browser.raw("GET", "/healthz", {"Host": "10.0.0.7:8080"})  # asked by address
    assert (answer.status, await answer.json()) == (200, {"ok": True})
    monkeypatch.setattr("venterom.web.health.look", _no_database)
    answer = await browser.raw("GET", "/healthz")
    assert answer.status >= 500


def _no_database(_app: object) -> object:
    """Stands in for a database that is away."""
    raise OperationalError("SELECT 1", {}, Exception("away"))


async def test_a_fault_of_ours_gets_a_page_with_a_number_and_without_what_went_wrong(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = await rig.sign_in(KARI)

    def broken(*_arguments: object) -> None:
        """Stands in for a fault in a page."""
        raise RuntimeError("secret detail")

    monkeypatch.setattr("venterom.web.front.view.forecast", broken)
    page = await patient.open("/")
    assert (page.status, page.title) == (500, "Noe sviktet hos oss")
    assert re.search(r"oppgi dette nummeret: [0-9a-f]{8}", page.main)
    assert "secret detail" not in page.body and "Traceback" not in page.body
    assert page.link("23 01 48 00") == "tel:23014800"
