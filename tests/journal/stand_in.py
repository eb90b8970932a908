"""A stand-in for somebody else's EPJ. Strict: it takes what docs/epj.md says and nothing else, and
does on the next requests what it is told to."""

import asyncio
import copy
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from tests.journal.make import KEYS, after
from tests.journal.value_sets import faults
from venterom.journal import jws
from venterom.journal.errors import BadSignature
from venterom.journal.grant import ASSERTION_TYP, ASSERTION_TYPE
from venterom.journal.outside_epj import OutsideEpj, Side

CLIENT = "venterom-test"
SCOPE = "epj/write"
TOKEN_LIFE = timedelta(minutes=5)
Resource = dict[str, Any]
Fault = Callable[[Resource], web.StreamResponse]  # made of the answer that would have been given


@dataclass
class StandIn:
    """The other side. `before`: what is answered instead of doing anything; `instead`: what is
    answered although all was done. Both are used up, one for each request."""

    clock: Callable[[], datetime]
    url: str = ""
    held: dict[tuple[str, str], Resource] = field(default_factory=dict)  # by kind and identifier
    order: list[str] = field(default_factory=list)  # encounters, as they came
    asked: int = 0  # transactions
    tokens: dict[str, datetime] = field(default_factory=dict)  # and until when they are good
    jtis: set[str] = field(default_factory=set)
    before: deque[Callable[[], web.StreamResponse]] = field(default_factory=deque)
    instead: deque[Fault] = field(default_factory=deque)
    slow: asyncio.Event | None = None  # until it is set no answer is given; what was asked is done
    token_answers: deque[Callable[[], web.StreamResponse]] = field(default_factory=deque)

    def app(self) -> web.Application:
        """Its two addresses."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes([web.post("/token", self.token), web.post("/fhir", self.transaction)])
        return app

    async def token(self, request: web.Request) -> web.StreamResponse:
        """A token for a client that shows its key, once an assertion."""
        form = await request.post()
        if self.token_answers:
            return self.token_answers.popleft()()
        signed = str(form.get("client_assertion", ""))
        keys = {KEYS.kid: KEYS.signing.public_key()}
        try:
            said = json.loads(jws.verify(signed, keys, typ=(ASSERTION_TYP,)))
        except BadSignature:
            return web.json_response({"error": "invalid_client"}, status=401)
        now = int(self.clock().timestamp())
        good = (
            form.get("grant_type") == "client_credentials"
            and form.get("client_assertion_type") == ASSERTION_TYPE
            and (form.get("client_id"), form.get("scope")) == (CLIENT, SCOPE)
            and said["iss"] == said["sub"] == CLIENT
            and said["aud"] == self.url
            and said["iat"] <= now < said["exp"] <= said["iat"] + 60
            and said["jti"] not in self.jtis
        )
        if not good:
            return web.json_response({"error": "invalid_client"}, status=401)
        self.jtis.add(said["jti"])
        value = uuid4().hex
        self.tokens[value] = self.clock() + TOKEN_LIFE
        lives = int(TOKEN_LIFE.total_seconds())
        return web.json_response(
            {"access_token": value, "token_type": "Bearer", "expires_in": lives}
        )

    async def transaction(self, request: web.Request) -> web.StreamResponse:
        """All of a transaction or nothing, and then what the next fault makes of the answer."""
        body = await request.read()
        self.asked += 1
        if self.before:
            return self.before.popleft()()
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self.tokens.get(value, after(days=-1)) <= self.clock():
            return refusal(401)
        if request.headers["Content-Type"] != "application/fhir+json":
            return refusal(415)
        if request.headers.get("Prefer") != "return=representation":
            return refusal(400)
        answer = self.take(json.loads(body))
        if self.slow is not None:
            await self.slow.wait()
        if isinstance(answer, web.Response):
            return answer
        return self.instead.popleft()(answer) if self.instead else as_fhir(answer)

    def take(self, bundle: Resource) -> Resource | web.Response:
        """Store what is not there, and say how everything is held."""
        try:
            Bundle.model_validate(copy.deepcopy(bundle))
        except ValidationError:
            return refusal(422)
        if list(faults(bundle)) or bundle["type"] != "transaction":
            return refusal(422)
        entries = []
        for item in bundle["entry"]:
            request, ours = item["request"], item["resource"]
            key = (ours["resourceType"], request.get("ifNoneExist") or request["url"])
            fresh = key not in self.held
            if fresh:
                meta = {"lastUpdated": self.clock().isoformat(), "versionId": "1"}
                self.held[key] = ours | {"id": uuid4().hex, "meta": meta}
            held = self.held[key]
            place = f"{ours['resourceType']}/{held['id']}/_history/1"
            status = "201 Created" if fresh else "200 OK"
            if fresh and ours["resourceType"] == "Encounter":
                self.order.append(ours["identifier"][0]["value"])
            entries.append({"response": {"status": status, "location": place}, "resource": held})
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}

    def encounters(self) -> list[str]:
        """The visits that it holds, once for each that it holds them."""
        return [
            held["identifier"][0]["value"]
            for (kind, _), held in self.held.items()
            if kind == "Encounter"
        ]


def as_fhir(answer: object, status: int = 200) -> web.Response:
    """An answer in FHIR's JSON."""
    return web.json_response(answer, status=status, content_type="application/fhir+json")


def refusal(status: int, **headers: str) -> web.Response:
    """No, with an outcome as FHIR has it."""
    issue = [{"severity": "error", "code": "processing"}]
    outcome = {"resourceType": "OperationOutcome", "issue": issue}
    answer = as_fhir(outcome, status)
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


@asynccontextmanager
async def beside(
    clock: Callable[[], datetime],
) -> AsyncGenerator[tuple[StandIn, OutsideEpj]]:
    """The stand-in on a port of this machine, and the adapter that talks to it."""
    other = StandIn(clock)
    async with TestServer(other.app()) as server, ClientSession() as http:
        other.url = str(server.make_url("")).rstrip("/")
        yield other, OutsideEpj(side_of(other), http, clock)


def side_of(other: StandIn) -> Side:
    """What we know of it."""
    return Side(
        url=f"{other.url}/fhir",
        token_url=f"{other.url}/token",
        issuer=other.url,
        client_id=CLIENT,
        scope=SCOPE,
        key=KEYS.signing,
    )
