"""A running identity provider, ourselves as its client, and a browser between the two."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler, Middleware
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from yarl import URL

from venterom.journal import jws
from venterom.server.demo.desk import Desk
from venterom.server.demo.flow import Candidate, Client, Remark
from venterom.server.demo.identity import DESK, demonstration_app
from venterom.web.identity.claims import ClaimNames
from venterom.web.identity.numbers import make
from venterom.web.identity.oidc import PATIENCE_S, Arrival, RelyingParty
from venterom.web.identity.provider import Provider
from venterom.web.identity.roles import Door

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
HIGH = "urn:demonstration:high"
LOW = "urn:demonstration:substantial"
CLIENT_KEY = ec.derive_private_key(2, ec.SECP256R1())
PROVIDER_KEY = ec.derive_private_key(3, ec.SECP256R1())
STRANGER_KEY = ec.derive_private_key(4, ec.SECP256R1())
BACK = "http://127.0.0.1:8080/sign-in/patient/back"
BORN = date(1986, 5, 17)
ABOUT_KARI = (Remark("%(age)s år", {"age": 40}), Remark("uten polise"))
KARI = Candidate("Kari", "Prøvdal", BORN, make(BORN, 0), remarks=ABOUT_KARI)
DOCTOR = Candidate("Solveig", "Legeprøve", BORN, make(BORN, 1), hpr_number="9990001")

PATIENTS = Client(
    client_id="venterom-patients",
    title="pasient",
    redirect_uri=BACK,
    key=CLIENT_KEY.public_key(),
    level=HIGH,
    number_claim="nnin_altsub",
    people=(KARI,),
)
DOCTORS = replace(
    PATIENTS,
    client_id="venterom-doctors",
    title="lege",
    redirect_uri="http://127.0.0.1:8080/sign-in/doctor/back",
    number_claim="pid",
    people=(DOCTOR,),
)
# As BankID has it: the number stands in the signed userinfo.
BROKERED = replace(PATIENTS, client_id="venterom-bankid", pushed=True, userinfo=True)
# As HelseID has it: pushed requests, and tokens that are bound to a key.
STAFF = replace(DOCTORS, client_id="venterom-helseid", pushed=True, bound=True)
# Both at once, which is everything that a provider can ask.
STRICT = replace(STAFF, client_id="venterom-strict", userinfo=True)
CLIENTS = (PATIENTS, DOCTORS, BROKERED, STAFF, STRICT)
BINDING_KEY = ec.derive_private_key(5, ec.SECP256R1())

Tamper = Callable[[dict[str, object]], object]  # an answer of the provider -> what is sent


class Clock:
    """One clock for both sides."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Rig:
    """What a test needs to drive a sign-in by hand."""

    def __init__(self, desk: Desk, http: ClientSession, clock: Clock) -> None:
        self.desk = desk
        self.issuer = desk.issuer
        self.http = http
        self.clock = clock
        self.tamper: dict[str, Tamper] = {}  # by path
        self.delays: dict[str, asyncio.Event] = {}  # by path: answers come when it is set
        self.asked: list[str] = []
        self.heard: list[tuple[str, dict[str, str]]] = []  # whole addresses, and headers

    def party(
        self,
        door: Door = Door.PATIENT,
        client: Client | None = None,
        patience: float = PATIENCE_S,
        **changes: object,
    ) -> RelyingParty:
        """Ourselves at one door."""
        client = client or (DOCTORS if door is Door.DOCTOR else PATIENTS)
        provider = Provider(
            door=door,
            issuer=self.issuer,
            client_id=client.client_id,
            redirect_uri=client.redirect_uri,
            key=CLIENT_KEY,
            levels=(HIGH,),
            synthetic=True,
            names=ClaimNames(number=client.number_claim),
            pushed=client.pushed,
            userinfo=client.userinfo,
            bound_to=BINDING_KEY if client.bound else None,
        )
        changed = replace(provider, **changes)  # type: ignore[arg-type]  # a test's own changes
        return RelyingParty(changed, self.http, patience)

    async def pick(self, url: str, person: Candidate | None = KARI) -> dict[str, str]:
        """What the browser brings back when this person is picked."""
        query = URL(url).query
        form = {**query, "person": person.subject if person else ""}
        page = await self.http.post(URL(url).with_query(None), data=form, allow_redirects=False)
        assert page.status == 303, await page.text()
        return dict(URL(page.headers["Location"]).query)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that has come half way: the browser is on its way back."""

    party: RelyingParty
    browser: str
    answer: dict[str, str]


async def half_way(
    rig: Rig,
    sessions: async_sessionmaker[AsyncSession],
    party: RelyingParty | None = None,
    person: Candidate | None = KARI,
) -> SignIn:
    """Begin, and pick somebody."""
    party = party or rig.party()
    started = await party.start(sessions, rig.clock(), return_to="/start")
    return SignIn(party, started.browser, await rig.pick(started.url, person))


async def finish(
    rig: Rig,
    sessions: async_sessionmaker[AsyncSession],
    sign_in: SignIn,
    answer: Mapping[str, str] | None = None,
    browser: str | None = None,
) -> Arrival:
    """The browser is back."""
    return await sign_in.party.finish(
        sessions,
        rig.clock(),
        answer=sign_in.answer if answer is None else answer,
        browser=sign_in.browser if browser is None else browser,
    )


def token(claims: object, key: ec.EllipticCurvePrivateKey = PROVIDER_KEY, kid: str = "") -> str:
    """A token with any claims, signed by any key."""
    kid = kid or jws.thumbprint(key.public_key())
    return jws.sign(json.dumps(claims).encode(), key, kid, "JWT")


def claims_in(signed: object) -> dict[str, object]:
    """What a token of the provider says."""
    keys = {jws.thumbprint(PROVIDER_KEY.public_key()): PROVIDER_KEY.public_key()}
    claims = json.loads(jws.verify(str(signed), keys, typ=None))
    assert isinstance(claims, dict)
    return claims


@asynccontextmanager
async def running() -> AsyncGenerator[Rig]:
    """The provider on a free port of this machine, with answers that a test may tamper with."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
    clock = Clock()
    app = demonstration_app(
        mode="demonstration",
        issuer=issuer,
        clients=CLIENTS,
        key=PROVIDER_KEY,
        clock=clock,
    )
    async with ClientSession() as http:
        rig = Rig(app[DESK], http, clock)
        app.middlewares.insert(0, _tampering(rig))
        runner = web.AppRunner(app)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        try:
            yield rig
        finally:
            for held_back in rig.delays.values():
                held_back.set()
            await runner.cleanup()


def _tampering(rig: Rig) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        rig.asked.append(request.path)
        rig.heard.append((request.path_qs, dict(request.headers)))
        if request.path in rig.delays:
            await rig.delays[request.path].wait()
        response = await handler(request)
        change = rig.tamper.get(request.path)
        if change is None:
            return response
        assert isinstance(response, web.Response)
        text = response.text or "null"
        if response.content_type != "application/json":
            text = json.dumps({"text": text})
        sent = change(json.loads(text))
        return sent if isinstance(sent, web.StreamResponse) else web.json_response(sent)

    return middleware
