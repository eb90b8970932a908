"""Proofs of a key: against RFC 9449, its section 4 and its examples."""

from datetime import UTC, datetime

import pytest

from venterom.web.identity import dpop

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
URL = "https://id.example/token?x=1#y"


def test_a_proof_names_the_request_and_nothing_of_its_query() -> None:
    assert dpop.claims("POST", URL, NOW, "once") == {
        "jti": "once",
        "htm": "POST",
        "htu": "https://id.example/token",
        "iat": int(NOW.timestamp()),
    }


def test_a_proof_holds_the_nonce_that_was_given() -> None:
    assert dpop.claims("POST", URL, NOW, "once", nonce="n")["nonce"] == "n"


def test_a_proof_with_an_access_token_holds_the_hash_of_the_standards_example() -> None:
    # RFC 9449 section 7.1, figures 12 and 13
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    claims = dpop.claims("GET", URL, NOW, "once", access_token=token)
    assert claims["ath"] == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


@pytest.mark.parametrize(
    ("status", "error", "challenge", "wants"),
    [
        (400, "use_dpop_nonce", "", True),  # the token's address
        (401, None, 'DPoP error="use_dpop_nonce", error_description="x"', True),  # userinfo
        (400, "invalid_grant", "", False),
        (400, None, "", False),
        (401, "use_dpop_nonce", "", False),
        (401, None, 'DPoP error="invalid_token"', False),
        (200, "use_dpop_nonce", 'DPoP error="use_dpop_nonce"', False),
        (403, "use_dpop_nonce", "", False),
    ],
)
def test_only_a_call_for_a_nonce_makes_us_ask_again(
    status: int, error: object, challenge: str, wants: bool
) -> None:
    assert dpop.wants_nonce(status, error, challenge) is wants


@pytest.mark.parametrize(
    ("text", "nonce"),
    [
        ("eyJ7S_zG.eyJH0-Z.HX4w-7v", "eyJ7S_zG.eyJH0-Z.HX4w-7v"),
        ("", ""),
        ("a b", ""),
        ('a"b', ""),
        ("å", ""),
        ("a\x00", ""),
        ("a" * 512, "a" * 512),
        ("a" * 513, ""),
    ],
)
def test_a_nonce_is_short_and_of_the_signs_that_it_may_have(text: str, nonce: str) -> None:
    assert dpop.readable_nonce(text) == nonce
