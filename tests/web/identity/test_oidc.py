"""The whole code flow against a running provider, and every way in which it must not work."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from yarl import URL

from tests.web.identity.rig import (
    CLIENT_KEY,
    DOCTOR,
    HIGH,
    KARI,
    LOW,
    NOW,
    PROVIDER_KEY,
    STRANGER_KEY,
    Rig,
    claims_in,
    finish,
    half_way,
    running,
    token,
)
from venterom.journal import jws
from venterom.server.demo.flow import Mistake
from venterom.web.identity.answers import read_answer
from venterom.web.identity.errors import (
    IdentityError,
    ProviderUnreachable,
    SignInCancelled,
    SignInExpired,
    SignInRefused,
    SignInUnknown,
)
from venterom.web.identity.metadata import Metadata, read_metadata
from venterom.web.identity.provider import Provider
from venterom.web.identity.roles import Door

Sessions = async_sessionmaker[AsyncSession]
Claims = dict[str, object]

pytestmark = pytest.mark.adapter
on_sqlite = pytest.mark.parametrize("session_factory", ["sqlite"], indirect=True)
KID = jws.thumbprint(PROVIDER_KEY.public_key())


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    async with running() as running_rig:
        yield running_rig


async def test_a_patient_signs_in(rig: Rig, session_factory: Sessions) -> None:
    arrival = await finish(rig, session_factory, await half_way(rig, session_factory))
    who = arrival.signed_in
    assert arrival.return_to == "/start"
    assert (who.name, who.birth_date, who.number) == (KARI.name, KARI.birth_date, KARI.number)
    assert (who.level, who.door, who.hpr_number) == (HIGH, Door.PATIENT, None)


@on_sqlite
async def test_a_doctor_signs_in_with_an_hpr_number(rig: Rig, session_factory: Sessions) -> None:
    sign_in = await half_way(rig, session_factory, rig.party(Door.DOCTOR), DOCTOR)
    who = (await finish(rig, session_factory, sign_in)).signed_in
    assert (who.door, who.hpr_number, who.number) == (Door.DOCTOR, "9990001", DOCTOR.number)


def without_pushed_requests(body: Claims) -> Claims:
    """A provider that wants the browser to carry the request."""
    return {name: value for name, value in body.items() if not name.startswith("pushed")}


@on_sqlite
async def test_the_address_we_send_the_browser_to_asks_for_all_that_protects(
    rig: Rig, session_factory: Sessions
) -> None:
    rig.tamper["/.well-known/openid-configuration"] = without_pushed_requests
    party = rig.party(hints=(("login_hint", "BID"),))
    started = await party.start(session_factory, NOW, return_to="/start")
    query = URL(started.url).query
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert query["acr_values"] == HIGH
    assert query["scope"] == "openid profile"  # as set: nothing that is not needed
    assert query["login_hint"] == "BID"
    assert {len(query[name]) for name in ("state", "nonce", "code_challenge")} == {43}
    assert started.browser not in started.url
    assert query["state"] not in repr(started)


@on_sqlite
async def test_to_prove_anew_who_one_is_stands_in_the_request_before_any_hint(
    rig: Rig, session_factory: Sessions
) -> None:
    rig.tamper["/.well-known/openid-configuration"] = without_pushed_requests
    party = rig.party(hints=(("prompt", "none"), ("login_hint", "BID")))
    started = await party.start(session_factory, NOW, return_to="/start", fresh=True)
    query = URL(started.url).query
    assert (query["prompt"], query["max_age"], query["login_hint"]) == ("login", "0", "BID")
    usual = URL((await party.start(session_factory, NOW, return_to="/start")).url).query
    assert usual["prompt"] == "none" and "max_age" not in usual


@on_sqlite
async def test_nothing_about_the_person_is_in_any_address(
    rig: Rig, session_factory: Sessions
) -> None:
    sign_in = await half_way(rig, session_factory)
    assert set(sign_in.answer) == {"code", "state", "iss"}
    await finish(rig, session_factory, sign_in)
    for path in rig.asked:
        assert KARI.number not in path
        assert "Kari" not in path


def forged(change: Claims) -> Callable[[Claims], object]:
    """The provider's answer, with some claims changed (None: left out) and signed again."""

    def tamper(body: Claims) -> object:
        claims = {**claims_in(body["id_token"]), **change}
        kept = {name: value for name, value in claims.items() if value is not None}
        return {**body, "id_token": token(kept)}

    return tamper


SECONDS = int(NOW.timestamp())


@on_sqlite
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "somebody-else"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": ["venterom-patients", "other"]}, "authorised_party"),
        ({"aud": ["venterom-patients", "other"], "azp": "other"}, "authorised_party"),
        ({"azp": "other"}, "authorised_party"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": SECONDS - 120, "iat": SECONDS - 300}, "expired"),
        ({"exp": None}, "missing_time"),
        ({"iat": None}, "missing_time"),
        ({"iat": SECONDS + 120}, "not_yet"),
        ({"nbf": SECONDS + 120}, "not_yet"),
        ({"exp": SECONDS + 86_400}, "lives_too_long"),
        ({"acr": LOW}, "level"),
        ({"acr": None}, "level"),
        ({"sub": None}, "subject"),
        ({"birthdate": None}, "birth_date"),
        ({"nnin_altsub": None}, "number"),
        ({"nnin_altsub": "02013299903"}, "number"),  # could be somebody's
        ({"name": "Kari\u0000"}, "name"),
    ],
)
async def test_a_genuine_token_that_says_the_wrong_thing_is_refused(
    rig: Rig, session_factory: Sessions, change: Claims, reason: str
) -> None:
    rig.tamper["/token"] = forged(change)
    sign_in = await half_way(rig, session_factory)
    with pytest.raises(SignInRefused) as refused:
        await finish(rig, session_factory, sign_in)
    assert refused.value.reason == reason
    assert KARI.number not in str(refused.value)


def encoded(part: object) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def symmetric(claims: Claims, secret: bytes) -> str:
    """A token signed with HS256, with a public key as its secret: the old confusion."""
    start = f"{encoded({'alg': 'HS256', 'kid': KID, 'typ': 'JWT'})}.{encoded(claims)}"
    return f"{start}.{encoded(hmac.digest(secret, start.encode(), hashlib.sha256))}"


def headed(header: Claims) -> Callable[[str], str]:
    """The same token under another header."""
    return lambda genuine: ".".join([encoded(header), *genuine.split(".")[1:]])


@on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        lambda genuine: f"{encoded({'alg': 'none'})}.{genuine.split('.')[1]}.",
        headed({"alg": "none", "kid": KID}),
        lambda genuine: symmetric(claims_in(genuine), KID.encode()),
        lambda genuine: symmetric(
            claims_in(genuine), json.dumps(jws.public_jwk(PROVIDER_KEY.public_key())).encode()
        ),
        lambda genuine: token(claims_in(genuine), STRANGER_KEY),  # unknown kid
        lambda genuine: token(claims_in(genuine), STRANGER_KEY, KID),  # a stranger's signature
        lambda genuine: token(claims_in(genuine), CLIENT_KEY),  # our own key is not theirs
        headed({"alg": "ES256", "typ": "JWT"}),  # no kid
        headed({"alg": "ES256", "kid": KID, "crit": ["exp"]}),
        headed({"alg": "ES256", "kid": KID, "jwk": jws.public_jwk(STRANGER_KEY.public_key())}),
        headed({"alg": "ES256", "kid": KID, "typ": "client-authentication+jwt"}),
        headed({"alg": ["ES256"], "kid": KID}),
        lambda genuine: genuine[:-4] + "AAAA",
        lambda genuine: genuine + ".",
        lambda genuine: genuine.replace(".", "", 1),
        lambda genuine: " " + genuine,
        lambda genuine: "",
        lambda genuine: "x" * 5_000,
        lambda genuine: token([claims_in(genuine)]),  # a list is no claims
        lambda genuine: jws.sign(b"not json", PROVIDER_KEY, KID, "JWT"),
    ],
)
async def test_a_token_that_is_not_genuine_is_refused(
    rig: Rig, session_factory: Sessions, change: Callable[[str], str]
) -> None:
    rig.tamper["/token"] = lambda body: {**body, "id_token": change(str(body["id_token"]))}
    sign_in = await half_way(rig, session_factory)
    with pytest.raises(SignInRefused):
        await finish(rig, session_factory, sign_in)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"state": "x" * 43}, SignInUnknown),
        ({"state": ""}, SignInUnknown),
        ({"code": "x" * 43}, SignInRefused),
        ({"code": ""}, SignInRefused),
        ({"iss": "https://evil.example"}, SignInRefused),  # mix-up
        ({"iss": ""}, SignInRefused),
        ({"error": "access_denied"}, SignInCancelled),
        ({"error": "server_error"}, SignInRefused),
    ],
)
async def test_an_answer_that_is_not_the_one_we_wait_for_is_refused(
    rig: Rig, session_factory: Sessions, change: dict[str, str], error: type[IdentityError]
) -> None:
    sign_in = await half_way(rig, session_factory)
    with pytest.raises(error):
        await finish(rig, session_factory, sign_in, {**sign_in.answer, **change})


@on_sqlite
@pytest.mark.parametrize("browser", ["", "x" * 43])
async def test_another_browser_cannot_finish_a_sign_in(
    rig: Rig, session_factory: Sessions, browser: str
) -> None:
    sign_in = await half_way(rig, session_factory)
    with pytest.raises(SignInUnknown):
        await finish(rig, session_factory, sign_in, browser=browser)


@on_sqlite
async def test_an_answer_without_iss_is_refused_where_the_provider_names_itself(
    rig: Rig, session_factory: Sessions
) -> None:
    sign_in = await half_way(rig, session_factory)
    answer = {name: value for name, value in sign_in.answer.items() if name != "iss"}
    with pytest.raises(SignInRefused, match="trusted"):
        await finish(rig, session_factory, sign_in, answer)


@on_sqlite
async def test_the_same_answer_is_taken_once(rig: Rig, session_factory: Sessions) -> None:
    sign_in = await half_way(rig, session_factory)
    await finish(rig, session_factory, sign_in)
    with pytest.raises(SignInUnknown):
        await finish(rig, session_factory, sign_in)


@on_sqlite
async def test_a_code_from_somebody_elses_sign_in_does_not_fit_ours(
    rig: Rig, session_factory: Sessions
) -> None:
    theirs, ours = await half_way(rig, session_factory), await half_way(rig, session_factory)
    with pytest.raises(SignInRefused):  # PKCE: the verifier is another one
        await finish(rig, session_factory, ours, {**ours.answer, "code": theirs.answer["code"]})


@on_sqlite
async def test_an_answer_for_one_door_does_not_open_another(
    rig: Rig, session_factory: Sessions
) -> None:
    sign_in = await half_way(rig, session_factory)
    with pytest.raises(SignInUnknown):
        await finish(rig, session_factory, replace(sign_in, party=rig.party(Door.DOCTOR)))


@on_sqlite
async def test_a_code_lives_a_minute_and_a_sign_in_ten(rig: Rig, session_factory: Sessions) -> None:
    slow, slower = await half_way(rig, session_factory), await half_way(rig, session_factory)
    rig.clock.now += timedelta(seconds=60)
    with pytest.raises(SignInRefused):
        await finish(rig, session_factory, slow)
    rig.clock.now += timedelta(minutes=10)
    with pytest.raises(SignInExpired):
        await finish(rig, session_factory, slower)


@on_sqlite
async def test_whoever_presses_cancel_is_told_so(rig: Rig, session_factory: Sessions) -> None:
    sign_in = await half_way(rig, session_factory, person=None)
    with pytest.raises(SignInCancelled):
        await finish(rig, session_factory, sign_in)


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"key": STRANGER_KEY},  # a client that cannot show the key
        {"redirect_uri": "http://127.0.0.1:8080/other"},  # and one that comes back elsewhere
        {"client_id": "venterom-doctors"},
    ],
)
async def test_a_client_that_is_not_the_registered_one_gets_no_token(
    rig: Rig, session_factory: Sessions, changes: dict[str, object]
) -> None:
    sign_in = await half_way(rig, session_factory)
    with pytest.raises(SignInRefused):
        await finish(rig, session_factory, replace(sign_in, party=rig.party(**changes)))  # type: ignore[arg-type]  # a test's own changes


@on_sqlite
@pytest.mark.parametrize("levels", [(LOW,), ("urn:demonstration",)])
async def test_a_level_that_we_do_not_accept_is_refused_whatever_was_asked(
    rig: Rig, session_factory: Sessions, levels: tuple[str, ...]
) -> None:
    sign_in = await half_way(rig, session_factory, rig.party(levels=levels))
    with pytest.raises(SignInRefused, match="trusted"):
        await finish(rig, session_factory, sign_in)


@on_sqlite
@pytest.mark.parametrize(
    "answer",
    [
        lambda body: web.Response(status=302, headers={"Location": "http://169.254.169.254/"}),
        lambda body: web.Response(status=503, text="{}"),
        lambda body: web.Response(text="<html>"),
        lambda body: web.Response(text="[]"),
        lambda body: web.Response(body=b"\xff\xfe{"),
        lambda body: web.Response(text="[" * 50_000),
        lambda body: web.Response(text=json.dumps({"keys": [], "more": "x" * 70_000})),
        lambda body: {},
        lambda body: web.Response(status=404, text="{}"),
    ],
)
@pytest.mark.parametrize("path", ["/jwks", "/.well-known/openid-configuration"])
async def test_a_provider_that_answers_nonsense_is_unreachable(
    rig: Rig, session_factory: Sessions, path: str, answer: Callable[[Claims], object]
) -> None:
    rig.tamper[path] = answer
    with pytest.raises(ProviderUnreachable):
        await finish(rig, session_factory, await half_way(rig, session_factory))


@on_sqlite
async def test_a_provider_that_is_not_there_is_unreachable(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party(issuer="http://127.0.0.1:9")  # the discard port: nobody listens
    with pytest.raises(ProviderUnreachable):
        await party.start(session_factory, NOW, return_to="/")


@on_sqlite
async def test_a_small_answer_that_unpacks_to_a_big_one_is_not_read_to_the_end(
    rig: Rig, session_factory: Sessions
) -> None:
    def bomb(body: Claims) -> web.Response:
        response = web.Response(text=json.dumps({"keys": [], "more": "x" * 5_000_000}))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    rig.tamper["/jwks"] = bomb
    with pytest.raises(ProviderUnreachable):
        await finish(rig, session_factory, await half_way(rig, session_factory))


@on_sqlite
async def test_metadata_and_keys_are_asked_for_once_a_day(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party()
    for _ in range(3):
        await finish(rig, session_factory, await half_way(rig, session_factory, party))
    assert rig.asked.count("/jwks") == 1
    assert rig.asked.count("/.well-known/openid-configuration") == 1
    rig.clock.now += timedelta(hours=24)
    await finish(rig, session_factory, await half_way(rig, session_factory, party))
    assert rig.asked.count("/jwks") == 2
    assert rig.asked.count("/.well-known/openid-configuration") == 2


@on_sqlite
async def test_a_new_key_is_asked_for_once_and_then_known(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party()
    await finish(rig, session_factory, await half_way(rig, session_factory, party))
    rotated = {"keys": [jws.public_jwk(STRANGER_KEY.public_key())]}
    rig.tamper["/jwks"] = lambda body: rotated
    rig.tamper["/token"] = lambda body: {
        **body,
        "id_token": token(claims_in(body["id_token"]), STRANGER_KEY),
    }
    for _ in range(2):
        await finish(rig, session_factory, await half_way(rig, session_factory, party))
    assert rig.asked.count("/jwks") == 2


@on_sqlite
async def test_unknown_keys_make_us_ask_at_most_once_a_minute(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party()
    rig.tamper["/token"] = lambda body: {
        **body,
        "id_token": token(claims_in(body["id_token"]), STRANGER_KEY),
    }
    for _ in range(3):
        with pytest.raises(SignInRefused):
            await finish(rig, session_factory, await half_way(rig, session_factory, party))
    assert rig.asked.count("/jwks") == 2
    rig.clock.now += timedelta(minutes=1)
    with pytest.raises(SignInRefused):
        await finish(rig, session_factory, await half_way(rig, session_factory, party))
    assert rig.asked.count("/jwks") == 3


DOCUMENT = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "jwks_uri": "https://id.example/jwks",
}


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},  # somebody else's document
        {"issuer": "https://id.example/"},
        {"token_endpoint": "http://id.example/token"},  # codes in the open
        {"jwks_uri": "http://id.example/jwks"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"jwks_uri": ["https://id.example/jwks"]},
    ],
)
def test_metadata_that_is_not_safe_is_refused(change: Claims) -> None:
    with pytest.raises(ProviderUnreachable):
        read_metadata({**DOCUMENT, **change}, "https://id.example")


def test_signing_out_leads_nowhere_but_to_the_provider_itself() -> None:
    """Our own policy sends a form to the provider's own address, and to nobody else's."""
    for place, kept in (
        ("https://id.example/end", "https://id.example/end"),
        ("https://id.example:444/end", ""),
        ("https://evil.example/end", ""),
    ):
        document = {**DOCUMENT, "end_session_endpoint": place}
        assert read_metadata(document, "https://id.example").end_session_endpoint == kept
    with pytest.raises(ProviderUnreachable):
        read_metadata({**DOCUMENT, "end_session_endpoint": "javascript:1"}, "https://id.example")


@on_sqlite
async def test_whoever_signs_out_is_signed_out_at_the_provider_where_it_offers_that(
    rig: Rig, session_factory: Sessions
) -> None:
    party = rig.party()
    home = "http://127.0.0.1:8080/"
    assert await party.leaving(NOW, home) == ""  # ours does not
    place = f"{party.provider.issuer}/end?x=1"
    rig.tamper["/.well-known/openid-configuration"] = lambda body: {
        **body,
        "end_session_endpoint": place,
    }
    url = URL(await rig.party().leaving(NOW, home))
    assert str(url.with_query(None)) == place.partition("?")[0]
    client = party.provider.client_id
    assert dict(url.query) == {"x": "1", "client_id": client, "post_logout_redirect_uri": home}
    rig.tamper["/.well-known/openid-configuration"] = lambda _body: web.Response(status=500)
    assert await rig.party().leaving(NOW, home) == ""  # one is signed out here all the same


def test_a_provider_that_does_not_name_itself_may_leave_iss_out() -> None:
    metadata = read_metadata(DOCUMENT, "https://id.example")
    assert metadata == Metadata(**DOCUMENT, names_itself=False)
    assert read_answer({"code": "c"}, metadata) == "c"
    with pytest.raises(SignInRefused):
        read_answer({"code": "c", "iss": "https://evil.example"}, metadata)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "http://id.example"},
        {"redirect_uri": "http://venterom.example/back"},
        {"levels": ()},
    ],
)
def test_a_provider_that_would_be_unsafe_cannot_be_configured(change: dict[str, object]) -> None:
    provider = Provider(
        door=Door.PATIENT,
        issuer="https://id.example",
        client_id="c",
        redirect_uri="https://venterom.example/back",
        key=CLIENT_KEY,
        levels=(HIGH,),
        synthetic=False,
    )
    assert "key" not in repr(provider)
    with pytest.raises(ValueError, match="signing in|level"):
        replace(provider, **change)  # type: ignore[arg-type]  # a test's own changes


def test_errors_say_nothing_but_their_own_words() -> None:
    assert str(SignInRefused("nonce")) == SignInRefused.__doc__
    assert "nonce" in str(Mistake("invalid_request", "nonce is missing"))
