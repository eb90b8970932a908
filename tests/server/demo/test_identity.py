"""The demonstration's identity provider: as strict as a real one, and never taken for one."""

import json
import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from tests.web.identity.rig import (
    BACK,
    CLIENT_KEY,
    DOCTOR,
    DOCTORS,
    KARI,
    NOW,
    PATIENTS,
    PROVIDER_KEY,
    STRANGER_KEY,
    Clock,
    Rig,
    claims_in,
    running,
)
from venterom.journal import jws
from venterom.journal.grant import ASSERTION_TYP, ASSERTION_TYPE, assertion
from venterom.server.demo import desk
from venterom.server.demo.identity import (
    TEMPLATES,
    NotInProduction,
    demonstration_app,
    refuse_in_production,
)
from venterom.web.identity.proofs import challenge

VERIFIER = "v" * 43
ASKED = {
    "response_type": "code",
    "client_id": PATIENTS.client_id,
    "redirect_uri": BACK,
    "scope": "openid profile",
    "state": "st",
    "nonce": "no",
    "code_challenge": challenge(VERIFIER),
    "code_challenge_method": "S256",
}
KID = jws.thumbprint(CLIENT_KEY.public_key())


@pytest.fixture
async def rig() -> AsyncGenerator[Rig]:
    async with running() as running_rig:
        yield running_rig


def changed(values: Mapping[str, str], change: Mapping[str, str | None]) -> dict[str, str]:
    """The values with some changed, or left out where the change is None."""
    merged: dict[str, str | None] = {**values, **change}
    return {name: value for name, value in merged.items() if value is not None}


async def ask(rig: Rig, **change: str | None) -> ClientResponse:
    url = URL(f"{rig.issuer}/authorize").with_query(changed(ASKED, change))
    return await rig.http.get(url, allow_redirects=False)


async def code(rig: Rig, **change: str | None) -> str:
    """A code for Kari."""
    form = changed(ASKED, {"person": KARI.subject, **change})
    answer = await rig.http.post(f"{rig.issuer}/authorize", data=form, allow_redirects=False)
    return URL(answer.headers["Location"]).query["code"]


def signed(
    rig: Rig,
    change: Mapping[str, object] | None = None,
    *,
    key: ec.EllipticCurvePrivateKey = CLIENT_KEY,
    typ: str = ASSERTION_TYP,
) -> str:
    """A client assertion with some claims changed, or left out where the change is None."""
    claims = assertion(PATIENTS.client_id, rig.issuer, rig.clock(), secrets.token_urlsafe(16))
    merged: dict[str, object] = {**claims, **(change or {})}
    kept = {name: value for name, value in merged.items() if value is not None}
    return jws.sign(json.dumps(kept).encode(), key, KID, typ)


async def redeem(rig: Rig, **change: str | None) -> ClientResponse:
    form = {
        "grant_type": "authorization_code",
        "client_id": PATIENTS.client_id,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed(rig),
    }
    return await rig.http.post(f"{rig.issuer}/token", data=changed(form, change))


async def test_a_code_becomes_a_token_that_says_who_was_picked(rig: Rig) -> None:
    answer = await redeem(rig, code=await code(rig))
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    claims = claims_in((await answer.json())["id_token"])
    assert claims["name"] == "Kari Prøvdal"
    assert claims["birthdate"] == "1986-05-17"
    assert claims["nnin_altsub"] == KARI.number
    assert (claims["aud"], claims["nonce"], claims["acr"]) == (
        "venterom-patients",
        "no",
        PATIENTS.level,
    )
    assert claims["sub"] == KARI.subject != KARI.number
    assert "helseid://claims/hpr/hpr_number" not in claims


async def test_the_metadata_name_what_is_there(rig: Rig) -> None:
    answer = await rig.http.get(f"{rig.issuer}/.well-known/openid-configuration")
    document = await answer.json()
    assert document["issuer"] == rig.issuer
    assert document["id_token_signing_alg_values_supported"] == ["ES256"]
    keys = await (await rig.http.get(document["jwks_uri"])).json()
    assert keys == {"keys": [jws.public_jwk(PROVIDER_KEY.public_key())]}


async def test_the_page_shows_the_people_of_the_door_and_says_that_it_is_no_real_one(
    rig: Rig,
) -> None:
    answer = await ask(rig)
    page = await answer.text()
    assert answer.status == 200
    assert page.count("DEMONSTRASJON") == 1
    assert "Kari Prøvdal" in page
    assert DOCTOR.name not in page
    assert KARI.number not in page
    assert "bankid" not in page.lower()
    assert 'name="viewport"' in page
    assert "style=" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("headers", "language", "asks", "remarks"),
    [
        ({}, "nb", "Hvem vil du være?", "40 år · uten polise"),
        ({"Accept-Language": "nn-NO"}, "nn", "Kven vil du vere?", "40 år · utan polise"),
        ({"Cookie": "lang=en"}, "en", "Who would you like to be?", "age 40 · no policy"),
    ],
)
async def test_it_speaks_the_language_of_the_service(
    rig: Rig, headers: dict[str, str], language: str, asks: str, remarks: str
) -> None:
    answer = await rig.http.get(f"{rig.issuer}/authorize", params=ASKED, headers=headers)
    page = await answer.text()
    assert f'<html lang="{language}">' in page
    assert asks in page
    assert f'<span class="note">{remarks}</span>' in page


async def test_nothing_is_fetched_from_elsewhere_and_forms_go_to_the_client_only(rig: Rig) -> None:
    answer = await ask(rig)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert policy.endswith("form-action 'self' http://127.0.0.1:8080")
    sheet = await rig.http.get(f"{rig.issuer}/demonstration.css")
    assert sheet.content_type == "text/css"
    assert "http" not in await sheet.text()


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": None},
        {"client_id": "unknown"},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": BACK + "/"},  # compared exactly
        {"redirect_uri": BACK + "?x=1"},
        {"redirect_uri": DOCTORS.redirect_uri},  # another door's
    ],
)
async def test_a_browser_is_sent_nowhere_for_somebody_unknown(
    rig: Rig, change: dict[str, str | None]
) -> None:
    answer = await ask(rig, **change)
    assert answer.status == 400
    assert "Location" not in answer.headers
    assert "DEMONSTRASJON" in await answer.text()
    posted = await rig.http.post(
        f"{rig.issuer}/authorize",
        data=changed(ASKED, {"person": KARI.subject, **change}),
        allow_redirects=False,
    )
    assert posted.status == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openidx"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"state": "s" * 513}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
async def test_a_client_is_told_what_it_did_wrong(
    rig: Rig, change: dict[str, str | None], error: str
) -> None:
    answer = await ask(rig, **change)
    assert answer.status == 303
    back = URL(answer.headers["Location"])
    assert str(back.with_query(None)) == BACK
    assert back.query["error"] == error
    assert back.query["iss"] == rig.issuer
    assert "code" not in back.query


@pytest.mark.parametrize("person", ["", "nobody", DOCTOR.subject])
async def test_only_the_people_of_the_door_can_be_picked(rig: Rig, person: str) -> None:
    answer = await rig.http.post(
        f"{rig.issuer}/authorize", data={**ASKED, "person": person}, allow_redirects=False
    )
    assert URL(answer.headers["Location"]).query["error"] == "access_denied"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"code": None}, "invalid_grant"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:8080/other"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": "v" * 42}, "invalid_grant"),
        ({"code_verifier": "æ" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
    ],
)
async def test_a_code_that_does_not_fit_gives_no_token_and_is_used_up(
    rig: Rig, change: dict[str, str | None], error: str
) -> None:
    good = await code(rig)
    answer = await redeem(rig, **{"code": good, **change})
    assert answer.status == 400
    assert (await answer.json())["error"] == error
    if change.get("code", good) == good:
        assert (await redeem(rig, code=good)).status == 400, "a code that was tried is used"


async def test_a_code_is_good_once(rig: Rig) -> None:
    good = await code(rig)
    assert (await redeem(rig, code=good)).status == 200
    assert (await redeem(rig, code=good)).status == 400


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400)])
async def test_a_code_lives_a_minute(rig: Rig, seconds: int, status: int) -> None:
    good = await code(rig)
    rig.clock.now += timedelta(seconds=seconds)
    assert (await redeem(rig, code=good)).status == status


async def test_a_code_of_one_client_is_nothing_to_another(rig: Rig) -> None:
    good = await code(rig)
    doctors = signed(rig, {"iss": DOCTORS.client_id, "sub": DOCTORS.client_id})
    answer = await redeem(rig, code=good, client_id=DOCTORS.client_id, client_assertion=doctors)
    assert (await answer.json())["error"] == "invalid_grant"


NOW_SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "other"},
        {"iss": None},
        {"sub": "other"},
        {"sub": None},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"exp": None},
        {"exp": True},
        {"exp": str(NOW_SECONDS + 60)},
        {"exp": NOW_SECONDS - 10},  # expired, beyond the skew
        {"exp": NOW_SECONDS + 71},  # lives longer than a minute, beyond the skew
        {"exp": 10**30},
    ],
)
async def test_an_assertion_that_says_the_wrong_thing_proves_nothing(
    rig: Rig, change: dict[str, object]
) -> None:
    answer = await redeem(rig, code=await code(rig), client_assertion=signed(rig, change))
    assert answer.status == 401
    assert (await answer.json())["error"] == "invalid_client"


async def test_the_token_endpoint_is_not_the_audience(rig: Rig) -> None:
    wrong = signed(rig, {"aud": f"{rig.issuer}/token"})
    assert (await redeem(rig, client_assertion=wrong)).status == 401


async def test_an_assertion_is_good_once(rig: Rig) -> None:
    once = signed(rig)
    assert (await redeem(rig, code=await code(rig), client_assertion=once)).status == 200
    assert (await redeem(rig, code=await code(rig), client_assertion=once)).status == 401


async def test_an_assertion_is_remembered_as_long_as_it_would_be_taken(rig: Rig) -> None:
    once = signed(rig, {"exp": NOW_SECONDS + 70})
    assert (await redeem(rig, code=await code(rig), client_assertion=once)).status == 200
    rig.clock.now += timedelta(seconds=79)
    assert (await redeem(rig, code=await code(rig), client_assertion=once)).status == 401


async def test_an_assertion_has_its_own_type_and_the_clients_key(rig: Rig) -> None:
    for wrong in (
        signed(rig, key=STRANGER_KEY),
        signed(rig, typ="JWT"),
        jws.sign(b"[]", CLIENT_KEY, KID, ASSERTION_TYP),
        jws.sign(b"{", CLIENT_KEY, KID, ASSERTION_TYP),
        "",
        "a.b.c",
    ):
        assert (await redeem(rig, client_assertion=wrong)).status == 401


@pytest.mark.parametrize(
    "change",
    [
        {"client_assertion": None},
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:other"},
        {"client_id": None},
        {"client_id": "unknown"},
        {"client_secret": "x", "client_assertion": None},
    ],
)
async def test_a_client_that_does_not_prove_itself_gets_nothing(
    rig: Rig, change: dict[str, str | None]
) -> None:
    assert (await redeem(rig, code=await code(rig), **change)).status == 401


async def test_a_flood_of_codes_is_refused_and_forgotten(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MAX_KEPT", 2)
    await code(rig)
    await code(rig)
    answer = await rig.http.post(
        f"{rig.issuer}/authorize", data={**ASKED, "person": KARI.subject}, allow_redirects=False
    )
    assert answer.status == 503
    rig.clock.now += timedelta(minutes=1)
    assert await code(rig)


@pytest.mark.parametrize("mode", ["production", "", "DEMONSTRATION", "test"])
def test_it_cannot_be_built_in_production(mode: str) -> None:
    with pytest.raises(NotInProduction):
        refuse_in_production(mode)
    with pytest.raises(NotInProduction):
        demonstration_app(
            mode=mode, issuer="http://127.0.0.1:1", clients=(), key=PROVIDER_KEY, clock=Clock()
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two colours of the stylesheet that stand on one another, in one of its two sets."""

    ink: str
    paper: str
    dark: bool


PAIRS = [
    Pair(ink, paper, dark)
    for ink, paper in (
        ("ink", "paper"),
        ("soft", "paper"),
        ("ink", "card"),
        ("soft", "card"),
        ("sign-ink", "sign"),
    )
    for dark in (False, True)
]


@pytest.mark.parametrize("pair", PAIRS)
def test_every_text_can_be_read(pair: Pair) -> None:
    sheet = (Path(TEMPLATES) / "demonstration.css").read_text(encoding="utf-8")
    light, dark = sheet.split("prefers-color-scheme: dark")
    colours = {
        line.split(":")[0].strip(): line.split(":")[1].strip(" ;")
        for line in (dark if pair.dark else light).splitlines()
        if line.strip().startswith("--")
    }
    bright = [luminance(colours[f"--{name}"]) for name in (pair.ink, pair.paper)]
    assert (max(bright) + 0.05) / (min(bright) + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
