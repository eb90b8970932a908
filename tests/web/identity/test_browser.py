"""Which cookies a browser keeps, and where it may be sent back to."""

from collections.abc import Callable

import pytest

from venterom.web.identity.browser import (
    Cookie,
    guest_cookie,
    is_trustworthy,
    language_cookie,
    link_cookie,
    safe_path,
    session_cookie,
    sign_in_cookie,
)
from venterom.web.identity.errors import InsecureAddress
from venterom.web.identity.roles import Door


@pytest.mark.parametrize(
    ("url", "cookie"),
    [
        ("https://venterom.example", Cookie("__Host-sid", secure=True)),
        ("https://127.0.0.1:8443", Cookie("__Host-sid", secure=True)),
        ("http://127.0.0.1:8080", Cookie("sid", secure=False)),
        ("http://localhost:8080", Cookie("sid", secure=False)),
        ("http://[::1]:8080", Cookie("sid", secure=False)),
    ],
)
def test_the_session_cookie_is_as_strict_as_the_address_allows(url: str, cookie: Cookie) -> None:
    assert session_cookie(url) == cookie
    assert (cookie.httponly, cookie.samesite, cookie.path) == (True, "Lax", "/")


def test_each_door_has_a_cookie_of_its_own() -> None:
    names = [session_cookie("https://venterom.example", door).name for door in Door]
    assert names == ["__Host-sid"] + [
        f"__Host-sid-{door}" for door in ("doctor", "insurer", "director", "operator")
    ]


@pytest.mark.parametrize(
    "made", [session_cookie, sign_in_cookie, guest_cookie, language_cookie, link_cookie]
)
def test_no_cookie_of_ours_lacks_its_prefix(made: Callable[[str], Cookie]) -> None:
    cookie = made("https://venterom.example")
    assert cookie.name.startswith("__Host-")  # which also asks for Secure, the root, no domain
    assert (cookie.secure, cookie.path, cookie.httponly) == (True, "/", True)


def test_the_sign_in_has_a_cookie_of_its_own() -> None:
    assert sign_in_cookie("https://venterom.example").name == "__Host-signin"


@pytest.mark.parametrize(
    "url",
    [
        "http://venterom.example",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0:8080",  # every network, not this machine
        "ftp://localhost",
        "https://",
        "",
    ],
)
def test_no_cookie_travels_in_the_open(url: str) -> None:
    assert not is_trustworthy(url)
    with pytest.raises(InsecureAddress):
        session_cookie(url)


@pytest.mark.parametrize(
    "path",
    ["/", "/pasient", "/pasient/", "/lege/besok/aZ09_-", "/a/b/c"],
)
def test_a_path_of_ours_is_gone_back_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "pasient",  # relative to wherever we are
        "//evil.example",  # another host, without a scheme
        "/\\evil.example",  # browsers read a backslash as a slash
        "/a//b",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a?next=//evil.example",
        "/a#b",
        "/a/../b",
        "/a\n",
        "/a%0d%0aSet-Cookie:x",
        "/å",
        "/" + "a" * 200,
    ],
)
def test_anything_doubtful_leads_to_the_front_page(path: str) -> None:
    assert safe_path(path) == "/"


def test_a_long_doubtful_path_costs_no_more_than_a_short_one() -> None:
    assert safe_path("/" + "a" * 198 + "!") == "/"  # with a careless pattern this never ends
