"""Signing in with OpenID Connect: a code flow with PKCE, state, nonce and a client assertion.

`start` sends the browser away, `finish` takes it back. No transaction is open while we wait for
the provider, and nothing about a person is in any address or message.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from aiohttp import ClientSession
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from yarl import URL

from venterom.web.identity import logout, pending, proofs, userinfo
from venterom.web.identity.answers import Tokens, read_answer
from venterom.web.identity.claims import SignedIn, judge
from venterom.web.identity.client import Client
from venterom.web.identity.discovery import Issuer
from venterom.web.identity.errors import ProviderUnreachable, SignInRefused, SignInUnknown
from venterom.web.identity.judging import Claims, Reason, Refusal
from venterom.web.identity.metadata import Metadata
from venterom.web.identity.pending import Begun, Pending
from venterom.web.identity.provider import Provider

# Of a request to prove anew who one is; `max_age` has the answer say when that was (OpenID Connect
# Core 1.0 section 3.1.2.1).
FRESH = {"prompt": "login", "max_age": "0"}
PATIENCE_S = 10.0  # with everything that a provider is asked at once; a single answer has 5
Verdict = TypeVar("Verdict")


@dataclass(frozen=True, slots=True)
class Started:
    """Where the browser is sent, and what its short-lived cookie must hold until it is back."""

    url: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who is back, and the page that was asked for."""

    signed_in: SignedIn
    return_to: str


class RelyingParty:
    """We, as one provider sees us."""

    def __init__(
        self, provider: Provider, http: ClientSession, patience: float = PATIENCE_S
    ) -> None:
        self.provider = provider
        self._patience = patience
        self._client = Client(provider, http)
        self._issuer = Issuer(http, provider.issuer, provider.algorithms)

    async def start(
        self,
        sessions: async_sessionmaker[AsyncSession],
        now: datetime,
        *,
        return_to: str,
        browser: str = "",
        fresh: bool = False,
    ) -> Started:
        """Begin. `browser` is the sign-in cookie that the browser came with, if any; `fresh`: the
        provider is to have the person prove anew who they are, and to say when that was.

        Raises ProviderUnreachable.
        """
        async with self._patiently():
            metadata = await self._issuer.metadata(now)
        async with sessions() as db, db.begin():
            begun = await pending.begin(
                db, now, door=self.provider.door, return_to=return_to, browser=browser
            )
        async with self._patiently():
            query = await self._query(metadata, begun, now, FRESH if fresh else {})
        url = URL(metadata.authorization_endpoint).update_query(query)
        return Started(str(url), begun.browser)

    async def finish(
        self,
        sessions: async_sessionmaker[AsyncSession],
        now: datetime,
        *,
        answer: Mapping[str, str],
        browser: str,
    ) -> Arrival:
        """Judge what the browser brought back: the query (`answer`) and its sign-in cookie.

        Raises SignInUnknown, SignInExpired, SignInCancelled, SignInRefused, ProviderUnreachable.
        """
        if not answer.get("state") or not browser:
            raise SignInUnknown
        async with sessions() as db, db.begin():
            remembered = await pending.take(
                db, now, door=self.provider.door, state=answer["state"], browser=browser
            )
        async with self._patiently():
            metadata = await self._issuer.metadata(now)
            code = read_answer(answer, metadata)
            tokens = await self._client.redeem(metadata, code, remembered.verifier, now)
            claims = _believed(await self._issuer.claims(tokens.id_token, now))
            if self.provider.userinfo:
                claims = await self._with_userinfo(metadata, claims, tokens, now)
        return Arrival(self._judge(claims, remembered, now), remembered.return_to)

    async def leaving(self, now: datetime, back: str) -> str:
        """Where the browser goes to be signed out at the provider, and then `back` (RP-Initiated
        Logout 1.0); "" where the provider has no such place, or does not answer.

        No ID token is shown there: it would stand in an address, with the national number in it.
        """
        try:
            async with self._patiently():
                place = (await self._issuer.metadata(now)).end_session_endpoint
        except ProviderUnreachable:
            return ""
        query = {"client_id": self.provider.client_id, "post_logout_redirect_uri": back}
        return str(URL(place).update_query(query)) if place else ""

    async def logged_out(self, token: str, now: datetime) -> logout.Order:
        """Whom the provider says to have signed out (Back-Channel Logout 1.0).

        Raises SignInRefused, ProviderUnreachable.
        """
        async with self._patiently():
            claims = _believed(await self._issuer.claims(token, now, (logout.TYP,), "logout"))
        provider = self.provider
        return _believed(
            logout.judge(claims, issuer=provider.issuer, audience=provider.client_id, now=now)
        )

    @asynccontextmanager
    async def _patiently(self) -> AsyncGenerator[None]:
        """A provider that answers each time, but late, is unreachable too."""
        try:
            async with asyncio.timeout(self._patience):
                yield
        except TimeoutError:
            raise ProviderUnreachable from None

    async def _query(
        self, metadata: Metadata, begun: Begun, now: datetime, more: Mapping[str, str]
    ) -> dict[str, str]:
        """What the browser takes to the provider: where it can be, only the name of a request that
        we have handed over ourselves, so that nobody reads or changes it on the way."""
        provider = self.provider
        request = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": provider.redirect_uri,
            "scope": " ".join(provider.scopes),
            "acr_values": " ".join(provider.asked or provider.levels),
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": proofs.challenge(begun.verifier),
            "code_challenge_method": "S256",
            **provider.binding,
            **dict(provider.hints),
            **more,
        }
        if metadata.pushed_authorization_request_endpoint:
            name = await self._client.push(metadata, request, now)
            return {"client_id": provider.client_id, "request_uri": name}
        if provider.pushed:
            raise ProviderUnreachable
        return request

    async def _with_userinfo(
        self, metadata: Metadata, claims: Claims, tokens: Tokens, now: datetime
    ) -> Claims:
        """What the provider says of the subject of these claims beside them."""
        if not tokens.access_token or not userinfo.belongs(claims, tokens.access_token):
            raise SignInRefused(Reason.ACCESS_TOKEN)
        signed = await self._client.userinfo(metadata, tokens.access_token, now)
        about = _believed(await self._issuer.claims(signed, now))
        provider = self.provider
        return _believed(
            userinfo.joined(
                claims,
                about,
                issuer=provider.issuer,
                audience=provider.client_id,
                now=now,
                names=provider.names,
            )
        )

    def _judge(self, claims: Claims, remembered: Pending, now: datetime) -> SignedIn:
        provider = self.provider
        return _believed(
            judge(
                claims,
                issuer=provider.issuer,
                audience=provider.client_id,
                nonce=remembered.nonce,
                now=now,
                levels=frozenset(provider.levels),
                kind=provider.door,
                names=provider.names,
                synthetic=provider.synthetic,
            )
        )


def _believed(verdict: Verdict | Refusal) -> Verdict:
    if isinstance(verdict, Refusal):
        raise SignInRefused(verdict.reason)
    return verdict
