"""The rules by which the demonstration's provider takes a proof of a key (RFC 9449 section 4.3)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from venterom.journal import jws
from venterom.journal.errors import BadSignature
from venterom.server.demo.flow import LONGEST, SKEW, Mistake
from venterom.web.identity import dpop
from venterom.web.identity.proofs import base64url

LIFE = timedelta(seconds=60)  # of a proof, from its `iat`


@dataclass(frozen=True, slots=True)
class Proof:
    """Whoever sent it holds this key."""

    jkt: str
    jti: str
    remember_until: datetime


class NonceWanted(Mistake):
    """The same again, with the provider's own nonce in it."""

    def __init__(self) -> None:
        super().__init__(dpop.NEEDS_NONCE, "the proof must hold our nonce")


def check(
    shown: str, method: str, url: str, nonce: str, now: datetime, access_token: str = ""
) -> Proof:
    """Raises Mistake (invalid_dpop_proof), NonceWanted."""
    try:
        jkt, payload = jws.verify_shown(shown, dpop.TYP)
        claims = json.loads(payload)
    except (BadSignature, ValueError):
        raise Mistake("invalid_dpop_proof", "it is not signed by the key that it shows") from None
    _demand(isinstance(claims, dict), "it holds no claims")
    _demand(claims.get("htm") == method, "htm is another method")
    _demand(claims.get("htu") == url, "htu is another address")
    issued, jti = claims.get("iat"), claims.get("jti")
    _demand(type(issued) is int, "iat is missing")
    _demand(abs(now.timestamp() - issued) <= (LIFE + SKEW).total_seconds(), "it is not of now")
    _demand(isinstance(jti, str) and 0 < len(jti) <= LONGEST, "jti is missing")
    ath = base64url(hashlib.sha256(access_token.encode()).digest()) if access_token else None
    _demand(claims.get("ath") == ath, "ath is of another token")
    if claims.get("nonce") != nonce:
        raise NonceWanted
    return Proof(jkt, str(jti), now + 2 * (LIFE + SKEW))


def _demand(held: bool, description: str) -> None:
    if not held:
        raise Mistake("invalid_dpop_proof", description)
