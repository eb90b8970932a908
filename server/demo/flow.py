"""The rules of the demonstration's OpenID provider: what may be asked, and what is answered.

They are those of OpenID Connect Core 1.0, RFC 7636 (PKCE) and RFC 7523 (client assertion), with
nothing optional left out that a Norwegian provider demands.
"""

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from venterom.journal import jws
from venterom.journal.errors import BadSignature
from venterom.journal.grant import ASSERTION_LIFE, ASSERTION_TYP, ASSERTION_TYPE
from venterom.web.identity.claims import HPR_CLAIM
from venterom.web.identity.proofs import challenge

CODE_LIFE = timedelta(seconds=60)  # FAPI 2.0: a code lives a minute at most
TOKEN_LIFE = timedelta(minutes=5)
SKEW = timedelta(seconds=10)
S256 = re.compile(r"[A-Za-z0-9_-]{43}")  # a SHA-256 in base64url
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 section 4.1
LONGEST = 512  # characters of a state or a nonce


class Mistake(Exception):
    """Something that is told to whoever made it, by the words of the standards."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class Untrusted(Mistake):
    """A request that must not be answered by sending the browser anywhere."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A few words about somebody, to be translated, and the values that they hold."""

    words: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be picked, and what helps to choose."""

    given: str
    family: str
    birth_date: date
    number: str = field(repr=False)
    hpr_number: str | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def subject(self) -> str:
        """The `sub` of this person: the same each time, and not the number."""
        digest = hmac.digest(b"demonstration", self.number.encode(), "sha256")
        return digest.hex()[:32]

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Client:
    """One door of the service: who may be picked there, and how it shows who it is."""

    client_id: str
    title: str  # what the page says that one signs in as
    redirect_uri: str
    key: ec.EllipticCurvePublicKey = field(repr=False)
    level: str  # the `acr` that every token says: a request only asks
    number_claim: str
    people: tuple[Candidate, ...]
    crowd: tuple[Candidate, ...] = ()  # those whom robots play
    pushed: bool = False  # takes no request that the browser carries (RFC 9126)
    bound: bool = False  # its tokens are bound to a key (RFC 9449)
    userinfo: bool = False  # the number stands in the userinfo, and not in the ID token

    def candidate(self, subject: str) -> Candidate:
        """Raises Mistake when nobody of that name can be picked here."""
        for candidate in self.people + self.crowd:
            if candidate.subject == subject:
                return candidate
        raise Mistake("access_denied", "there is no such person")


@dataclass(frozen=True, slots=True)
class Request:
    """An authorisation request that was found to be in order."""

    client: Client
    state: str
    nonce: str
    challenge: str
    jkt: str  # the key that the code is bound to; empty: none


@dataclass(frozen=True, slots=True)
class Pushed:
    """A request that was handed over directly, until it is used or its time is over."""

    client_id: str
    asked: Mapping[str, str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token stands for: asking about one person."""

    client: Client
    subject: str
    jkt: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for, until it is used or a minute has passed."""

    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str
    subject: str
    jkt: str
    expires: datetime


def find_client(query: Mapping[str, str], clients: Iterable[Client]) -> Client:
    """Who asks, and whether the browser may be sent back there. Raises Untrusted."""
    for client in clients:
        if client.client_id == query.get("client_id"):
            if query.get("redirect_uri") != client.redirect_uri:
                raise Untrusted("invalid_request", "redirect_uri is not the one that is registered")
            return client
    raise Untrusted("invalid_client", "client_id is not known")


def read_request(query: Mapping[str, str], client: Client) -> Request:
    """Raises Mistake, which the client is told about."""
    _demand(query.get("response_type") == "code", "unsupported_response_type", "only code")
    _demand("openid" in query.get("scope", "").split(), "invalid_scope", "openid is missing")
    state, nonce = query.get("state", ""), query.get("nonce", "")
    _demand(0 < len(state) <= LONGEST, "invalid_request", "state is missing")
    _demand(0 < len(nonce) <= LONGEST, "invalid_request", "nonce is missing")
    _demand(query.get("code_challenge_method") == "S256", "invalid_request", "PKCE with S256")
    asked = query.get("code_challenge", "")
    _demand(bool(S256.fullmatch(asked)), "invalid_request", "code_challenge is missing")
    jkt = query.get("dpop_jkt", "")
    fits = bool(S256.fullmatch(jkt)) if client.bound else not jkt
    _demand(fits, "invalid_request", "dpop_jkt is missing, or not wanted")
    return Request(client, state, nonce, asked, jkt)


def grant_code(request: Request, candidate: Candidate, now: datetime) -> Code:
    """What the code for this person stands for."""
    client = request.client
    return Code(
        client_id=client.client_id,
        redirect_uri=client.redirect_uri,
        nonce=request.nonce,
        challenge=request.challenge,
        subject=candidate.subject,
        jkt=request.jkt,
        expires=now + CODE_LIFE,
    )


def check_assertion(
    form: Mapping[str, str], client: Client, issuer: str, now: datetime
) -> tuple[str, datetime]:
    """The id of a client assertion that is in order, and until when it must be remembered.

    Raises Mistake (invalid_client).
    """
    _demand_client(form.get("client_assertion_type") == ASSERTION_TYPE, "private_key_jwt only")
    keys = {jws.thumbprint(client.key): client.key}
    try:
        payload = jws.verify(form.get("client_assertion", ""), keys, typ=(ASSERTION_TYP,))
        claims = json.loads(payload)
    except (BadSignature, ValueError):
        raise Mistake("invalid_client", "the assertion is not signed by this client") from None
    _demand_client(isinstance(claims, dict), "the assertion holds no claims")
    _demand_client(claims.get("iss") == client.client_id, "iss is not the client")
    _demand_client(claims.get("sub") == client.client_id, "sub is not the client")
    _demand_client(claims.get("aud") == issuer, "aud is not this issuer")
    jti, expires = claims.get("jti"), claims.get("exp")
    _demand_client(isinstance(jti, str) and 0 < len(jti) <= LONGEST, "jti is missing")
    _demand_client(type(expires) is int, "exp is missing")
    left = expires - now.timestamp()
    _demand_client(left > -SKEW.total_seconds(), "the assertion has expired")
    longest = ASSERTION_LIFE + SKEW
    _demand_client(left <= longest.total_seconds(), "the assertion lives too long")
    return str(jti), now + longest + SKEW


def check_code(
    form: Mapping[str, str], code: Code | None, client: Client, jkt: str, now: datetime
) -> Code:
    """The code, if this client may use it now and holds the key `jkt`. Raises Mistake
    (invalid_grant)."""
    _demand(form.get("grant_type") == "authorization_code", "unsupported_grant_type", "code only")
    if code is None or now >= code.expires:
        raise Mistake("invalid_grant", "the code is unknown, used or too old")
    _demand(code.client_id == client.client_id, "invalid_grant", "the code is another client's")
    same = form.get("redirect_uri") == code.redirect_uri
    _demand(same, "invalid_grant", "redirect_uri is another one")
    _demand(jkt == code.jkt, "invalid_grant", "the code is bound to another key")
    verifier = form.get("code_verifier", "")
    fits = bool(VERIFIER.fullmatch(verifier)) and challenge(verifier) == code.challenge
    _demand(fits, "invalid_grant", "the verifier does not fit the challenge")
    return code


def claims_of(
    candidate: Candidate, client: Client, code: Code, issuer: str, now: datetime
) -> dict[str, str | int]:
    """What the ID token says."""
    issued = int(now.timestamp())
    claims: dict[str, str | int] = {
        **_whom(candidate, client, issuer),
        "iat": issued,
        "exp": issued + int(TOKEN_LIFE.total_seconds()),
        "auth_time": issued,
        "nonce": code.nonce,
        "acr": client.level,
        "name": candidate.name,
        "given_name": candidate.given,
        "family_name": candidate.family,
        "birthdate": candidate.birth_date.isoformat(),
    }
    if not client.userinfo:
        claims[client.number_claim] = candidate.number
    if candidate.hpr_number:
        claims[HPR_CLAIM] = candidate.hpr_number
    return claims


def about(candidate: Candidate, client: Client, issuer: str) -> dict[str, str | int]:
    """What the userinfo says."""
    return {**_whom(candidate, client, issuer), client.number_claim: candidate.number}


def _whom(candidate: Candidate, client: Client, issuer: str) -> dict[str, str | int]:
    return {"iss": issuer, "aud": client.client_id, "sub": candidate.subject}


def _demand(held: bool, error: str, description: str) -> None:
    if not held:
        raise Mistake(error, description)


def _demand_client(held: bool, description: str) -> None:
    _demand(held, "invalid_client", description)
