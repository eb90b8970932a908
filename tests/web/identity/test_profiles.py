"""What HelseID and BankID ask beyond the plain flow: pushed requests, bound tokens, signed
userinfo; and a provider that is slow, or changes its keys while somebody is on the way.

The stand-in is our own, and strict (server/demo/identity.py); test_real_provider.py meets one that
is not ours.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from yarl import URL

from tests.web.identity.rig import (
    BROKERED,
    CLIENT_KEY,
    DOCTOR,
    KARI,
    PROVIDER_KEY,
    STAFF,
    STRANGER_KEY,
    STRICT,
    Rig,
    claims_in,
    finish,
    half_way,
    running,
    token,
)
from venterom.journal import jws
from venterom.web.identity.discovery import Issuer
from venterom.web.identity.errors import IdentityError, ProviderUnreachable, SignInRefused
from venterom.web.identity.roles import Door

Sessions = async_sessionmaker[AsyncSession]
Body = dict[str, object]

pytestmark = pytest.mark.adapter
on_sqlite = pytest.mark.parametrize("session_factory", ["sqlite"], indirect=True)


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    async with running() as running_rig:
        yield running_rig


async def refused(rig: Rig, sessions: Sessions, reason: str, **how: object) -> None:
    """A patient of BankID's kind is turned away, for this reason."""
    sign_in = await half_way(rig, sessions, rig.party(client=BROKERED, **how))  # type: ignore[arg-type]  # a test's own changes
    with pytest.raises(SignInRefused) as said:
        await finish(rig, sessions, sign_in)
    assert said.value.reason == reason
    assert KARI.number not in str(said.value)


# ---- pushed requests (RFC 9126)


async def test_the_browser_carries_the_name_of_a_request_and_nothing_of_it(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party(client=BROKERED, hints=(("login_hint", "BID"),))
    started = await party.start(session_factory, rig.clock(), return_to="/start")
    query = URL(started.url).query
    assert set(query) == {"client_id", "request_uri"}
    [pushed] = rig.desk.pushed.values()
    assert pushed.asked["acr_values"] == BROKERED.level
    assert pushed.asked["login_hint"] == "BID"
    assert pushed.asked["state"] not in started.url


@on_sqlite
async def test_a_provider_that_must_take_pushed_requests_and_does_not_is_refused(
    rig: Rig, session_factory: Sessions
) -> None:
    rig.tamper["/.well-known/openid-configuration"] = lambda body: {
        name: value for name, value in body.items() if not name.startswith("pushed")
    }
    with pytest.raises(ProviderUnreachable):
        await rig.party(client=STAFF).start(session_factory, rig.clock(), return_to="/")
    plain = await half_way(rig, session_factory)  # whoever does not demand it goes on without
    assert (await finish(rig, session_factory, plain)).signed_in.number == KARI.number


@on_sqlite
@pytest.mark.parametrize(
    "answer",
    [
        lambda body: web.json_response({"error": "invalid_request"}, status=400),
        lambda body: web.json_response({"error": "invalid_client"}, status=401),
        lambda body: {},
        lambda body: {"request_uri": "a b"},
        lambda body: web.Response(status=302, headers={"Location": "http://169.254.169.254/"}),
        lambda body: web.Response(status=503, text="{}"),
        lambda body: web.Response(text="<html>"),
    ],
)
async def test_a_push_that_fails_sends_the_browser_nowhere(
    rig: Rig, session_factory: Sessions, answer: Callable[[Body], object]
) -> None:
    rig.tamper["/par"] = answer
    with pytest.raises(ProviderUnreachable):
        await rig.party(client=STAFF).start(session_factory, rig.clock(), return_to="/")


# ---- tokens that are bound to a key (RFC 9449)


async def test_a_doctor_signs_in_with_proofs_and_the_providers_nonce(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party(Door.DOCTOR, STAFF)
    for asked in (2, 3):  # once more for the nonce, which is then known
        sign_in = await half_way(rig, session_factory, party, DOCTOR)
        who = (await finish(rig, session_factory, sign_in)).signed_in
        assert (who.number, who.hpr_number) == (DOCTOR.number, "9990001")
        assert rig.asked.count("/token") == asked
    rig.desk.nonce = "another"
    sign_in = await half_way(rig, session_factory, party, DOCTOR)
    await finish(rig, session_factory, sign_in)
    assert rig.asked.count("/token") == 5


@on_sqlite
async def test_every_request_has_a_proof_and_an_assertion_of_its_own(
    rig: Rig, session_factory: Sessions
) -> None:
    sign_in = await half_way(rig, session_factory, rig.party(Door.DOCTOR, STRICT), DOCTOR)
    await finish(rig, session_factory, sign_in)
    proofs = [headers["DPoP"] for path, headers in rig.heard if "DPoP" in headers]
    said = [json.loads(jws.verify_shown(proof, "dpop+jwt")[1]) for proof in proofs]
    assert [claims["htm"] for claims in said] == ["POST", "POST", "GET"]
    assert [claims["htu"].removeprefix(rig.issuer) for claims in said] == [
        *("/token", "/token", "/userinfo")
    ]
    assert ["nonce" in claims for claims in said] == [False, True, True]
    assert ["ath" in claims for claims in said] == [False, False, True]
    assert len({claims["jti"] for claims in said}) == 3
    assert len(rig.desk.used) == 3 + 2  # assertions: pushed, and twice for the token; good proofs


@on_sqlite
async def test_a_provider_that_wants_a_nonce_without_end_is_asked_twice(
    rig: Rig, session_factory: Sessions
) -> None:
    rig.tamper["/token"] = lambda body: web.json_response(
        {"error": "use_dpop_nonce"}, status=400, headers={"DPoP-Nonce": "more"}
    )
    sign_in = await half_way(rig, session_factory, rig.party(Door.DOCTOR, STAFF), DOCTOR)
    with pytest.raises(SignInRefused):
        await finish(rig, session_factory, sign_in)
    assert rig.asked.count("/token") == 2


@on_sqlite
@pytest.mark.parametrize("nonce", ["", "a b", "x" * 513])
async def test_a_call_for_a_nonce_without_one_is_not_answered(
    rig: Rig, session_factory: Sessions, nonce: str
) -> None:
    rig.tamper["/token"] = lambda body: web.json_response(
        {"error": "use_dpop_nonce"}, status=400, headers={"DPoP-Nonce": nonce}
    )
    sign_in = await half_way(rig, session_factory, rig.party(Door.DOCTOR, STAFF), DOCTOR)
    with pytest.raises(SignInRefused):
        await finish(rig, session_factory, sign_in)
    assert rig.asked.count("/token") == 1


@on_sqlite
async def test_a_code_that_was_bound_to_our_key_is_no_use_to_another(
    rig: Rig, session_factory: Sessions
) -> None:
    sign_in = await half_way(rig, session_factory, rig.party(Door.DOCTOR, STAFF), DOCTOR)
    thief = rig.party(Door.DOCTOR, STAFF, bound_to=STRANGER_KEY)
    with pytest.raises(SignInRefused):
        await thief.finish(
            session_factory, rig.clock(), answer=sign_in.answer, browser=sign_in.browser
        )


@on_sqlite
async def test_a_token_that_is_not_bound_is_refused_where_it_must_be(
    rig: Rig, session_factory: Sessions
) -> None:
    rig.tamper["/token"] = lambda body: (
        body | {"token_type": "Bearer"}
        if body.get("id_token")
        else web.json_response(body, status=400, headers={"DPoP-Nonce": rig.desk.nonce})
    )
    sign_in = await half_way(rig, session_factory, rig.party(Door.DOCTOR, STAFF), DOCTOR)
    with pytest.raises(SignInRefused) as said:
        await finish(rig, session_factory, sign_in)
    assert said.value.reason == "token_type"


# ---- signed userinfo


async def test_the_number_comes_from_the_signed_userinfo(
    rig: Rig, session_factory: Sessions
) -> None:
    sign_in = await half_way(rig, session_factory, rig.party(client=BROKERED))
    who = (await finish(rig, session_factory, sign_in)).signed_in
    assert (who.number, who.name) == (KARI.number, KARI.name)


@on_sqlite
async def test_it_is_asked_for_with_a_proof_where_the_token_is_bound(
    rig: Rig, session_factory: Sessions
) -> None:
    sign_in = await half_way(rig, session_factory, rig.party(Door.DOCTOR, STRICT), DOCTOR)
    who = (await finish(rig, session_factory, sign_in)).signed_in
    assert who.number == DOCTOR.number
    [authorization] = [
        headers["Authorization"] for path, headers in rig.heard if path == "/userinfo"
    ]
    assert authorization.startswith("DPoP ")


def as_jwt(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/jwt")


def said_otherwise(
    change: Body, key: ec.EllipticCurvePrivateKey = PROVIDER_KEY
) -> Callable[[Body], object]:
    """The userinfo with some claims changed, and signed again."""

    def tamper(body: Body) -> object:
        return as_jwt(token({**claims_in(body["text"]), **change}, key))

    return tamper


@on_sqlite
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (said_otherwise({"sub": "somebody-else"}), "subject"),
        (said_otherwise({"iss": "https://evil.example"}), "issuer"),
        (said_otherwise({"aud": "another-client"}), "audience"),
        (said_otherwise({"nnin_altsub": "02013299903"}), "number"),  # could be somebody's
        (said_otherwise({}, STRANGER_KEY), "signature"),
        (said_otherwise({}, CLIENT_KEY), "signature"),  # our own key is not theirs
        (lambda body: as_jwt("x" * 5_000), "signature"),
        (lambda body: as_jwt(""), "signature"),
        (lambda body: as_jwt("å.å.å"), "signature"),
        (lambda body: as_jwt(str(body["text"]).rpartition(".")[0] + "."), "signature"),
        (lambda body: web.json_response(claims_in(body["text"])), "userinfo"),  # not signed
        (lambda body: web.Response(text=str(body["text"])), "userinfo"),  # no word that it is
        (lambda body: web.json_response({"error": "invalid_token"}, status=401), "userinfo"),
        (
            lambda body: web.Response(status=302, headers={"Location": "http://169.254.169.254/"}),
            "userinfo",
        ),
    ],
)
async def test_what_is_not_signed_for_whoever_signed_in_is_refused(
    rig: Rig, session_factory: Sessions, answer: Callable[[Body], object], reason: str
) -> None:
    rig.tamper["/userinfo"] = answer
    await refused(rig, session_factory, reason)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"access_token": None}, "access_token"),
        ({"access_token": "a b"}, "access_token"),
        ({"access_token": "x" * 43}, "userinfo"),  # it opens nothing there
    ],
)
async def test_without_an_access_token_nobody_is_let_in_by_userinfo(
    rig: Rig, session_factory: Sessions, change: Body, reason: str
) -> None:
    rig.tamper["/token"] = lambda body: {**body, **change}
    await refused(rig, session_factory, reason)


@on_sqlite
async def test_an_access_token_that_came_with_another_id_token_is_not_used(
    rig: Rig, session_factory: Sessions
) -> None:
    rig.tamper["/token"] = lambda body: {
        **body,
        "id_token": token({**claims_in(body["id_token"]), "at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}),
    }
    await refused(rig, session_factory, "access_token")
    assert "/userinfo" not in rig.asked


@on_sqlite
async def test_a_provider_without_userinfo_is_unreachable_where_the_number_stands_there(
    rig: Rig, session_factory: Sessions
) -> None:
    rig.tamper["/.well-known/openid-configuration"] = lambda body: {
        name: value for name, value in body.items() if name != "userinfo_endpoint"
    }
    sign_in = await half_way(rig, session_factory, rig.party(client=BROKERED))
    with pytest.raises(ProviderUnreachable):
        await finish(rig, session_factory, sign_in)


# ---- slow, and changing


@on_sqlite
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/par"])
async def test_nobody_waits_for_ever_to_be_sent_away(
    rig: Rig, session_factory: Sessions, path: str
) -> None:
    rig.delays[path] = asyncio.Event()
    with pytest.raises(ProviderUnreachable):
        party = rig.party(client=STRICT, patience=0.05)
        await party.start(session_factory, rig.clock(), return_to="/")


@on_sqlite
@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
async def test_nobody_waits_for_ever_to_come_back(
    rig: Rig, session_factory: Sessions, path: str
) -> None:
    sign_in = await half_way(rig, session_factory, rig.party(client=BROKERED))
    rig.delays[path] = asyncio.Event()
    impatient = rig.party(client=BROKERED, patience=0.05)
    with pytest.raises(ProviderUnreachable):
        await impatient.finish(
            session_factory, rig.clock(), answer=sign_in.answer, browser=sign_in.browser
        )


@on_sqlite
@pytest.mark.parametrize("path", ["/token", "/userinfo"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda body: web.Response(status=503, text="{}"),
        lambda body: web.Response(text="x" * 70_000, content_type="application/jwt"),
    ],
)
async def test_a_provider_that_fails_on_the_way_back_is_unreachable(
    rig: Rig, session_factory: Sessions, path: str, answer: Callable[[Body], object]
) -> None:
    rig.tamper[path] = answer
    sign_in = await half_way(rig, session_factory, rig.party(client=BROKERED))
    with pytest.raises(ProviderUnreachable):
        await finish(rig, session_factory, sign_in)


def rotate(rig: Rig) -> None:
    """The provider signs with another key from now on."""
    rig.tamper["/jwks"] = lambda body: {"keys": [jws.public_jwk(STRANGER_KEY.public_key())]}
    rig.desk.key = STRANGER_KEY


@on_sqlite
async def test_keys_that_change_while_somebody_is_away_stop_nobody(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party(client=BROKERED)
    await finish(rig, session_factory, await half_way(rig, session_factory, party))
    sign_in = await half_way(rig, session_factory, party)
    rotate(rig)
    assert (await finish(rig, session_factory, sign_in)).signed_in.number == KARI.number


async def test_several_who_come_back_just_then_are_all_let_in_by_one_look(rig: Rig) -> None:
    issuer = Issuer(rig.http, rig.issuer, ("ES256",))
    assert await issuer.claims(token({"n": 0}), rig.clock()) == {"n": 0}
    rotate(rig)
    rig.delays["/jwks"] = asyncio.Event()
    back = [
        asyncio.create_task(issuer.claims(token({"n": n}, STRANGER_KEY), rig.clock()))
        for n in range(3)
    ]
    await asyncio.sleep(0)  # all of them have found their key unknown
    rig.delays["/jwks"].set()
    assert await asyncio.gather(*back) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert rig.asked.count("/jwks") == 2


@on_sqlite
async def test_forged_logouts_do_not_keep_anybody_from_signing_in(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party(client=BROKERED)
    await finish(rig, session_factory, await half_way(rig, session_factory, party))
    for _ in range(3):
        with pytest.raises(IdentityError):
            await party.logged_out(token({}, CLIENT_KEY), rig.clock())
    assert rig.asked.count("/jwks") == 2  # they make us look once a minute
    sign_in = await half_way(rig, session_factory, party)
    rotate(rig)
    rig.clock.now += timedelta(seconds=1)
    assert (await finish(rig, session_factory, sign_in)).signed_in.number == KARI.number
