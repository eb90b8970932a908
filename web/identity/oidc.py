"""Signing in with OpenID Connect: a code flow with PKCE, state, nonce and a client assertion.

`start` sends the browser away, `finish` takes it back. No transaction is open while we wait for
the provider, and nothing about a person is in any address or message.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from yarl import URL

from venterom.journal import grant, jws
from venterom.journal.errors import BadSignature
from venterom.web.identity import pending, proofs
from venterom.web.identity.browser import is_trustworthy
from venterom.web.identity.claims import ClaimNames, Refusal, SignedIn, judge
from venterom.web.identity.discovery import Issuer, Metadata, ask
from venterom.web.identity.errors import SignInCancelled, SignInRefused, SignInUnknown
from venterom.web.identity.pending import Begun, Pending
from venterom.web.identity.roles import Door

JTI_BYTES = 16
CANCELLED = frozenset({"access_denied", "login_required", "interaction_required"})


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider, what we are to it, and what we demand of it."""

    door: Door
    issuer: str
    client_id: str
    redirect_uri: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    levels: tuple[str, ...]  # accepted values of `acr`, best first
    synthetic: bool  # whether this installation is for invented people
    scopes: tuple[str, ...] = ("openid", "profile")
    algorithms: tuple[str, ...] = ("ES256",)
    names: ClaimNames = ClaimNames()
    hints: tuple[tuple[str, str], ...] = ()  # e.g. login_hint=BID: BankID with a code

    def __post_init__(self) -> None:
        """Raises ValueError for what would make signing in unsafe."""
        if not is_trustworthy(self.issuer) or not is_trustworthy(self.redirect_uri):
            raise ValueError("signing in needs https, or this very machine")
        if not self.levels:
            raise ValueError("a provider without a level to demand proves nothing")

    @property
    def kid(self) -> str:
        """The name of our key: its thumbprint (RFC 7638)."""
        return jws.thumbprint(self.key.public_key())


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

    def __init__(self, provider: Provider, http: ClientSession) -> None:
        self.provider = provider
        self._http = http
        self._issuer = Issuer(http, provider.issuer)

    async def start(
        self,
        sessions: async_sessionmaker[AsyncSession],
        now: datetime,
        *,
        return_to: str,
        browser: str = "",
    ) -> Started:
        """Begin. `browser` is the sign-in cookie that the browser came with, if any.

        Raises ProviderUnreachable.
        """
        metadata = await self._issuer.metadata(now)
        async with sessions() as db, db.begin():
            begun = await pending.begin(
                db, now, door=self.provider.door, return_to=return_to, browser=browser
            )
        return Started(self._authorise_url(metadata, begun), begun.browser)

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
        metadata = await self._issuer.metadata(now)
        code = read_answer(answer, metadata)
        token = await self._redeem(metadata, now, code, remembered)
        claims = await self._claims(token, now)
        return Arrival(self._judge(claims, remembered, now), remembered.return_to)

    def _authorise_url(self, metadata: Metadata, begun: Begun) -> str:
        provider = self.provider
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": provider.redirect_uri,
            "scope": " ".join(provider.scopes),
            "acr_values": " ".join(provider.levels),
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": proofs.challenge(begun.verifier),
            "code_challenge_method": "S256",
            **dict(provider.hints),
        }
        return str(URL(metadata.authorization_endpoint).update_query(query))

    async def _redeem(
        self, metadata: Metadata, now: datetime, code: str, remembered: Pending
    ) -> str:
        """The ID token for a code (RFC 6749 section 4.1.3, RFC 7523 section 2.2)."""
        provider = self.provider
        claims = grant.assertion(
            provider.client_id, provider.issuer, now, secrets.token_urlsafe(JTI_BYTES)
        )
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": provider.redirect_uri,
            "client_id": provider.client_id,
            "code_verifier": remembered.verifier,
            "client_assertion_type": grant.ASSERTION_TYPE,
            "client_assertion": jws.sign(claims, provider.key, provider.kid, grant.ASSERTION_TYP),
        }
        answer = await ask(self._http, "POST", metadata.token_endpoint, form)
        token = answer.body.get("id_token")
        if answer.status != 200 or not isinstance(token, str):
            raise SignInRefused("no_token")
        return token

    async def _claims(self, token: str, now: datetime) -> Mapping[str, object]:
        """What a genuine token says; before it refuses, it asks for newer keys once a minute."""
        try:
            payload = self._verify(token, await self._issuer.keys(now))
        except BadSignature:
            newer = await self._issuer.newer_keys(now)
            if newer is None:
                raise SignInRefused("signature") from None
            try:
                payload = self._verify(token, newer)
            except BadSignature:
                raise SignInRefused("signature") from None
        return _object(payload)

    def _verify(self, token: str, keys: Mapping[str, jws.PublicKey]) -> bytes:
        return jws.verify(token, keys, typ=None, algorithms=self.provider.algorithms)

    def _judge(self, claims: Mapping[str, object], remembered: Pending, now: datetime) -> SignedIn:
        provider = self.provider
        verdict = judge(
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
        if isinstance(verdict, Refusal):
            raise SignInRefused(verdict.reason)
        return verdict


def read_answer(answer: Mapping[str, str], metadata: Metadata) -> str:
    """The code in the provider's answer, if the answer is this provider's (RFC 9207).

    Raises SignInRefused, SignInCancelled.
    """
    named = answer.get("iss", "" if metadata.names_itself else metadata.issuer)
    if named != metadata.issuer:
        raise SignInRefused("issuer")
    if answer.get("error") in CANCELLED:
        raise SignInCancelled
    if "error" in answer or not answer.get("code"):
        raise SignInRefused("no_code")
    return answer["code"]


def _object(payload: bytes) -> Mapping[str, object]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        raise SignInRefused("payload") from None
    if not isinstance(claims, dict):
        raise SignInRefused("payload")
    return claims
