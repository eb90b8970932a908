"""The stand-in takes a pushed request, and a proof of a key, only as the standards have them."""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from yarl import URL

from tests.server.demo.test_identity import ASKED, KID, VERIFIER, changed
from tests.web.identity.rig import (
    BINDING_KEY,
    CLIENT_KEY,
    DOCTOR,
    NOW,
    STAFF,
    STRANGER_KEY,
    Rig,
    running,
)
from venterom.journal import jws
from venterom.journal.grant import ASSERTION_TYP, ASSERTION_TYPE, assertion
from venterom.server.demo import proof
from venterom.server.demo.flow import Mistake
from venterom.server.demo.proof import NonceWanted
from venterom.web.identity import dpop

ADDRESS = "https://id.example/token"
GONE = object()
JKT = jws.thumbprint(BINDING_KEY.public_key())


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    async with running() as running_rig:
        yield running_rig


def proved(token: str = "", typ: str = dpop.TYP, **change: object) -> str:
    """A proof with some claims changed, or left out."""
    said = dpop.claims("POST", ADDRESS, NOW, "once", nonce="ours", access_token=token)
    claims: dict[str, Any] = {**said, **change}
    kept = {name: value for name, value in claims.items() if value is not GONE}
    return jws.sign_showing_key(kept, BINDING_KEY, typ)


def test_a_good_proof_says_who_holds_which_key() -> None:
    found = proof.check(proved(), "POST", ADDRESS, "ours", NOW)
    assert (found.jkt, found.jti) == (JKT, "once")
    assert found.remember_until > NOW + timedelta(seconds=70)
    assert proof.check(proved("t"), "POST", ADDRESS, "ours", NOW, "t").jkt == JKT


SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize(
    "change",
    [
        {"htm": "GET"},
        {"htm": GONE},
        {"htu": f"{ADDRESS}?x=1"},
        {"htu": "https://evil.example/token"},
        {"iat": SECONDS - 71},
        {"iat": SECONDS + 71},
        {"iat": GONE},
        {"iat": str(SECONDS)},
        {"jti": GONE},
        {"jti": ""},
        {"jti": "j" * 513},
        {"ath": "of-a-token-that-is-not-here"},
        {"typ": "JWT"},
    ],
)
def test_a_proof_of_another_request_or_time_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Mistake) as mistake:
        proof.check(proved(**change), "POST", ADDRESS, "ours", NOW)
    assert mistake.value.error == "invalid_dpop_proof"


@pytest.mark.parametrize("nonce", [GONE, "", "another"])
def test_a_proof_without_the_providers_nonce_is_asked_for_again(nonce: object) -> None:
    with pytest.raises(NonceWanted):
        proof.check(proved(nonce=nonce), "POST", ADDRESS, "ours", NOW)


@pytest.mark.parametrize("shown", ["", "x", "a.b.c", "x" * 5_000])
def test_what_is_no_proof_is_refused(shown: str) -> None:
    with pytest.raises(Mistake):
        proof.check(shown, "POST", ADDRESS, "ours", NOW)


@pytest.mark.parametrize("ath", [GONE, "another"])
def test_a_proof_with_an_access_token_holds_that_tokens_hash(ath: object) -> None:
    with pytest.raises(Mistake):
        proof.check(proved("t", ath=ath), "POST", ADDRESS, "ours", NOW, "t")


# ---- over the wire


def pushed(rig: Rig, jti: str, change: Mapping[str, str | None]) -> dict[str, str]:
    """What a doctor's client hands over."""
    claims = assertion(STAFF.client_id, rig.issuer, rig.clock(), jti)
    form = {
        **ASKED,
        "client_id": STAFF.client_id,
        "redirect_uri": STAFF.redirect_uri,
        "dpop_jkt": JKT,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jws.sign(claims, CLIENT_KEY, KID, ASSERTION_TYP),
    }
    return changed(form, change)


UNCHANGED: Mapping[str, str | None] = {}


async def push(
    rig: Rig, jti: str = "a", change: Mapping[str, str | None] = UNCHANGED
) -> tuple[int, dict[str, Any]]:
    answer = await rig.http.post(f"{rig.issuer}/par", data=pushed(rig, jti, change))
    return answer.status, await answer.json()


async def look(rig: Rig, **query: str) -> int:
    url = URL(f"{rig.issuer}/authorize").with_query(query)
    return (await rig.http.get(url, allow_redirects=False)).status


async def test_a_pushed_request_is_used_by_its_client_once_and_in_time(rig: Rig) -> None:
    status, body = await push(rig)
    assert (status, body["expires_in"]) == (201, 600)
    query = {"client_id": STAFF.client_id, "request_uri": body["request_uri"]}
    assert await look(rig, **query) == 200
    assert await look(rig, **{**query, "client_id": "venterom-patients"}) == 400
    await rig.pick(str(URL(f"{rig.issuer}/authorize").with_query(query)), DOCTOR)
    assert await look(rig, **query) == 400
    _, late = await push(rig, "b")
    rig.clock.now += timedelta(minutes=10)
    assert await look(rig, client_id=STAFF.client_id, request_uri=late["request_uri"]) == 400


async def test_a_client_that_pushes_is_not_asked_by_a_browser(rig: Rig) -> None:
    query = pushed(rig, "a", UNCHANGED)
    del query["client_assertion"], query["client_assertion_type"]
    assert await look(rig, **query) == 400


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_assertion": None}, 401),
        ({"client_id": "somebody"}, 401),
        ({"redirect_uri": "https://evil.example/back"}, 400),
        ({"code_challenge": None}, 400),
        ({"nonce": None}, 400),
        ({"dpop_jkt": None}, 400),
        ({"dpop_jkt": "short"}, 400),
    ],
)
async def test_a_push_that_is_not_in_order_is_refused(
    rig: Rig, change: dict[str, str | None], status: int
) -> None:
    assert (await push(rig, change=change))[0] == status


async def test_an_assertion_and_a_proof_are_good_once(rig: Rig) -> None:
    assert (await push(rig, "a"))[0] == 201
    assert (await push(rig, "a"))[0] == 401
    url = f"{rig.issuer}/token"
    claims = dpop.claims("POST", url, rig.clock(), "once", nonce=rig.desk.nonce)
    shown = jws.sign_showing_key(claims, BINDING_KEY, dpop.TYP)
    for jti, error in (("b", "invalid_grant"), ("c", "invalid_dpop_proof")):
        more = {"grant_type": "authorization_code", "code": "x", "code_verifier": VERIFIER}
        form = pushed(rig, jti, more)
        answer = await rig.http.post(url, data=form, headers={"DPoP": shown})
        assert (answer.status, (await answer.json())["error"]) == (400, error)


async def test_a_bound_access_token_opens_nothing_for_another_key(rig: Rig) -> None:
    access = rig.desk.keep_access(STAFF, DOCTOR.subject, JKT)
    url = f"{rig.issuer}/userinfo"
    for key, scheme, status in (
        (BINDING_KEY, "DPoP", 200),
        (STRANGER_KEY, "DPoP", 401),
        (BINDING_KEY, "Bearer", 401),
    ):
        claims = dpop.claims(
            "GET", url, rig.clock(), json.dumps(status), nonce=rig.desk.nonce, access_token=access
        )
        shown = jws.sign_showing_key(claims, key, dpop.TYP)
        headers = {"Authorization": f"{scheme} {access}", "DPoP": shown}
        answer = await rig.http.get(url, headers=headers)
        assert answer.status == status, (scheme, await answer.text())
