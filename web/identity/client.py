"""We, as a provider's own addresses see us: who we are is shown anew with each request."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import ClientSession

from venterom.journal import grant, jws
from venterom.web.identity import dpop
from venterom.web.identity.answers import Tokens, read_request_uri, read_tokens
from venterom.web.identity.errors import ProviderUnreachable, SignInRefused
from venterom.web.identity.metadata import Metadata
from venterom.web.identity.provider import Provider
from venterom.web.identity.wire import Answer, ask

JTI_BYTES = 16
SIGNED = "application/jwt"


class Client:
    """At one provider. It remembers the nonce that each of the provider's servers gave last."""

    def __init__(self, provider: Provider, http: ClientSession) -> None:
        self._provider = provider
        self._http = http
        self._nonces: dict[str, str] = {}

    async def push(self, metadata: Metadata, request: Mapping[str, str], now: datetime) -> str:
        """The name of an authorisation request that was handed over directly (RFC 9126).

        Raises ProviderUnreachable.
        """
        url = metadata.pushed_authorization_request_endpoint
        answer = await ask(self._http, "POST", url, {**request, **self._shown(now)})
        return read_request_uri(answer.status, answer.object())

    async def redeem(self, metadata: Metadata, code: str, verifier: str, now: datetime) -> Tokens:
        """The tokens for a code (RFC 6749 section 4.1.3, RFC 7523 section 2.2).

        Raises SignInRefused, ProviderUnreachable.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._provider.redirect_uri,
            "client_id": self._provider.client_id,
            "code_verifier": verifier,
        }
        url = metadata.token_endpoint
        answer = await self._proved("POST", url, now, form=form)
        bound = self._provider.bound_to is not None
        return read_tokens(answer.status, answer.object(), bound=bound)

    async def userinfo(self, metadata: Metadata, access_token: str, now: datetime) -> str:
        """What the provider says about whoever signed in, as a signed text that is not yet checked.

        Raises SignInRefused, ProviderUnreachable.
        """
        if not metadata.userinfo_endpoint:
            raise ProviderUnreachable
        answer = await self._proved("GET", metadata.userinfo_endpoint, now, token=access_token)
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if answer.status != 200 or kind != SIGNED:  # what is not signed is not believed
            raise SignInRefused("userinfo")
        return answer.data.decode("ascii", "replace").strip()

    async def _proved(
        self,
        method: str,
        url: str,
        now: datetime,
        *,
        form: Mapping[str, str] | None = None,
        token: str = "",
    ) -> Answer:
        """One request with all that it has to show; once more, if the provider wants its nonce."""
        answer = await self._once(method, url, now, form, token)
        if self._provider.bound_to is not None and _wants_nonce(answer):
            answer = await self._once(method, url, now, form, token)
        return answer

    async def _once(
        self, method: str, url: str, now: datetime, form: Mapping[str, str] | None, token: str
    ) -> Answer:
        whole = None if form is None else {**form, **self._shown(now)}
        headers = self._proof(method, url, now, token)
        if token:
            headers["Authorization"] = f"{'DPoP' if headers else 'Bearer'} {token}"
            headers["Accept"] = SIGNED
        answer = await ask(self._http, method, url, whole, headers)
        if nonce := dpop.readable_nonce(answer.headers.get("DPoP-Nonce", "")):
            self._nonces[urlsplit(url).netloc] = nonce
        return answer

    def _shown(self, now: datetime) -> dict[str, str]:
        """What shows that it is us: good for a minute, and once."""
        provider = self._provider
        claims = grant.assertion(provider.client_id, provider.issuer, now, _jti())
        return {
            "client_id": provider.client_id,
            "client_assertion_type": grant.ASSERTION_TYPE,
            "client_assertion": jws.sign(claims, provider.key, provider.kid, grant.ASSERTION_TYP),
        }

    def _proof(self, method: str, url: str, now: datetime, token: str) -> dict[str, str]:
        key = self._provider.bound_to
        if key is None:
            return {}
        nonce = self._nonces.get(urlsplit(url).netloc, "")
        claims = dpop.claims(method, url, now, _jti(), nonce=nonce, access_token=token)
        return {"DPoP": jws.sign_showing_key(claims, key, dpop.TYP)}


def _jti() -> str:
    return secrets.token_urlsafe(JTI_BYTES)


def _wants_nonce(answer: Answer) -> bool:
    """A refusal without a readable nonce in it would only be refused again."""
    if answer.status not in (400, 401):
        return False
    if not dpop.readable_nonce(answer.headers.get("DPoP-Nonce", "")):
        return False
    challenge = answer.headers.get("WWW-Authenticate", "")
    error = answer.object().get("error") if answer.status == 400 else None
    return dpop.wants_nonce(answer.status, error, challenge)
