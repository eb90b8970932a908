"""Proof that whoever asks holds a key (DPoP, RFC 9449), so that a stolen token is of no use.

Times, ids and nonces are handed in.
"""

import hashlib
from datetime import datetime
from urllib.parse import urlsplit

from venterom.web.identity.proofs import base64url

TYP = "dpop+jwt"
NEEDS_NONCE = "use_dpop_nonce"
NONCE_LENGTH = 512  # characters; providers use 20 to 120


def claims(
    method: str, url: str, now: datetime, jti: str, *, nonce: str = "", access_token: str = ""
) -> dict[str, str | int]:
    """What a proof for one request says (section 4.2); `jti` is used once."""
    said: dict[str, str | int] = {
        "jti": jti,
        "htm": method,
        "htu": target(url),
        "iat": int(now.timestamp()),
    }
    if nonce:
        said["nonce"] = nonce
    if access_token:
        said["ath"] = base64url(hashlib.sha256(access_token.encode("ascii")).digest())
    return said


def target(url: str) -> str:
    """The address that a proof names: without query and fragment."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def wants_nonce(status: int, error: object, challenge: str) -> bool:
    """Whether a refusal asks for the same again with a nonce (sections 8 and 9)."""
    if status == 400:
        return error == NEEDS_NONCE
    return status == 401 and f'error="{NEEDS_NONCE}"' in challenge


def readable_nonce(text: str) -> str:
    """A nonce as it came in a header; empty if it cannot be one."""
    fits = len(text) <= NONCE_LENGTH and text.isascii() and text.isprintable()
    return text if fits and not set(text) & set(' "\\') else ""
