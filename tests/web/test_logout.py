"""The identity provider tells us that somebody is signed out there: sign-ins and open pages end,
and whatever is wrong with its word, it hears the same."""

import asyncio
import json
import secrets
from collections.abc import Mapping

import pytest
import structlog
from aiohttp import ClientResponse, WSCloseCode, WSMsgType
from cryptography.hazmat.primitives.asymmetric import ec

from tests.web.browser import Browser
from tests.web.rig import KARI, PER, PROVIDER_KEY, SOLVEIG, Rig
from venterom.journal import jws
from venterom.server.demo.clients import clients
from venterom.web.identity.logout import EVENT, TYP
from venterom.web.identity.roles import Door
from venterom.web.identity.tables import LogoutRow, SessionRow
from venterom.web.keys import RELYING_PARTIES

STRANGER_KEY = ec.derive_private_key(8, ec.SECP256R1())
GONE = object()


def subject(rig: Rig, name: str, door: Door = Door.PATIENT) -> str:
    """What the provider calls somebody."""
    client_id = rig.app[RELYING_PARTIES][door].provider.client_id
    own = next(client for client in clients(rig.app) if client.client_id == client_id)
    return next(each.subject for each in own.people if each.name == name)


def word(
    rig: Rig,
    name: str,
    door: Door = Door.PATIENT,
    changes: Mapping[str, object] | None = None,
    key: ec.EllipticCurvePrivateKey = PROVIDER_KEY,
    typ: str = TYP,
) -> str:
    """A logout token of the provider about somebody, with some claims changed or left out."""
    issued = int(rig.clock().timestamp())
    claims: dict[str, object] = {
        "iss": rig.provider_url,
        "aud": rig.app[RELYING_PARTIES][door].provider.client_id,
        "iat": issued,
        "exp": issued + 120,
        "jti": secrets.token_urlsafe(8),
        "sub": subject(rig, name, door),
        "events": {EVENT: {}},
        **(changes or {}),
    }
    kept = {claim: value for claim, value in claims.items() if value is not GONE}
    kid = jws.thumbprint(PROVIDER_KEY.public_key())
    return jws.sign(json.dumps(kept).encode(), key, kid, typ)


async def tell(rig: Rig, token: str, door: str = "patient", **more: object) -> ClientResponse:
    """The provider's own server, which has no cookie of ours and comes from no page."""
    other = await rig.stranger()
    sent = {"logout_token": token, **more}
    answer = await other.http.post(f"{rig.url}/sign-in/{door}/logout", data=sent)
    await answer.read()
    return answer


async def is_in(browser: Browser, path: str) -> bool:
    answer = await browser.raw("GET", path)
    return not answer.headers.get("Location", "").startswith("/sign-in/")


async def test_whoever_is_signed_out_there_is_signed_out_here(rig: Rig) -> None:
    kari, per = await rig.sign_in(KARI), await rig.sign_in(PER)
    phone = await rig.sign_in(KARI)
    answer = await tell(rig, word(rig, KARI))
    assert (answer.status, await answer.text()) == (200, "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert not await is_in(kari, "/start") and not await is_in(phone, "/start")
    assert await is_in(per, "/start")


async def test_an_open_page_is_sent_away_at_once(rig: Rig) -> None:
    await rig.waiting()
    doctor = await rig.doctor()
    left_open = await doctor.listen("/live/doctor")
    await left_open.receive_str(timeout=10)
    await tell(rig, word(rig, SOLVEIG, Door.DOCTOR), "doctor")
    assert json.loads(await left_open.receive_str(timeout=10)) == {"view": "reload", "html": ""}
    last = await left_open.receive(timeout=10)
    assert (last.type, last.data) == (WSMsgType.CLOSE, WSCloseCode.POLICY_VIOLATION)


async def test_the_same_word_is_taken_once(rig: Rig) -> None:
    await rig.sign_in(KARI)
    said = word(rig, KARI)
    assert (await tell(rig, said)).status == 200
    back = await rig.sign_in(KARI)
    assert (await tell(rig, said)).status == 400
    assert await is_in(back, "/start")


async def test_the_same_word_is_taken_once_though_it_comes_twice_at_the_same_time(
    rig: Rig,
) -> None:
    await rig.sign_in(KARI)
    said = word(rig, KARI)
    answers = await asyncio.gather(*(tell(rig, said) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400]
    assert len(await rig.rows(LogoutRow)) == 1


async def test_whoever_is_not_signed_in_here_is_no_fault(rig: Rig) -> None:
    assert (await tell(rig, word(rig, KARI, changes={"sub": "unheard-of"}))).status == 200


def forgeries(rig: Rig) -> dict[str, str]:
    genuine = word(rig, KARI)
    head, payload, _signature = genuine.split(".")
    return {
        "nothing": "",
        "no token": "x",
        "too long": "x" * 100_000,
        "another's key": word(rig, KARI, key=STRANGER_KEY),
        "not signed": f"{head}.{payload}.",
        "signature of another": f"{head}.{payload}.{word(rig, PER).rpartition('.')[2]}",
        "an id token": word(rig, KARI, typ="JWT"),
        "a client's assertion": word(rig, KARI, typ="client-authentication+jwt"),
        "nonce": word(rig, KARI, changes={"nonce": "n"}),
        "no event": word(rig, KARI, changes={"events": GONE}),
        "no jti": word(rig, KARI, changes={"jti": GONE}),
        "no exp": word(rig, KARI, changes={"exp": GONE}),
        "expired": word(rig, KARI, changes={"exp": int(rig.clock().timestamp()) - 61}),
        "another issuer": word(rig, KARI, changes={"iss": "https://evil.example"}),
        "another client": word(rig, KARI, changes={"aud": "venterom-staff"}),
        "nobody": word(rig, KARI, changes={"sub": GONE}),
    }


async def test_a_word_that_is_not_the_providers_ends_nothing_and_learns_nothing(rig: Rig) -> None:
    kari = await rig.sign_in(KARI)
    answers = {}
    with structlog.testing.capture_logs() as lines:
        for name, token in forgeries(rig).items():
            answer = await tell(rig, token)
            answers[name] = (answer.status, await answer.text(), answer.content_type)
    assert set(answers.values()) == {(400, '{"error": "invalid_request"}', "application/json")}, (
        answers
    )
    assert [line["event"] for line in lines] == ["logout_refused"] * len(answers)
    assert await is_in(kari, "/start")
    assert await rig.rows(LogoutRow) == []


async def test_a_word_for_one_door_does_not_fit_another(rig: Rig) -> None:
    doctor = await rig.doctor()
    assert (await tell(rig, word(rig, SOLVEIG, Door.DOCTOR), "patient")).status == 400
    assert await is_in(doctor, "/doctor")


async def test_a_browsers_cookie_has_no_say_there(rig: Rig) -> None:
    kari = await rig.sign_in(KARI)
    answer = await kari.raw("POST", "/sign-in/patient/logout", {"Origin": "https://evil.example"})
    assert answer.status == 400
    assert await is_in(kari, "/start")


@pytest.mark.parametrize("door", ["nobody", "patients", "PATIENT"])
async def test_a_door_that_is_none_is_not_there(rig: Rig, door: str) -> None:
    stranger = await rig.stranger()
    answer = await stranger.raw("POST", f"/sign-in/{door}/logout", data={"logout_token": "x"})
    assert answer.status in (403, 404)


async def test_nobody_can_ask_for_it_by_opening_an_address(rig: Rig) -> None:
    kari = await rig.sign_in(KARI)
    answer = await kari.raw("GET", f"/sign-in/patient/logout?logout_token={word(rig, KARI)}")
    assert answer.status == 405
    assert all(row.revoked is None for row in await rig.rows(SessionRow))
