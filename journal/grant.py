"""How a program shows another that it is itself, and what it is given for it: a client assertion
(RFC 7523, HelseID's security profile), and an access token (RFC 6749 section 4.4).

Times and ids are handed in.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ASSERTION_TYP = "client-authentication+jwt"  # HelseID's security profile
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 section 2.2
ASSERTION_LIFE = timedelta(seconds=60)  # HelseID's security profile: at most

EARLIER = timedelta(seconds=30)  # a token is not used so shortly before its end
LONGEST = timedelta(hours=1)  # we do not believe that a token lives longer
MAX_TOKEN = 16 * 1024  # characters; more does not fit into a header


@dataclass(frozen=True, slots=True)
class Token:
    """The right to ask, until a moment."""

    value: str = field(repr=False)
    until: datetime


def assertion(client_id: str, issuer: str, now: datetime, jti: str) -> dict[str, str | int]:
    """The claims by which a client shows that it holds its key; `jti` is used once."""
    issued = int(now.timestamp())
    return {
        "iss": client_id,
        "sub": client_id,
        "aud": issuer,
        "jti": jti,
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(ASSERTION_LIFE.total_seconds()),
    }


def request(client_id: str, signed: str, scope: str) -> dict[str, str]:
    """The form that asks for a token, with the signed assertion."""
    return {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "scope": scope,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed,
    }


def read(status: int, body: bytes, now: datetime) -> Token | None:
    """The token in an answer, with the moment until which it is used; None: there is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if status != 200 or not isinstance(said, dict):
        return None
    value, lives = said.get("access_token"), said.get("expires_in")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TOKEN or not value.isascii():
        return None
    if not value.isprintable() or str(said.get("token_type")).lower() != "bearer":
        return None
    if type(lives) is not int or lives <= 0:
        return None
    life = min(timedelta(seconds=min(lives, 10**6)), LONGEST)
    return Token(value, now + max(life - EARLIER, timedelta()))


def usable(token: Token | None, now: datetime) -> Token | None:
    """The token, unless its time is over."""
    return token if token is not None and now < token.until else None
