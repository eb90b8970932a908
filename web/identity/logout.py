"""A provider tells us, from server to server, that somebody is signed out there: believed or not.

OpenID Connect Back-Channel Logout 1.0 section 2.6. The signature and the type have been checked
already. That a token is taken once is for whoever keeps the ids (`ended.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from venterom.web.identity.judging import (
    SKEW,
    Claims,
    Reason,
    Refusal,
    Refused,
    check_origin,
    check_times,
    identifier,
    require,
)

TYP = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_LIFE = timedelta(minutes=10)  # the standard speaks of two; a queue may hold one back


@dataclass(frozen=True, slots=True)
class Order:
    """Which sign-ins are over: those of one session at the provider, or all of one person."""

    subject: str = field(repr=False)  # empty: whoever it is
    sid: str = field(repr=False)  # empty: every session
    token_id: str = field(repr=False)
    kept_until: datetime  # for so long the token could be shown again


def judge(claims: Claims, *, issuer: str, audience: str, now: datetime) -> Order | Refusal:
    """What is to be ended, if `issuer` says so, to us, just now."""
    try:
        check_origin(claims, issuer, audience)
        check_times(claims, now, LONGEST_LIFE)
        require("nonce" not in claims, Reason.NONCE)  # so that no ID token is one of these
        events = claims.get("events")
        said = events.get(EVENT) if isinstance(events, Mapping) else None
        require(isinstance(said, Mapping), Reason.EVENT)
        require("sub" in claims or "sid" in claims, Reason.SUBJECT)
        return Order(
            subject=identifier(claims, "sub", Reason.SUBJECT) if "sub" in claims else "",
            sid=identifier(claims, "sid", Reason.SESSION) if "sid" in claims else "",
            token_id=identifier(claims, "jti", Reason.TOKEN_ID),
            kept_until=now + LONGEST_LIFE + 2 * SKEW,
        )
    except Refused as refused:
        return Refusal(refused.reason)
