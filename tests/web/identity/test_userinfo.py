"""Userinfo adds what describes a person, for the subject of the ID token, and nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from venterom.web.identity.claims import ClaimNames
from venterom.web.identity.judging import Claims, Reason, Refusal
from venterom.web.identity.userinfo import belongs, joined

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://id.example"
TOKEN: dict[str, object] = {"iss": ISSUER, "aud": "venterom", "sub": "abc", "acr": "high"}
ABOUT: dict[str, object] = {"iss": ISSUER, "aud": "venterom", "sub": "abc", "nnin_altsub": "1"}


def with_userinfo(
    about: Mapping[str, object], token: Mapping[str, object] = TOKEN
) -> Claims | Refusal:
    return joined(token, about, issuer=ISSUER, audience="venterom", now=NOW, names=ClaimNames())


def test_the_number_and_the_name_may_stand_there_alone() -> None:
    about = {**ABOUT, "name": "Kari Prøvdal", "birthdate": "1986-05-17"}
    described = {"nnin_altsub": "1", "name": "Kari Prøvdal", "birthdate": "1986-05-17"}
    assert with_userinfo(about) == {**TOKEN, **described}


@pytest.mark.parametrize("name", ["acr", "nonce", "exp", "iat", "azp", "sid", "amr", "email"])
def test_nothing_else_is_taken_from_it(name: str) -> None:
    token = {each: value for each, value in TOKEN.items() if each != name}
    about = {**ABOUT, "iat": SECONDS, "exp": SECONDS + 60, "azp": "venterom"}
    result = with_userinfo({name: "theirs", **about}, token)
    assert isinstance(result, Mapping)
    assert name not in result


def test_the_id_token_goes_before_it() -> None:
    result = with_userinfo({**ABOUT, "name": "Per"}, {**TOKEN, "name": "Kari"})
    assert isinstance(result, Mapping)
    assert result["name"] == "Kari"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "https://evil.example"}, Reason.ISSUER),
        ({"iss": None}, Reason.ISSUER),
        ({"aud": "another-client"}, Reason.AUDIENCE),
        ({"aud": None}, Reason.AUDIENCE),
        ({"sub": "somebody-else"}, Reason.SUBJECT),  # another one's token was swapped in
        ({"sub": None}, Reason.SUBJECT),
        ({"exp": SECONDS - 60, "iat": SECONDS - 300}, Reason.EXPIRED),
        ({"exp": SECONDS + 300}, Reason.MISSING_TIME),  # without iat
        ({"exp": SECONDS + 86_400, "iat": SECONDS}, Reason.LIVES_TOO_LONG),
    ],
)
def test_what_is_not_about_whoever_signed_in_is_refused(
    change: dict[str, object], reason: Reason
) -> None:
    assert with_userinfo({**ABOUT, **change}) == Refusal(reason)


def test_two_different_numbers_prove_nothing() -> None:
    assert with_userinfo(ABOUT, {**TOKEN, "nnin_altsub": "2"}) == Refusal(Reason.NUMBER)
    assert with_userinfo(ABOUT, {**TOKEN, "nnin_altsub": "1"}) == {**TOKEN, "nnin_altsub": "1"}


def test_a_token_of_the_standards_example_belongs_to_its_access_token() -> None:
    # OpenID Connect Core 1.0, appendix A.3
    access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert belongs({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}, access_token)
    assert belongs({}, access_token)  # a code flow may leave it out
    assert not belongs({"at_hash": "77QmUPtjPfzWtF2AnpK9RR"}, access_token)
    assert not belongs({"at_hash": None}, access_token)
    assert not belongs({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}, access_token + "x")
