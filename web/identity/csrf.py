"""A token that a form of ours carries, and a page of somebody else's cannot know."""

import hashlib
import hmac

from venterom.web.identity.proofs import base64url, same

PURPOSE = b"csrf1"  # keeps these tokens apart from whatever else the key signs


def token(key: bytes, session: str) -> str:
    """The token of one session."""
    return base64url(hmac.digest(key, PURPOSE + session.encode("utf-8"), hashlib.sha256))


def fits(key: bytes, session: str, shown: str) -> bool:
    """Whether the form was made for this session."""
    return same(shown, token(key, session))
