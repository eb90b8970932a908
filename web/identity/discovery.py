"""A provider's metadata and keys: fetched when they are needed, kept for a day."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from aiohttp import ClientSession

from venterom.journal import jws
from venterom.journal.errors import BadKey, BadSignature
from venterom.journal.jws import PublicKey, keys_from_jwks
from venterom.web.identity.errors import ProviderUnreachable
from venterom.web.identity.judging import Claims, Reason, Refusal
from venterom.web.identity.metadata import Metadata, read_metadata
from venterom.web.identity.wire import ask

KEPT = timedelta(hours=24)  # how long metadata and keys are used without asking again
REFRESH = timedelta(minutes=1)  # how often at most an unknown key makes us ask, for each use
WELL_KNOWN = "/.well-known/openid-configuration"

Keys = Mapping[str, PublicKey]


class Issuer:
    """One provider's metadata and keys, as they were last seen."""

    def __init__(self, http: ClientSession, url: str, algorithms: tuple[str, ...]) -> None:
        self._http = http
        self._url = url
        self._algorithms = algorithms
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, Keys] | None = None
        self._refreshed: dict[str, datetime] = {}
        self._renewing = asyncio.Lock()

    async def metadata(self, now: datetime) -> Metadata:
        """Raises ProviderUnreachable."""
        if self._metadata is None or now >= self._metadata[0] + KEPT:
            found = await self._get(self._url.rstrip("/") + WELL_KNOWN)
            self._metadata = (now, read_metadata(found, self._url))
        return self._metadata[1]

    async def claims(
        self, token: str, now: datetime, typ: tuple[str, ...] | None = None, use: str = "sign-in"
    ) -> Claims | Refusal:
        """What a token of this issuer says, if it is genuine. Before one is refused, newer keys are
        asked for: a provider may have changed them while somebody was on the way here.

        `use` has a limit of its own to that, so that whoever sends us forgeries for one use cannot
        take it from another. Raises ProviderUnreachable.
        """
        keys = await self._known(now)
        try:
            payload = self._verify(token, keys, typ)
        except BadSignature:
            newer = await self._newer(now, keys, use)
            try:
                payload = self._verify(token, newer, typ)
            except BadSignature:
                return Refusal(Reason.SIGNATURE)
        return _object(payload)

    def _verify(self, token: str, keys: Keys, typ: tuple[str, ...] | None) -> bytes:
        return jws.verify(token, keys, typ=typ, algorithms=self._algorithms)

    async def _known(self, now: datetime) -> Keys:
        if self._keys is None or now >= self._keys[0] + KEPT:
            return await self._fetch_keys(now)
        return self._keys[1]

    async def _newer(self, now: datetime, tried: Keys, use: str) -> Keys:
        """Other keys than those that were tried, if there are any to be had now. Several who come
        at once ask once."""
        async with self._renewing:
            if self._keys is not None and self._keys[1] is not tried:
                return self._keys[1]
            last = self._refreshed.get(use)
            if last is not None and now < last + REFRESH:
                return tried
            self._refreshed[use] = now
            return await self._fetch_keys(now)

    async def _fetch_keys(self, now: datetime) -> Keys:
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
        return answer.object()


def _object(payload: bytes) -> Claims | Refusal:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        return Refusal(Reason.PAYLOAD)
    return claims if isinstance(claims, dict) else Refusal(Reason.PAYLOAD)
