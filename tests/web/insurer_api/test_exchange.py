"""An access token for a client that shows its key, and for nobody else."""

import asyncio
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from structlog.testing import capture_logs

from tests.web.insurer_api.program import (
    KEY,
    STRANGER,
    b64,
    question,
    register,
    signed,
)
from tests.web.rig import KARI, Rig
from venterom.journal import jws
from venterom.journal.jws import MAX_TOKEN
from venterom.web.insurer_api import clients
from venterom.web.insurer_api.exchange import LARGEST
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import TOKENS
from venterom.web.insurer_api.tables import AssertionRow
from venterom.web.work import work

pytestmark = pytest.mark.slow

FORM_TYPE = "application/x-www-form-urlencoded"
FORM = {"Content-Type": FORM_TYPE}


async def test_a_client_with_its_key_gets_a_token_for_five_minutes(rig: Rig) -> None:
    own = await register(rig)
    answer = await own.ask_token()
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    said = await answer.json()
    assert said.pop("access_token")
    assert said == {"token_type": "Bearer", "expires_in": 300, "scope": "eligibility policies"}


async def test_ps256_will_do_as_well(rig: Rig) -> None:
    key = rsa.generate_private_key(65_537, 2_048)
    own = await register(rig, key=key, alg="PS256")
    assert (await own.ask_token()).status == 200


async def test_an_assertion_is_good_once(rig: Rig) -> None:
    own = await register(rig)
    shown = signed(own.header(), own.claims(), KEY)
    assert (await own.ask_token(client_assertion=shown)).status == 200
    again = await own.ask_token(client_assertion=shown)
    assert again.status == 401 and await again.json() == {"error": "invalid_client"}


async def test_the_same_name_from_another_client_is_no_repeat(rig: Rig) -> None:
    own, other = await register(rig), await register(rig, client="other-web")
    for each in (own, other):
        shown = signed(each.header(), each.claims(jti="the same"), KEY)
        assert (await each.ask_token(client_assertion=shown)).status == 200


async def test_used_up_assertions_are_forgotten_when_nobody_would_believe_them(rig: Rig) -> None:
    own = await register(rig)
    await own.token()
    assert len(await rig.rows(AssertionRow)) == 1
    rig.clock.tick(seconds=31)
    await own.token()
    assert len(await rig.rows(AssertionRow)) == 1


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"alg": "none"}, {}),
        ({"alg": "HS256"}, {}),
        ({"alg": "RS256"}, {}),  # not of this profile
        ({"alg": "PS256"}, {}),  # the key is of another kind
        ({"kid": "another"}, {}),
        ({"typ": "at+jwt"}, {}),
        ({"crit": ["exp"]}, {}),
        ({"jwk": {"kty": "EC"}}, {}),
        ({"jku": "https://evil.example/keys"}, {}),
        ({}, {"aud": "https://elsewhere.example"}),
        ({}, {"aud": None}),
        ({}, {"exp": None}),
        ({}, {"exp": 1}),
        ({}, {"exp": 99_999_999_999}),
        ({}, {"jti": None}),
        ({}, {"iss": "other-web"}),
        ({}, {"sub": "nobody"}),
    ],
)
async def test_a_forged_or_stale_assertion_is_refused_and_not_told_why(
    rig: Rig, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    own = await register(rig)
    shown = signed(own.header(**header), own.claims(**claims), KEY)
    with capture_logs() as lines:
        answer = await own.ask_token(client_assertion=shown)
    assert answer.status == 401 and await answer.json() == {"error": "invalid_client"}
    [told] = [line for line in lines if line["event"] == "insurer_client_refused"]
    assert told["why"]
    assert await rig.rows(AssertionRow) == []


async def test_anothers_key_opens_nothing(rig: Rig) -> None:
    own = await register(rig)
    for key in (STRANGER, rsa.generate_private_key(65_537, 2_048)):
        shown = signed(own.header(), own.claims(), key)
        assert (await own.ask_token(client_assertion=shown)).status == 401
    unsigned = ".".join([b64(b'{"alg":"none"}'), signed({}, own.claims(), KEY).split(".")[1], ""])
    assert (await own.ask_token(client_assertion=unsigned)).status == 401


def as_a_secret(key: ec.EllipticCurvePublicKey, form: Encoding | None) -> bytes:
    """A public key, which everybody may know, as somebody would take it for a shared secret."""
    if form is None:
        return json.dumps(jws.public_jwk(key)).encode()
    return key.public_bytes(form, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("form", [Encoding.PEM, Encoding.DER, None])
async def test_the_public_key_is_no_shared_secret(rig: Rig, form: Encoding | None) -> None:
    own = await register(rig)
    text = ".".join(
        b64(json.dumps(part).encode()) for part in (own.header(alg="HS256"), own.claims())
    )
    seal = hmac.digest(as_a_secret(KEY.public_key(), form), text.encode(), "sha256")
    assert (await own.ask_token(client_assertion=f"{text}.{b64(seal)}")).status == 401


async def test_an_assertion_that_is_shown_many_times_at_once_is_good_once(rig: Rig) -> None:
    own = await register(rig)
    shown = signed(own.header(), own.claims(), KEY)
    heard = await asyncio.gather(*(own.ask_token(client_assertion=shown) for _ in range(8)))
    assert sorted(answer.status for answer in heard) == [200] + [401] * 7


async def test_an_assertion_that_is_too_long_is_refused_before_it_is_read(rig: Rig) -> None:
    own = await register(rig)
    long = signed(own.header(), own.claims(more="x" * 3_500), KEY)
    assert MAX_TOKEN < len(long) < LARGEST
    assert (await own.ask_token(client_assertion=long)).status == 401
    form = own.form(client_assertion=signed(own.header(), own.claims(more="x" * LARGEST), KEY))
    refused = await own.http.post(f"{rig.url}/insurer/v1/token", data=form)
    assert refused.status == 413
    assert await rig.rows(AssertionRow) == []


async def test_what_opens_one_address_opens_no_other(rig: Rig) -> None:
    own = await register(rig)
    assertion, token = signed(own.header(), own.claims(), KEY), await own.token()
    asked = question(rig, KARI)
    assert (await own.check(asked, token=assertion)).status == 401
    assert (await own.ask_token(client_assertion=token)).status == 401
    assert (await own.check(asked, token=token)).status == 200


async def test_one_client_cannot_speak_for_another(rig: Rig) -> None:
    own = await register(rig)
    other = await register(rig, client="other-web", key=STRANGER)
    shown = signed(own.header(), other.claims(), KEY)  # our key, their name
    assert (await own.ask_token(client_assertion=shown)).status == 401
    assert (await own.ask_token(client_id="other-web")).status == 401
    assert (await own.ask_token(client_id="own-web")).status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
        ({"scope": "journal"}, "invalid_scope"),
        ({"scope": "eligibility journal"}, "invalid_scope"),
    ],
)
async def test_what_is_no_request_for_a_token_hears_its_code(
    rig: Rig, form: dict[str, str], error: str
) -> None:
    own = await register(rig)
    answer = await own.ask_token(**form)
    assert answer.status == 400 and await answer.json() == {"error": error}


async def test_a_field_twice_or_another_type_is_no_request(rig: Rig) -> None:
    own = await register(rig)
    url = f"{rig.url}/insurer/v1/token"
    twice = [*own.form().items(), ("scope", "eligibility"), ("scope", "policies")]
    for answer in (
        await own.http.post(url, data=twice),
        await own.http.post(url, json=own.form()),
        await own.http.post(url),
        await own.http.post(url, data=b"grant_type=\xff", headers=FORM),
        await own.http.post(url, data="&".join(f"f{n}=" for n in range(1_000)), headers=FORM),
        await own.http.post(url, data=b"", headers={"Content-Type": f"{FORM_TYPE}; charset=none"}),
    ):
        assert answer.status == 400 and await answer.json() == {"error": "invalid_request"}


async def test_a_token_is_for_no_more_than_the_client_may(rig: Rig) -> None:
    own = await register(rig, may=frozenset({Scope.ELIGIBILITY}))
    assert (await own.ask_token(scope="policies")).status == 400
    both = await register(rig, client="both")
    token = await both.token(scope="policies")
    refused = await both.check(question(rig, KARI), token=token)
    assert refused.status == 403 and "insufficient_scope" in refused.headers["WWW-Authenticate"]


async def test_a_client_that_is_removed_is_out_at_once_with_its_token(rig: Rig) -> None:
    own = await register(rig)
    token = await own.token()
    async with work(rig.app) as unit:
        assert await clients.remove(unit.db, unit.now.date(), client="own-web")
    assert (await own.check(question(rig, KARI), token=token)).status == 401
    assert (await own.ask_token()).status == 401


async def test_too_many_requests_for_tokens_wait(rig: Rig) -> None:
    own = await register(rig)
    form = own.form(client_assertion="x")
    url = f"{rig.url}/insurer/v1/token"
    asked = [(await own.http.post(url, data=form)).status for _ in range(TOKENS)]
    assert set(asked) == {401}
    late = await own.http.post(url, data=form)
    assert late.status == 429 and late.headers["Retry-After"] == "1"
    rig.clock.tick(seconds=1)
    assert (await own.ask_token()).status == 200
