"""PKCE and secrets: against the vectors of the standards."""

import pytest

from venterom.web.identity import proofs


def test_the_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert proofs.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_an_opaque_secret_is_43_characters_that_need_no_escaping() -> None:
    secret = proofs.opaque(bytes(range(224, 256)))
    assert len(secret) == 43
    assert secret.replace("-", "").replace("_", "").isalnum()


def test_a_secret_below_256_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="256 bits"):
        proofs.opaque(bytes(31))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", "", False),
        ("å", "å", True),  # compare_digest alone refuses texts beyond ASCII
        ("\ud800", "a", False),  # half a surrogate pair, as JSON can bring it
    ],
)
def test_secrets_are_compared_whole(one: str, other: str, equal: bool) -> None:
    assert proofs.same(one, other) is equal


def test_what_is_stored_of_a_secret_is_not_the_secret() -> None:
    assert proofs.digest("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    assert proofs.digest("\ud800") != proofs.digest("\ud801")
