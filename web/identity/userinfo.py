"""What a provider says about somebody beside the ID token, where the number stands only there.

A signed answer (OpenID Connect Core section 5.3.2): its signature is checked as an ID token's is,
and it counts only for the subject of the ID token, and only for what describes a person. The level,
the nonce and the times are the ID token's alone.
"""

import hashlib
from datetime import datetime

from venterom.web.identity.claims import LONGEST_LIFE, NAMES, ClaimNames
from venterom.web.identity.judging import (
    Claims,
    Reason,
    Refusal,
    Refused,
    check_origin,
    check_times,
    identifier,
    require,
    text,
)
from venterom.web.identity.proofs import base64url, same


def joined(
    claims: Claims, about: Claims, *, issuer: str, audience: str, now: datetime, names: ClaimNames
) -> Claims | Refusal:
    """The ID token's claims with what `about` adds to them, or why it adds nothing."""
    try:
        check_origin(about, issuer, audience)
        if "exp" in about:  # the standard does not ask for times: it was fetched this moment
            check_times(about, now, LONGEST_LIFE)
        subject = identifier(claims, "sub", Reason.SUBJECT)
        require(same(text(about, "sub"), subject), Reason.SUBJECT)
        if names.number in claims and names.number in about:
            require(claims[names.number] == about[names.number], Reason.NUMBER)
    except Refused as refused:
        return Refusal(refused.reason)
    described = (*NAMES, names.number, names.hpr)
    return {**{name: about[name] for name in described if name in about}, **claims}


def belongs(claims: Claims, access_token: str) -> bool:
    """Whether the access token came with this ID token, as far as that says (section 3.1.3.6)."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return "at_hash" not in claims or same(text(claims, "at_hash"), base64url(half))
