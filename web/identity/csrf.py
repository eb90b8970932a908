"""Tokens that a page of ours carries, and a page of somebody else's cannot know."""

import hashlib
import hmac
from datetime import date

from venterom.web.identity.proofs import base64url, same

# Keeps these tokens apart from each other, and from whatever else the key signs.
PURPOSE = b"csrf1"
DRAWER = b"drawer1"


def token(key: bytes, session: str) -> str:
    """The token of one session."""
    return base64url(hmac.digest(key, PURPOSE + session.encode("utf-8"), hashlib.sha256))


def fits(key: bytes, session: str, shown: str) -> bool:
    """Whether the form was made for this session."""
    return same(shown, token(key, session))


def drawer_token(key: bytes, person: str, path: str, day: date) -> str:
    """Under which a browser keeps what was typed on one page: the same for one person all day, over
    a new sign-in too, and for nobody else."""
    whose = "\n".join((person, path, day.isoformat()))
    return base64url(hmac.digest(key, DRAWER + whose.encode("utf-8"), hashlib.sha256))
