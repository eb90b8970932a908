"""What the demonstration's identity provider knows and remembers, all of it in memory."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from venterom.journal import jws
from venterom.server.demo import flow, proof
from venterom.server.demo.flow import Access, Client, Code, Mistake, Pushed, Untrusted

MAX_KEPT = 10_000  # of each kind of thing that is remembered at once
PUSHED_LIFE = timedelta(minutes=10)  # time to choose somebody
ACCESS_LIFE = timedelta(seconds=60)
NAME = "urn:ietf:params:oauth:request_uri:"  # RFC 9126 section 2.2


@dataclass(slots=True)
class Desk:
    """One provider."""

    issuer: str
    clients: Mapping[str, Client]
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    clock: Callable[[], datetime]
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))  # that proofs must hold
    pushed: dict[str, Pushed] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict)
    used: dict[str, datetime] = field(default_factory=dict)

    @property
    def kid(self) -> str:
        """The name of the key that signs the tokens."""
        return jws.thumbprint(self.key.public_key())

    def authenticate(self, form: Mapping[str, str]) -> Client:
        """The client that asks. Raises Mistake; an assertion is good once."""
        client = self.clients.get(form.get("client_id", ""))
        if client is None:
            raise Mistake("invalid_client", "client_id is not known")
        jti, until = flow.check_assertion(form, client, self.issuer, self.clock())
        self._use_once(f"{client.client_id} {jti}", until, "invalid_client")
        return client

    def prove(self, shown: str, method: str, url: str, access_token: str = "") -> str:
        """The thumbprint of the key that whoever asks has shown to hold. Raises Mistake; a proof is
        good once."""
        found = proof.check(shown, method, url, self.nonce, self.clock(), access_token)
        self._use_once(f"{found.jkt} {found.jti}", found.remember_until, "invalid_dpop_proof")
        return found.jkt

    def keep_request(self, client: Client, asked: Mapping[str, str]) -> str:
        """The name of a request that was pushed. Raises Mistake."""
        self._forget_old()
        name = NAME + secrets.token_urlsafe(32)
        self.pushed[name] = Pushed(client.client_id, dict(asked), self.clock() + PUSHED_LIFE)
        return name

    def asked(self, sent: Mapping[str, str]) -> Mapping[str, str]:
        """The whole request that the browser brings, by name or as it is. Raises Untrusted."""
        name, client_id = sent.get("request_uri"), sent.get("client_id", "")
        if name is None:
            client = self.clients.get(client_id)
            if client is not None and client.pushed:
                raise Untrusted("invalid_request", "only a pushed request is taken")
            return sent
        found = self.pushed.get(name)
        if found is None or found.client_id != client_id or self.clock() >= found.expires:
            raise Untrusted("invalid_request_uri", "there is no such request")
        return found.asked

    def keep_code(self, code: Code) -> str:
        """A code. Raises Mistake."""
        self._forget_old()
        name = secrets.token_urlsafe(32)
        self.codes[name] = code
        return name

    def keep_access(self, client: Client, subject: str, jkt: str) -> str:
        """An access token to userinfo. Raises Mistake."""
        self._forget_old()
        name = secrets.token_urlsafe(32)
        self.access[name] = Access(client, subject, jkt, self.clock() + ACCESS_LIFE)
        return name

    def _use_once(self, name: str, until: datetime, error: str) -> None:
        self._forget_old()
        if name in self.used:
            raise Mistake(error, "this was used before")
        self.used[name] = until

    def _forget_old(self) -> None:
        now = self.clock()
        self.pushed = {key: each for key, each in self.pushed.items() if now < each.expires}
        self.codes = {key: each for key, each in self.codes.items() if now < each.expires}
        self.access = {key: each for key, each in self.access.items() if now < each.expires}
        self.used = {key: until for key, until in self.used.items() if now < until}
        kept: tuple[Mapping[str, object], ...] = (self.pushed, self.codes, self.access, self.used)
        if max(map(len, kept)) >= MAX_KEPT:
            raise Mistake("temporarily_unavailable", "too much at once")
