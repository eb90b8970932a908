"""Neither a national number nor what a provider calls somebody stands in any address or log line,
however a sign-in goes."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
import structlog
from aiohttp import web

from tests.web.rig import BERIT, KARI, PER, RAGNA, SOLVEIG, Rig
from tests.web.test_logout import subject, tell, word
from venterom.server.demo import flow
from venterom.server.demo.clients import clients
from venterom.web.identity.roles import Door

WHO = {
    Door.PATIENT: KARI,
    Door.DOCTOR: SOLVEIG,
    Door.INSURER: BERIT,
    Door.DIRECTOR: RAGNA,
}
pytestmark = pytest.mark.slow


def secrets_of(rig: Rig) -> set[str]:
    """The numbers and subjects of everybody who can sign in."""
    everybody = [each for client in clients(rig.app) for each in client.people]
    return {each.number for each in everybody} | {each.subject for each in everybody}


@contextmanager
def everything(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Every log line as it is before anything in it is blanked, ours and the libraries'."""
    caplog.set_level(logging.DEBUG)
    heard: list[str] = []
    with structlog.testing.capture_logs() as own:
        yield heard
    heard += [str(line) for line in own]
    heard += [f"{record.getMessage()} {record.exc_info}" for record in caplog.records]


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that anybody asks for, at the service and at the provider, and is sent to. It
    comes before them: a server keeps the handler that it began with."""
    asked: list[str] = []
    plain = web.Application._handle

    async def noting(app: web.Application, request: web.Request) -> web.StreamResponse:
        asked.append(f"{request.path_qs} {request.headers.get('Referer', '')}")
        try:
            answer = await plain(app, request)
        except web.HTTPException as sent_on:
            asked.append(sent_on.headers.get("Location", ""))
            raise
        asked.append(answer.headers.get("Location", ""))
        return answer

    monkeypatch.setattr(web.Application, "_handle", noting)
    return asked


def assert_nowhere(rig: Rig, *places: list[str]) -> None:
    hidden = secrets_of(rig)
    assert len(hidden) > 20
    for place in places:
        assert place
        said = "\n".join(place)
        assert not [each for each in hidden if each in said]


async def test_when_everybody_signs_in_and_is_signed_out(
    addresses: list[str], rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with everything(caplog) as lines:
        for door, name in WHO.items():
            await rig.sign_in(name, "/" if door is Door.PATIENT else f"/{door}")
            assert (await tell(rig, word(rig, name, door), door)).status == 200
    assert_nowhere(rig, lines, addresses)


CLAIMS = [
    lambda claims: {**claims, "aud": "another"},
    lambda claims: {**claims, "nonce": claims["sub"]},
    lambda claims: {**claims, "acr": claims["sub"]},
    lambda claims: {**claims, "exp": claims["sub"]},
    lambda claims: {**claims, "birthdate": claims["sub"]},
    lambda claims: {**claims, "name": f"{claims['sub']}\n"},
    lambda claims: {**claims, "iss": claims["sub"]},
]


@pytest.mark.parametrize("change", CLAIMS)
async def test_when_a_sign_in_is_refused(
    addresses: list[str],
    rig: Rig,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Mapping[str, object]], dict[str, object]],
) -> None:
    plain = flow.claims_of
    monkeypatch.setattr(flow, "claims_of", lambda *args: change(plain(*args)))
    with everything(caplog) as lines:
        page = (await rig.sign_in(KARI)).page
    assert page.status == 403
    assert any("sign_in_refused" in line for line in lines)
    assert_nowhere(rig, lines, addresses)
    assert not [each for each in secrets_of(rig) if each in page.body]


async def test_when_a_word_of_the_provider_is_refused(
    addresses: list[str], rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with everything(caplog) as lines:
        forged = word(rig, PER, changes={"iss": subject(rig, PER)})
        assert (await tell(rig, forged)).status == 400
    assert_nowhere(rig, lines, addresses)
