"""How a program shows who it is, and what it believes of a token."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from venterom.journal import grant
from venterom.journal.grant import Token

NOW = datetime(2026, 11, 24, 11, 0, 0, 999_000, tzinfo=UTC)
GOOD = {"access_token": "abc", "token_type": "Bearer", "expires_in": 300}


def test_the_assertion_is_for_the_issuer_and_lives_a_minute() -> None:
    claims = grant.assertion("venterom", "https://id.example", NOW, "once")
    assert claims == {
        "iss": "venterom",
        "sub": "venterom",
        "aud": "https://id.example",  # the issuer, not the token endpoint (HelseID)
        "jti": "once",
        "iat": 1_795_518_000,
        "nbf": 1_795_518_000,
        "exp": 1_795_518_060,
    }


@pytest.mark.parametrize(
    ("changed", "seconds"),
    [
        ({}, 270),  # thirty seconds before its end
        ({"token_type": "bearer"}, 270),
        ({"expires_in": 30}, 0),  # used once, and asked for anew
        ({"expires_in": 1}, 0),
        ({"expires_in": 10**30}, 3570),  # an hour at most, whatever they say
    ],
)
def test_a_token_is_used_until_shortly_before_its_end(
    changed: dict[str, object], seconds: int
) -> None:
    token = grant.read(200, json.dumps(GOOD | changed).encode(), NOW)
    assert token == Token("abc", NOW + timedelta(seconds=seconds))
    assert grant.usable(token, NOW + timedelta(seconds=seconds)) is None
    if seconds:
        assert grant.usable(token, NOW + timedelta(seconds=seconds - 1)) is token


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, GOOD),
        (201, GOOD),
        (200, {"error": "invalid_client"}),
        (200, GOOD | {"access_token": ""}),
        (200, GOOD | {"access_token": 7}),
        (200, GOOD | {"access_token": "a\r\nX-Other: b"}),  # a header of its own
        (200, GOOD | {"access_token": "å"}),
        (200, GOOD | {"access_token": "a" * 20_000}),
        (200, GOOD | {"token_type": "DPoP"}),
        (200, GOOD | {"expires_in": 0}),
        (200, GOOD | {"expires_in": True}),
        (200, GOOD | {"expires_in": "300"}),
        (200, [GOOD]),
        (200, None),
    ],
)
def test_what_is_no_token_is_none(status: int, body: object) -> None:
    assert grant.read(status, json.dumps(body).encode(), NOW) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_nonsense_is_no_token_either(body: bytes) -> None:
    assert grant.read(200, body, NOW) is None


def test_no_token_has_no_use_and_is_not_shown() -> None:
    assert grant.usable(None, NOW) is None
    assert "abc" not in repr(Token("abc", NOW))


def test_a_token_is_asked_for_with_the_assertion() -> None:
    assert grant.request("venterom", "a.b.c", "epj/write") == {
        "grant_type": "client_credentials",
        "client_id": "venterom",
        "scope": "epj/write",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "a.b.c",
    }
