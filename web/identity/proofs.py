"""What a relying party shows in an OpenID Connect code flow: PKCE, state, nonce.

Random bytes, ids and times are handed in.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from venterom.journal.canonical import framed

SECRET_BYTES = 32  # 256 bits: nobody guesses a state, a nonce, a verifier, a cookie or a link


def opaque(random: bytes) -> str:
    """Random bytes as a text for a URL or a cookie. Raises ValueError below 256 bits."""
    if len(random) < SECRET_BYTES:
        raise ValueError("a secret has at least 256 bits")
    return base64url(random)


def challenge(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636 section 4.2)."""
    return base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def digest(secret: str) -> str:
    """What is stored of a secret of ours, so that a stolen table opens nothing."""
    return hashlib.sha256(_bytes(secret)).hexdigest()


def keyed(key: bytes, label: bytes, secret: str) -> str:
    """The same of a secret in a link, for whoever has the key alone; `label` says what it opens."""
    text = secret.encode("utf-8", "surrogatepass")
    return hmac.digest(key, framed(label, text), hashlib.sha256).hex()


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def base64url(data: bytes) -> str:
    """Base64 for URLs, without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    # JSON may bring half a surrogate pair: that is a wrong secret, not a fault of ours.
    return text.encode("utf-8", "surrogatepass")
