"""What every token of an identity provider must say, whatever it is for; `now` is handed in.

The signature has been checked already. A refusal carries a reason, which holds nothing about the
person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SKEW = timedelta(seconds=60)  # by how much their clock and ours may differ
ID_LENGTH = 255  # of a subject, a session's or a token's id: OpenID Connect Core section 2

Claims = Mapping[str, object]


class Reason(StrEnum):
    """Why a token is refused. A code for the log."""

    SIGNATURE = "signature"
    PAYLOAD = "payload"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    PARTY = "authorised_party"
    MISSING_TIME = "missing_time"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    LIVES_TOO_LONG = "lives_too_long"
    NONCE = "nonce"
    ACCESS_TOKEN = "access_token"
    LEVEL = "level"
    SUBJECT = "subject"
    SESSION = "session"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    NUMBER = "number"
    HPR_NUMBER = "hpr_number"
    EVENT = "event"
    TOKEN_ID = "token_id"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A token that proves nothing to us."""

    reason: Reason


class Refused(Exception):
    """A claim that is not as it must be; whoever judges makes a Refusal of it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def require(held: bool, reason: Reason) -> None:
    """Raises Refused unless it holds."""
    if not held:
        raise Refused(reason)


def text(claims: Claims, name: str) -> str:
    """A claim that is a text, or "" for whatever else it is."""
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def identifier(claims: Claims, name: str, reason: Reason) -> str:
    """A claim that names something: short, ASCII, not empty."""
    value = text(claims, name)
    require(0 < len(value) <= ID_LENGTH and value.isascii(), reason)
    return value


def check_origin(claims: Claims, issuer: str, audience: str) -> None:
    """Made by this issuer, for us, and at our demand."""
    require(text(claims, "iss") == issuer, Reason.ISSUER)
    named = claims.get("aud")
    audiences = named if isinstance(named, list) else [named]
    require(audience in audiences, Reason.AUDIENCE)
    # A token made for several parties must say that it was made at our demand.
    if len(audiences) > 1 or "azp" in claims:
        require(claims.get("azp") == audience, Reason.PARTY)


def check_times(claims: Claims, now: datetime, longest: timedelta) -> None:
    """Issued and not over yet, with a life of `longest` at most; both times must be there."""
    clock, skew = now.timestamp(), SKEW.total_seconds()
    issued, expires = seconds(claims, "iat"), seconds(claims, "exp")
    require(clock < expires + skew, Reason.EXPIRED)
    require(issued <= clock + skew, Reason.NOT_YET)
    require(expires - issued <= longest.total_seconds(), Reason.LIVES_TOO_LONG)
    if "nbf" in claims:
        require(seconds(claims, "nbf") <= clock + skew, Reason.NOT_YET)


def seconds(claims: Claims, name: str) -> int:
    """A time in whole seconds since 1970; `True` is no number, though Python counts with it."""
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(Reason.MISSING_TIME)
    return value
