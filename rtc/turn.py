"""Short-lived TURN credentials: a name that says when it expires, and an HMAC of that name.

The scheme is the one that coturn calls `use-auth-secret`.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(minutes=10)  # long enough to connect, too short to be worth stealing


@dataclass(frozen=True, slots=True)
class Credentials:
    """What goes into an entry of the page's `iceServers`."""

    username: str
    credential: str


def credentials(secret: bytes, *, visit: str, role: str, now: datetime) -> Credentials:
    """Credentials for one seat of one visit, from now on for LIFETIME."""
    username = f"{int((now + LIFETIME).timestamp())}:{visit}.{role}"
    # SHA-1 is what the TURN server computes; as an HMAC it is sound.
    digest = hmac.new(secret, username.encode(), hashlib.sha1).digest()
    return Credentials(username, base64.b64encode(digest).decode())
