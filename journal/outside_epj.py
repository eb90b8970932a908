"""An EPJ of somebody else's, over HTTP: a FHIR R4 transaction, let in by a client assertion.

docs/epj.md is the contract. What comes over the wire here is the other side's: bounded, timed, and
never followed elsewhere. Certificates are checked as the HTTP client does it when nobody asks it
not to.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import ClientError, ClientResponse, ClientSession
from cryptography.hazmat.primitives.asymmetric import ec

from venterom.journal import epj_answer, grant, jws
from venterom.journal.canonical import canonical
from venterom.journal.epj_answer import Receipt, Said
from venterom.journal.errors import EpjSaid
from venterom.journal.fhir import Resource
from venterom.journal.grant import Token

JTI_BYTES = 16
FHIR = "application/fhir+json"
AROUND = 64 * 1024  # bytes of an answer beside what it repeats of ours; all of a token's answer
TIMES = 2  # an answer repeats what was sent once, perhaps written wider


@dataclass(frozen=True, slots=True)
class Side:
    """The other side, and what we are to it."""

    url: str  # where a transaction is posted to
    token_url: str
    issuer: str  # the audience of an assertion
    client_id: str
    scope: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    retry_after: str


class OutsideEpj:
    """A journal behind HTTP. A note's name is its key: a repeat changes nothing."""

    def __init__(self, side: Side, http: ClientSession, clock: Callable[[], datetime]) -> None:
        self._side = side
        self._http = http
        self._clock = clock
        self._token: Token | None = None

    async def deliver(self, note: str, bundle: Resource) -> Receipt:
        """The receipt for what they hold now. Raises EpjSaid for every other answer."""
        answer = await self._send(bundle)
        if answer.status == 401 and self._token is not None:  # taken back before its time
            self._token = None
            answer = await self._send(bundle)
        said = epj_answer.judge(answer.status, answer.body, bundle)
        if isinstance(said, Said):
            raise EpjSaid(said.value, epj_answer.rest(answer.retry_after))
        return said

    async def _send(self, bundle: Resource) -> _Answer:
        data = canonical(bundle)
        headers = {
            "Authorization": f"Bearer {(await self._let_in()).value}",
            "Content-Type": FHIR,
            "Accept": FHIR,
            "Prefer": "return=representation",
        }
        return await self._post(self._side.url, data, headers, AROUND + TIMES * len(data))

    async def _let_in(self) -> Token:
        """The token that we have, or a new one."""
        now, side = self._clock(), self._side
        self._token = grant.usable(self._token, now)
        if self._token is None:
            claims = grant.assertion(
                side.client_id, side.issuer, now, secrets.token_urlsafe(JTI_BYTES)
            )
            kid = jws.thumbprint(side.key.public_key())
            signed = jws.sign(claims, side.key, kid, grant.ASSERTION_TYP)
            form = grant.request(side.client_id, signed, side.scope)
            headers = {"Accept": "application/json"}
            answer = await self._post(side.token_url, form, headers, AROUND)
            self._token = grant.read(answer.status, answer.body, now)
            if self._token is None:
                raise EpjSaid(_no_token(answer.status), epj_answer.rest(answer.retry_after))
        return self._token

    async def _post(
        self, url: str, data: bytes | Mapping[str, str], headers: Mapping[str, str], most: int
    ) -> _Answer:
        """Raises EpjSaid when nothing comes back, or too much."""
        try:
            async with self._http.post(
                url, data=data, headers=headers, allow_redirects=False
            ) as response:
                body = await _read(response, most)
                return _Answer(response.status, body, response.headers.get("Retry-After", ""))
        except (ClientError, TimeoutError, OSError) as fault:
            raise EpjSaid(Said.SILENT) from fault


def _no_token(status: int) -> str:
    """Down and busy are what they are; every other answer without a token is a closed door."""
    said = Said.NOT_LET_IN if status < 500 and status != 429 else epj_answer.by_status(status)
    return said.value


async def _read(response: ClientResponse, most: int) -> bytes:
    """The body, if it is not too long (after unpacking: a small answer may hide a big one)."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > most:
            raise EpjSaid(Said.NONSENSE)
    return bytes(body)
