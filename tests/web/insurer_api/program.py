"""An insurer's program as its developers would write it: keys of its own, tokens, questions."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientResponse, ClientSession, DummyCookieJar
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from yarl import URL

from tests.web.insurer_api.described import check_answer, check_question
from tests.web.rig import Rig
from venterom.journal import jws
from venterom.queue.coverage.policies import Cover
from venterom.queue.coverage.products import put_product
from venterom.web.insurer_api import clients, paths
from venterom.web.insurer_api.scopes import Scope
from venterom.web.text import today
from venterom.web.work import work

OWN, OTHER = "Fjellprøve Forsikring", "Kystprøve Forsikring"
PRODUCTS = ("Helseforsikring med videolege", "Helse Pluss", "Annet")
KEY = ec.derive_private_key(11, ec.SECP256R1())
STRANGER = ec.derive_private_key(12, ec.SECP256R1())
BOTH = frozenset(Scope)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JTI = count()
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def b64(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def key_set(*keys: Private, **more: str) -> str:
    """What the insurer's developers send us."""
    listed = [{**jws.public_jwk(key.public_key()), **more} for key in keys]
    return json.dumps({"keys": listed})


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: Private) -> str:
    """A JWT, truly signed, made without any code of ours that verifies it."""
    text = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        return f"{text}.{b64(key.sign(text.encode(), pss, hashes.SHA256()))}"
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@dataclass
class Program:
    """One client, registered."""

    rig: Rig
    id: str
    http: ClientSession
    key: Private = field(default=KEY, repr=False)

    def claims(self, **other: Any) -> dict[str, Any]:
        """What an assertion says; `None` leaves a claim out."""
        now = int(self.rig.clock.now.timestamp())
        said = {"iss": self.id, "sub": self.id, "aud": self.rig.url, "jti": f"j{next(JTI)}"}
        said |= {"iat": now, "exp": now + 30} | other
        return {name: value for name, value in said.items() if value is not None}

    def header(self, **other: Any) -> dict[str, Any]:
        """The header of an assertion."""
        kid = jws.thumbprint(self.key.public_key())
        kind = "PS256" if isinstance(self.key, rsa.RSAPrivateKey) else "ES256"
        return {"alg": kind, "kid": kid, "typ": "JWT"} | other

    def form(self, **other: str) -> dict[str, str]:
        """A request for a token."""
        assertion = signed(self.header(), self.claims(), self.key)
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        } | other

    async def ask_token(self, **other: str) -> ClientResponse:
        """What we answer to that."""
        answer = await self.http.post(f"{self.rig.url}/insurer/v1/token", data=self.form(**other))
        check_answer("POST", paths.TOKEN, answer.status, answer.content_type, await answer.json())
        return answer

    async def token(self, **other: str) -> str:
        """A token."""
        answer = await self.ask_token(**other)
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["access_token"])

    async def send(
        self, path: str, body: Any, *, method: str = "POST", token: str = "", **headers: str
    ) -> ClientResponse:
        """One request with a token; `body` is JSON, or bytes as they are. Both it and the answer
        are held against the description."""
        token = token or await self.token()
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        at = f"/insurer/v1/{path}"
        url = URL(f"{self.rig.url}{at}", encoded=True)
        answer = await self.http.request(method, url, data=data, headers=sent | named)
        said = json.loads(await answer.text())
        check_answer(method, at, answer.status, answer.content_type, said)
        refused = said.get("refused") or said.get("outcome") == "refused"
        if answer.status == 200 and not refused:
            check_question(method, at, answer.content_type, body)
        return answer

    async def check(self, question: Any, *, token: str = "", **headers: str) -> ClientResponse:
        """Is somebody covered?"""
        return await self.send("eligibility", question, token=token, **headers)


async def register(
    rig: Rig,
    *,
    client: str = "own-web",
    insurer: str = OWN,
    key: Private = KEY,
    may: frozenset[Scope] = BOTH,
    alg: str = "",
) -> Program:
    """A program of an insurer's that may ask, and may tell of policies of these PRODUCTS."""
    keys = key_set(key, **({"alg": alg} if alg else {}))
    async with work(rig.app) as unit:
        assert await clients.add(
            unit.db, today(unit.now), client=client, insurer=insurer, may=may, keys=keys
        )
        for product in PRODUCTS:
            await put_product(unit.db, insurer=insurer, product=product, cover=Cover())
    http = await rig.stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
    return Program(rig, client, http, key)


def question(rig: Rig, name: str, **other: Any) -> dict[str, Any]:
    """Whether a patient of the invented world is covered, asked by somebody who knows."""
    who = next(each for each in rig.world.patients if each.who.name == name)
    return {"number": who.policy, "holder_birth_date": who.who.birth_date.isoformat(), **other}


def fhir(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The same question in FHIR."""
    child = bool(asked.get("for_child"))
    person = "child" if child else "holder"
    people = [{"resourceType": "Patient", "id": "holder", "birthDate": asked["holder_birth_date"]}]
    kind = {"system": "urn:oid:2.16.578.1.12.4.1.1.8116", "code": "FPN"}
    relation = "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
    return {
        "resourceType": "CoverageEligibilityRequest",
        "contained": [
            *people,
            *([{"resourceType": "Patient", "id": "child"}] if child else []),
            {
                "resourceType": "Coverage",
                "id": "policy",
                "identifier": [{"type": {"coding": [kind]}, "value": asked["number"]}],
                "status": "active",
                "policyHolder": {"reference": "#holder"},
                "beneficiary": {"reference": f"#{person}"},
                "relationship": {
                    "coding": [{"system": relation, "code": "child" if child else "self"}]
                },
                "payor": [{"display": OWN}],
            },
        ],
        "status": "active",
        "purpose": ["validation"],
        "patient": {"reference": f"#{person}"},
        "created": "2026-11-24",
        "insurer": {"display": OWN},
        "insurance": [{"coverage": {"reference": "#policy"}}],
    }
