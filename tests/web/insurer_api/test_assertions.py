"""Which assertions are believed, and why the others are not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from venterom.web.insurer_api.assertions import Reason, Shown, claimed, judge

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
S = int(NOW.timestamp())
ISSUER = "https://venterom.example"
CLAIMS: dict[str, Any] = {
    "iss": "own-web",
    "sub": "own-web",
    "aud": ISSUER,
    "jti": "a",
    "iat": S,
    "exp": S + 60,
}


def judged(**other: Any) -> Shown | Reason:
    """The judgement of claims that differ from good ones in this; None leaves one out."""
    claims = {name: value for name, value in (CLAIMS | other).items() if value is not None}
    return judge(json.dumps(claims).encode(), client="own-web", issuer=ISSUER, now=NOW)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"aud": [ISSUER]},
        {"nbf": S},
        {"iat": None},  # RFC 7523 asks for exp alone
        {"exp": S + 1},
        {"iat": S + 30},  # a clock that goes before ours
        {"jti": "x" * 255},
    ],
)
def test_what_is_the_clients_for_us_and_fresh_is_believed(other: dict[str, Any]) -> None:
    shown = judged(**other)
    assert isinstance(shown, Shown) and shown.client == "own-web"
    assert shown.until == (CLAIMS | other)["exp"] and shown.jti == (CLAIMS | other)["jti"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"iss": "other-web"}, Reason.CLIENT),
        ({"sub": "other-web"}, Reason.CLIENT),
        ({"iss": None}, Reason.CLIENT),
        ({"sub": None}, Reason.CLIENT),
        ({"aud": None}, Reason.AUDIENCE),
        ({"aud": f"{ISSUER}/insurer/v1/token"}, Reason.AUDIENCE),  # the issuer, not the address
        ({"aud": f"{ISSUER}/"}, Reason.AUDIENCE),
        ({"aud": "https://elsewhere.example"}, Reason.AUDIENCE),
        ({"aud": [ISSUER, "https://elsewhere.example"]}, Reason.AUDIENCE),  # good there, too
        ({"aud": []}, Reason.AUDIENCE),
        ({"exp": None}, Reason.EXPIRED),
        ({"exp": S}, Reason.EXPIRED),
        ({"exp": S - 1}, Reason.EXPIRED),
        ({"exp": str(S + 30)}, Reason.EXPIRED),
        ({"exp": True}, Reason.EXPIRED),
        ({"exp": S + 61}, Reason.LIVES_TOO_LONG),
        ({"exp": 10**400}, Reason.LIVES_TOO_LONG),
        ({"iat": S + 31}, Reason.NOT_YET),
        ({"nbf": S + 31}, Reason.NOT_YET),
        ({"nbf": "now"}, Reason.NOT_YET),
        ({"jti": None}, Reason.JTI),
        ({"jti": ""}, Reason.JTI),
        ({"jti": 7}, Reason.JTI),
        ({"jti": "x" * 256}, Reason.JTI),
        ({"jti": "a\x00b"}, Reason.JTI),
        ({"jti": "\ud800"}, Reason.JTI),
    ],
)
def test_what_is_not_is_refused_with_its_reason(other: dict[str, Any], why: Reason) -> None:
    assert judged(**other) is why


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{", b'"own-web"', b"\xff", b"[" * 100_000, b"1" * 5_000]
)
def test_what_is_no_object_is_refused(payload: bytes) -> None:
    assert judge(payload, client="own-web", issuer=ISSUER, now=NOW) is Reason.PAYLOAD


@pytest.mark.parametrize(
    ("assertion", "client"),
    [
        ("a.eyJzdWIiOiAib3duLXdlYiJ9.c", "own-web"),
        ("a.eyJzdWIiOiAib3duLXdlYiJ9", "own-web"),  # whether it is signed, is asked later
        ("a.eyJzdWIiOiA3fQ.c", ""),  # {"sub": 7}
        ("a.eyJzdWIiOiAiXHVkODAwIn0.c", ""),  # {"sub": "\\ud800"}, half a pair
        ("a.eyJzdWIiOiAiXHUwMDAwIn0.c", ""),  # {"sub": "\\u0000"}
        ("a.W10.c", ""),  # []
        ("a..c", ""),
        ("", ""),
        ("....", ""),
        ("a.å.c", ""),
        ("a." + "W" * 6_000 + ".c", ""),  # no token is that long
        ("a." + "W1tb" * 500 + ".c", ""),
    ],
)
def test_whom_it_says_to_be_from_is_read_without_believing_it(assertion: str, client: str) -> None:
    assert claimed(assertion) == client
