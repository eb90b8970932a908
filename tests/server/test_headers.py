"""What every answer carries, and which requests are turned away before a page sees them."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web

from tests.conftest import FakeClock
from tests.server.service import PROVIDER, Client, service
from venterom.server.headers import KNOWN_METHODS, origin_of, security_headers

HTTP, HTTPS = "http://127.0.0.1:8080", "https://vent.example"
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)


def policy(url: str, *targets: str) -> dict[str, str]:
    """The content security policy, by what it is about."""
    parts = security_headers(url, targets)["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_nothing_inline_runs_and_nothing_comes_from_elsewhere(url: str) -> None:
    said = policy(url, PROVIDER)
    assert said["default-src"] == "'none'"
    assert said["script-src"] == said["style-src"] == "'self'"
    assert "worker-src" not in said  # the worker that encrypts a call is a script of ours
    assert said["frame-ancestors"] == said["base-uri"] == said["object-src"] == "'none'"
    assert not any("unsafe" in value or "*" in value for value in said.values())
    assert all("http" not in value for name, value in said.items() if name != "form-action")


def test_sockets_go_to_ourselves_alone() -> None:
    assert policy(HTTP)["connect-src"] == "'self' ws://127.0.0.1:8080"
    assert policy(HTTPS)["connect-src"] == "'self' wss://vent.example"


def test_forms_go_to_ourselves_and_to_whoever_signs_people_in() -> None:
    assert policy(HTTPS)["form-action"] == "'self'"
    assert policy(HTTPS, PROVIDER, PROVIDER)["form-action"] == f"'self' {PROVIDER}"


def test_camera_and_microphone_are_ours_and_where_somebody_is_is_nobodys() -> None:
    said = security_headers(HTTPS)["Permissions-Policy"]
    for ours in ("camera", "microphone", "display-capture"):
        assert f"{ours}=(self)" in said
    for nobodys in ("geolocation", "payment", "usb", "clipboard-read", "hid"):
        assert f"{nobodys}=()" in said


def test_https_is_asked_for_where_it_is_used() -> None:
    said = security_headers(HTTPS)["Strict-Transport-Security"]
    asked = re.fullmatch(r"max-age=(\d+); includeSubDomains", said)
    assert asked and int(asked[1]) >= 365 * 24 * 60 * 60
    assert "Strict-Transport-Security" not in security_headers(HTTP)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://vent.example", "https://vent.example"),
        ("https://vent.example/", "https://vent.example"),
        ("https://vent.example:8443/some/where?x=1#y", "https://vent.example:8443"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


async def _fail(_request: web.Request) -> web.Response:
    raise RuntimeError


def _with_a_fault(app: web.Application) -> None:
    app.router.add_get("/fault", _fail)


@pytest.fixture
async def client(tmp_path: Path, clock: FakeClock) -> AsyncGenerator[Client]:
    """A browser that nobody has signed in with."""
    async with service(tmp_path, clock, _with_a_fault) as started:
        yield started


def own(client: Client) -> str:
    """What our own pages say that they are."""
    return str(client.make_url("/").origin())


def check(answer: ClientResponse, client: Client) -> None:
    """Every header is there, and nothing of what runs here."""
    wanted = security_headers(own(client), [PROVIDER])
    wanted.pop("Cache-Control")
    told = {name: answer.headers.get(name) for name in wanted}
    assert told == wanted, (answer.method, answer.url, answer.status)
    assert not re.search(r"python|aiohttp|\d", answer.headers["Server"], re.I)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    if answer.content_type.startswith("text/"):
        assert answer.charset == "utf-8", answer.url
    keep = answer.headers["Cache-Control"]
    kept = answer.url.path.startswith("/static/") and answer.status in (200, 304)
    assert keep == "no-store" or (kept and keep.startswith(("public", "no-cache")))


async def test_every_answer_of_every_address_carries_them(client: Client) -> None:
    addresses = [
        (route.method, re.sub(r"\{door[^}]*\}", "patient", resource.canonical))
        for resource in client.app.router.resources()
        for route in resource
    ]
    assert len(addresses) > 40
    seen: set[int] = set()
    for method, address in addresses:
        path = re.sub(r"\{[^}]+\}", "x", address.replace("{path}", "css/app.css"))
        for origin in ({}, {"Origin": own(client)}):
            sent = await client.request(method, path, headers=origin, allow_redirects=False)
            check(sent, client)
            seen.add(sent.status)
            text = await sent.text()
            if sent.content_type == "text/html":
                assert not INLINE.search(text), (path, INLINE.search(text))
    assert {200, 303, 403, 500, 503} <= seen


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("POST", "/", {"Origin": "own"}, 403),  # without the form's token
        ("POST", "/", {}, 403),
        ("POST", "/sign-out", {"Origin": "null"}, 403),
        ("POST", "/sign-out", {"Origin": "http://evil.example"}, 403),
        ("PUT", "/doctor/visit/x/note", {}, 403),
        ("DELETE", "/", {"Origin": "own"}, 403),
        ("TRACE", "/", {}, 405),
        ("OPTIONS", "/", {}, 405),
        ("PATCH", "/", {}, 405),
        ("POST", "/sign-out", {"Origin": "own", "Content-Encoding": "gzip"}, 415),
        ("GET", "/visit/x/signal", {"Upgrade": "websocket", "Connection": "Upgrade"}, 403),
        ("GET", "/live/doctor", {"Upgrade": "WebSocket", "Connection": "Upgrade"}, 403),
        ("GET", "/", {"Host": "other.example"}, 302),
        ("GET", "/healthz", {"Host": "other.example"}, 200),
        ("POST", "/sign-out", {"Host": "other.example", "Origin": "http://other.example"}, 403),
        ("POST", "/sign-out", {"Host": "other.example", "Origin": "own"}, 421),
        ("HEAD", "/", {"Host": "other.example"}, 302),
        ("GET", "/static/../server/app.py", {}, 404),
        ("GET", "/static/%2e%2e/%2e%2e/server/app.py", {}, 404),
        ("GET", "/static/css/app.css%00", {}, 404),
        ("GET", "/fault", {}, 500),
    ],
)
async def test_what_is_turned_away_carries_them_too(
    method: str, path: str, headers: dict[str, str], status: int, client: Client
) -> None:
    said = {name: own(client) if value == "own" else value for name, value in headers.items()}
    answer = await client.request(method, path, headers=said, allow_redirects=False)
    assert answer.status == status
    check(answer, client)


async def test_another_name_of_this_machine_leads_to_the_one_address(client: Client) -> None:
    headers = {"Host": "other.example"}
    answer = await client.get("/start?to=//evil.example", headers=headers, allow_redirects=False)
    assert answer.headers["Location"] == f"{own(client)}/start?to=//evil.example"


def test_only_methods_that_are_used_are_known() -> None:
    assert KNOWN_METHODS == {"GET", "HEAD", "POST", "PUT", "DELETE"}
