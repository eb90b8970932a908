"""An OpenID provider whose code is not ours lets us sign people in: oidc-provider, in Node."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from yarl import URL

from tests import node
from tests.web.identity.rig import BACK, BINDING_KEY, CLIENT_KEY, KARI, STRANGER_KEY
from venterom.journal import jws
from venterom.web.identity.claims import HPR_CLAIM
from venterom.web.identity.errors import IdentityError, ProviderUnreachable, SignInRefused
from venterom.web.identity.kinds import KINDS, Kind
from venterom.web.identity.oidc import Arrival, RelyingParty
from venterom.web.identity.provider import Provider
from venterom.web.identity.roles import Door

Sessions = async_sessionmaker[AsyncSession]

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
on_sqlite = pytest.mark.parametrize("session_factory", ["sqlite"], indirect=True)
CLIENT = "venterom-test"
HOME = "http://127.0.0.1:8080/"
PERSON = {"sub": "kari", "name": KARI.name, "birthdate": KARI.birth_date.isoformat()}


@pytest.fixture(scope="module", autouse=True)
def there() -> None:
    """Without it nothing is shown here."""
    if why := node.fault():
        pytest.skip(f"{why}: not shown that a provider which shares no code with ours lets us in")


def now() -> datetime:
    return datetime.now(UTC)  # the other side has its own clock


@dataclass
class Real:
    """The provider, ourselves at it, and a browser between the two."""

    provider: Provider
    http: ClientSession
    browser: ClientSession
    told: list[str] = field(default_factory=list)  # logout tokens that it has sent

    def party(self, **changes: object) -> RelyingParty:
        changed = replace(self.provider, **changes)  # type: ignore[arg-type]  # a test's own changes
        return RelyingParty(changed, self.http)

    async def come_back(self, url: str) -> dict[str, str]:
        """What the browser brings when the provider has sent it from place to place."""
        at = URL(url)
        for _ in range(10):
            if str(at).startswith(BACK):
                return dict(at.query)
            async with self.browser.get(at, allow_redirects=False) as answer:
                assert answer.status in (302, 303), await answer.text()
                at = at.join(URL(answer.headers["Location"]))
        raise AssertionError(at)

    async def sign_in(
        self, sessions: Sessions, party: RelyingParty | None = None, *, fresh: bool = False
    ) -> Arrival:
        """The whole way."""
        party = party or self.party()
        started = await party.start(sessions, now(), return_to="/start", fresh=fresh)
        assert set(URL(started.url).query) == {"client_id", "request_uri"}
        answer = await self.come_back(started.url)
        return await party.finish(sessions, now(), answer=answer, browser=started.browser)

    async def leave(self, url: str) -> str:
        """Where the browser is in the end when it is sent here to be signed out, and its person
        says yes to the one question that the provider asks of whoever shows no token."""
        async with self.browser.get(url, allow_redirects=False) as answer:
            form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', await answer.text()))
            assert answer.status == 200 and form["xsrf"]
        place = URL(self.provider.issuer) / "session/end/confirm"
        sent = {**form, "logout": "yes"}
        async with self.browser.post(place, data=sent, allow_redirects=False) as answer:
            assert answer.status in (302, 303), await answer.text()
            return answer.headers["Location"]

    async def post(self, path: str, **query: str) -> None:
        url = URL(f"{self.provider.issuer}{path}").with_query(query)
        async with self.http.post(url) as answer:
            assert answer.status == 200, await answer.text()


def as_provider(issuer: str, kind: Kind, door: Door) -> Provider:
    """Ourselves, as the kind has it but for what only its owner knows."""
    return Provider(
        door=door,
        issuer=issuer,
        client_id=CLIENT,
        redirect_uri=BACK,
        key=CLIENT_KEY,
        levels=kind.levels,
        synthetic=True,
        names=kind.names,
        hints=kind.hints,
        pushed=True,
        userinfo=kind.userinfo,
        bound_to=BINDING_KEY if kind.dpop else None,
    )


@asynccontextmanager
async def real(name: str, door: Door, **claims: str) -> AsyncGenerator[Real]:
    """It is started, and ended with the block."""
    kind = KINDS[name]
    told: list[str] = []

    async def take(request: web.Request) -> web.Response:
        told.append(str((await request.post())["logout_token"]))
        return web.Response()

    ours = web.Application()
    ours.router.add_post("/logout", take)
    async with TestServer(ours) as listening:
        known: Mapping[str, object] = {
            "client": {
                "client_id": CLIENT,
                "redirect_uris": [BACK],
                "post_logout_redirect_uris": [HOME],
                "jwks": {"keys": [jws.public_jwk(CLIENT_KEY.public_key())]},
                "dpop_bound_access_tokens": kind.dpop,
                "backchannel_logout_uri": str(listening.make_url("/logout")),
            },
            "account": {**PERSON, kind.names.number: KARI.number, **claims},
            "level": kind.levels[0],
            "inIdToken": not kind.userinfo,
        }
        async with _started(known) as issuer, ClientSession() as http, _browser() as browser:
            yield Real(as_provider(issuer, kind, door), http, browser, told)


@asynccontextmanager
async def _browser() -> AsyncGenerator[ClientSession]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        yield browser


@asynccontextmanager
async def _started(known: Mapping[str, object]) -> AsyncGenerator[str]:
    running = await asyncio.create_subprocess_exec(
        *("node", "--no-warnings", str(node.CLIENTS / "provider.mjs"), json.dumps(known)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert running.stdout is not None
        async for line in running.stdout:  # it may say other things first
            if line.startswith(b'{"port"'):
                yield f"http://127.0.0.1:{json.loads(line)['port']}"
                break
    finally:
        running.kill()
        await running.wait()


@on_sqlite
async def test_a_patient_signs_in_as_through_bankid(session_factory: Sessions) -> None:
    async with real("bankid", Door.PATIENT) as other:
        who = (await other.sign_in(session_factory)).signed_in
        assert (who.name, who.birth_date, who.number) == (KARI.name, KARI.birth_date, KARI.number)
        assert who.level == "urn:bankid:bid;LOA=4"


HELSEID = {HPR_CLAIM: "9990001", "helseid://claims/identity/security_level": "4"}


@on_sqlite
async def test_a_doctor_signs_in_as_through_helseid(session_factory: Sessions) -> None:
    async with real("helseid", Door.DOCTOR, **HELSEID) as other:
        party = other.party()
        for _ in range(2):  # the second time with a nonce that is known already
            who = (await other.sign_in(session_factory, party)).signed_in
            assert (who.number, who.hpr_number, who.level) == (KARI.number, "9990001", "4")


@on_sqlite
async def test_userinfo_is_asked_for_with_a_proof_of_its_own(session_factory: Sessions) -> None:
    async with real("helseid", Door.DOCTOR, **HELSEID) as other:
        who = (await other.sign_in(session_factory, other.party(userinfo=True))).signed_in
        assert who.number == KARI.number


@on_sqlite
async def test_a_level_that_is_too_low_is_refused(session_factory: Sessions) -> None:
    low = {**HELSEID, "helseid://claims/identity/security_level": "3"}
    async with real("helseid", Door.DOCTOR, **low) as other:
        with pytest.raises(SignInRefused) as refused:
            await other.sign_in(session_factory)
        assert refused.value.reason == "level"


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"key": STRANGER_KEY}, ProviderUnreachable),  # the push is refused
        ({"redirect_uri": "http://127.0.0.1:8080/other"}, ProviderUnreachable),
        ({"client_id": "somebody"}, ProviderUnreachable),
        ({"bound_to": None}, SignInRefused),  # no proof, no tokens
    ],
)
async def test_only_whoever_shows_all_that_is_asked_is_let_in(
    session_factory: Sessions, changes: dict[str, object], error: type[IdentityError]
) -> None:
    async with real("helseid", Door.DOCTOR, **HELSEID) as other:
        with pytest.raises(error):
            await other.sign_in(session_factory, other.party(**changes))


@on_sqlite
async def test_keys_that_change_in_the_middle_of_a_sign_in_stop_nobody(
    session_factory: Sessions,
) -> None:
    async with real("bankid", Door.PATIENT) as other:
        party = other.party()
        await other.sign_in(session_factory, party)
        await other.post("/test/rotate")
        other.browser.cookie_jar.clear()  # it has forgotten all sessions, too
        who = (await other.sign_in(session_factory, party)).signed_in
        assert who.number == KARI.number


@on_sqlite
async def test_its_word_that_somebody_is_signed_out_is_believed(session_factory: Sessions) -> None:
    async with real("bankid", Door.PATIENT) as other:
        party = other.party()
        who = (await other.sign_in(session_factory, party)).signed_in
        assert who.sid
        await other.post("/test/logout", sid=who.sid)
        [token] = other.told
        order = await party.logged_out(token, now())
        assert (order.subject, order.sid) == (who.subject, who.sid)


@on_sqlite
async def test_whoever_signs_out_here_is_signed_out_there_and_comes_home(
    session_factory: Sessions,
) -> None:
    async with real("bankid", Door.PATIENT) as other:
        party = other.party()
        who = (await other.sign_in(session_factory, party)).signed_in
        url = await party.leaving(now(), HOME)
        assert who.number not in url and who.subject not in url
        assert URL(await other.leave(url)) == URL(HOME)
        order = await party.logged_out(other.told.pop(), now())  # it tells whoever else it let in
        assert order.sid == who.sid
        assert (await other.sign_in(session_factory, party)).signed_in.sid != who.sid


@on_sqlite
async def test_who_has_to_prove_anew_who_they_are_does_so_now(session_factory: Sessions) -> None:
    async with real("helseid", Door.DOCTOR, **HELSEID) as other:
        party = other.party()
        usual = (await other.sign_in(session_factory, party)).signed_in
        assert usual.proved is None  # this provider says it only when it is asked
        before = now().replace(microsecond=0)
        again = (await other.sign_in(session_factory, party, fresh=True)).signed_in
        assert again.proved is not None and again.proved >= before
