"""Access tokens: who asks, for what, until when, under our own seal.

A token that we did not make, or that is over, is refused without a look into the database. Whether
the client is still registered is asked there.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta

from venterom.web.identity.proofs import base64url, keyed, same
from venterom.web.insurer_api import scopes
from venterom.web.insurer_api.scopes import Scope

LIFE = timedelta(minutes=5)  # a stolen one is soon of no use, and a new one costs one request
LONGEST = 1_024  # characters; ours take about 170
LABEL = b"insurer token"


@dataclass(frozen=True, slots=True)
class Right:
    """What a token lets a client do. `until` are seconds since 1970."""

    client: str
    scopes: frozenset[Scope]
    until: int


def right(client: str, allowed: frozenset[Scope], now: datetime) -> Right:
    """What a token that is given now is worth."""
    return Right(client, allowed, int((now + LIFE).timestamp()))


def write(key: bytes, given: Right) -> str:
    """The token."""
    said = [given.client, scopes.write(given.scopes), given.until]
    body = base64url(json.dumps(said).encode())
    return f"{body}.{keyed(key, LABEL, body)}"


def read(key: bytes, token: str, now: datetime) -> Right | None:
    """What it is worth; None: nothing."""
    body, _, seal = token.partition(".")
    if len(token) > LONGEST or not same(seal, keyed(key, LABEL, body)):
        return None
    client, allowed, until = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return Right(client, scopes.read(allowed), until) if now.timestamp() < until else None
