"""What an OpenID provider publishes about itself: fetched with care, kept for a day.

Everything that comes over the wire here is somebody else's: bounded, timed, without redirects.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from venterom.journal.errors import BadKey
from venterom.journal.jws import PublicKey, keys_from_jwks
from venterom.web.identity.browser import is_trustworthy
from venterom.web.identity.errors import ProviderUnreachable

TIMEOUT = ClientTimeout(total=5)  # seconds; somebody is looking at a blank page
MAX_BYTES = 64 * 1024  # documents of real providers take 2 to 10 KiB
KEPT = timedelta(hours=24)  # how long metadata and keys are used without asking again
REFRESH = timedelta(minutes=1)  # how often at most an unknown key makes us ask
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The addresses of a provider, and whether its answers name it (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status and a JSON object."""

    status: int
    body: Mapping[str, object]


class Issuer:
    """One provider's metadata and keys, as they were last seen."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, Mapping[str, PublicKey]] | None = None
        self._refreshed: datetime | None = None

    async def metadata(self, now: datetime) -> Metadata:
        """Raises ProviderUnreachable."""
        if self._metadata is None or now >= self._metadata[0] + KEPT:
            found = await self._get(self._url.rstrip("/") + WELL_KNOWN)
            self._metadata = (now, read_metadata(found, self._url))
        return self._metadata[1]

    async def keys(self, now: datetime) -> Mapping[str, PublicKey]:
        """The keys that it signs with, by `kid`. Raises ProviderUnreachable."""
        if self._keys is None or now >= self._keys[0] + KEPT:
            return await self._fetch_keys(now)
        return self._keys[1]

    async def newer_keys(self, now: datetime) -> Mapping[str, PublicKey] | None:
        """The keys asked for anew, because one was unknown; None when that was done just now."""
        if self._refreshed is not None and now < self._refreshed + REFRESH:
            return None
        self._refreshed = now
        return await self._fetch_keys(now)

    async def _fetch_keys(self, now: datetime) -> Mapping[str, PublicKey]:
        document = await self._get((await self.metadata(now)).jwks_uri)
        try:
            self._keys = (now, keys_from_jwks(document))
        except BadKey:
            raise ProviderUnreachable from None
        return self._keys[1]

    async def _get(self, url: str) -> Mapping[str, object]:
        answer = await ask(self._http, "GET", url)
        if answer.status != 200:
            raise ProviderUnreachable
        return answer.body


def read_metadata(document: Mapping[str, object], issuer: str) -> Metadata:
    """The part that is used here. Raises ProviderUnreachable when it is not this issuer's."""
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    values = {name: str(document.get(name, "")) for name in names}
    if values["issuer"] != issuer or not all(map(is_trustworthy, values.values())):
        raise ProviderUnreachable
    names_itself = document.get("authorization_response_iss_parameter_supported") is True
    return Metadata(**values, names_itself=names_itself)


async def ask(
    http: ClientSession, method: str, url: str, form: Mapping[str, str] | None = None
) -> Answer:
    """One request, one JSON object. Raises ProviderUnreachable for anything else."""
    try:
        async with http.request(
            method,
            url,
            data=form,
            headers={"Accept": "application/json"},
            allow_redirects=False,
            timeout=TIMEOUT,
        ) as response:
            body = json.loads(await _read(response))
    except (ClientError, TimeoutError, ValueError, RecursionError):
        raise ProviderUnreachable from None
    if not isinstance(body, dict) or response.status >= 500:
        raise ProviderUnreachable
    return Answer(response.status, body)


async def _read(response: ClientResponse) -> bytes:
    """The body, if it is not too long (after unpacking: a small answer may hide a big one)."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) > MAX_BYTES:
            raise ProviderUnreachable
    return bytes(body)
