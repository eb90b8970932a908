"""What a client's assertion says, judged: that the client itself made it, for us, just now.

The signature has been checked already (RFC 7523 section 3, and HelseID's security profile for how
long it may live). Whether its `jti` was seen before is asked of the database.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from venterom.journal.grant import ASSERTION_LIFE, ASSERTION_TYP
from venterom.journal.jws import MAX_TOKEN

ALGORITHMS = ("ES256", "PS256")  # FAPI 2.0; no symmetric one, no RS256
TYPES = (ASSERTION_TYP, "JWT")
SKEW_S = 30  # by how much the client's clock may go before ours
JTI_LENGTH = 255


class Reason(StrEnum):
    """Why an assertion is not believed. For the log; the client hears `invalid_client`."""

    PAYLOAD = "payload"
    CLIENT = "client"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    LIVES_TOO_LONG = "lives_too_long"
    NOT_YET = "not_yet"
    JTI = "jti"


@dataclass(frozen=True, slots=True)
class Shown:
    """A client that has shown its key, once. `until` are seconds since 1970."""

    client: str
    jti: str
    until: int


def claimed(assertion: str) -> str:
    """Which client this says to be from, before anything is checked; "" if it cannot be read."""
    if len(assertion) > MAX_TOKEN or not assertion.isascii():
        return ""
    payload = assertion.partition(".")[2].partition(".")[0]
    try:
        said = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return ""
    sub = said.get("sub") if isinstance(said, dict) else None
    if not isinstance(sub, str) or not sub.isascii() or not sub.isprintable():
        return ""  # no name of ours, and not every database can be asked for it
    return sub


def judge(payload: bytes, *, client: str, issuer: str, now: datetime) -> Shown | Reason:
    """Whether `client` says here, to us (`issuer`) and just now, that it is itself."""
    claims = _object(payload)
    if claims is None:
        return Reason.PAYLOAD
    if claims.get("iss") != client or claims.get("sub") != client:
        return Reason.CLIENT
    if claims.get("aud") not in (issuer, [issuer]):
        return Reason.AUDIENCE
    return _timely(claims, client, now.timestamp())


def _timely(claims: Mapping[str, object], client: str, now: float) -> Shown | Reason:
    until, jti = claims.get("exp"), claims.get("jti")
    if type(until) is not int or until <= now:
        return Reason.EXPIRED
    if until > now + ASSERTION_LIFE.total_seconds():
        return Reason.LIVES_TOO_LONG
    for begins in (claims.get("iat", 0), claims.get("nbf", 0)):
        if type(begins) is not int or begins > now + SKEW_S:
            return Reason.NOT_YET
    if not isinstance(jti, str) or not 0 < len(jti) <= JTI_LENGTH or not jti.isprintable():
        return Reason.JTI
    return Shown(client, jti, until)


def _object(payload: bytes) -> Mapping[str, object] | None:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
