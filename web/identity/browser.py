"""What we trust a browser with: which cookies it keeps, and where it may be sent back to."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from venterom.web.identity.errors import InsecureAddress
from venterom.web.identity.roles import Door

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# No query, no dots, no backslash, no second slash in front: nothing that leads to another host.
PATH = re.compile(r"/(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*/?)?")
PATH_LENGTH = 200
HOME = "/"


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie's name and whether it needs https. The rest is the same for all of ours."""

    name: str
    secure: bool
    path: str = "/"
    httponly: bool = True
    samesite: str = "Lax"  # Strict would lose it on the way back from the identity provider


def session_cookie(public_url: str, door: Door = Door.PATIENT) -> Cookie:
    """The cookie of a signed-in person: one for each door, so that a doctor may be ill as well."""
    return _cookie(public_url, "sid" if door is Door.PATIENT else f"sid-{door}")


def sign_in_cookie(public_url: str) -> Cookie:
    """The short-lived cookie that ties a sign-in to the browser that began it."""
    return _cookie(public_url, "signin")


def guest_cookie(public_url: str) -> Cookie:
    """The cookie of somebody who was asked into a call, in place of a sign-in."""
    return _cookie(public_url, "guest")


def language_cookie(public_url: str) -> Cookie:
    """The cookie that keeps the language somebody has chosen."""
    return _cookie(public_url, "lang")


def link_cookie(public_url: str) -> Cookie:
    """The cookie that holds a link's secret while its owner signs in."""
    return _cookie(public_url, "link")


def safe_path(text: str) -> str:
    """A path of ours to go back to; the front page instead of anything doubtful."""
    return text if len(text) <= PATH_LENGTH and PATH.fullmatch(text) else HOME


def is_trustworthy(url: str) -> bool:
    """Whether secrets may travel to this address: https, or this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def _cookie(public_url: str, name: str) -> Cookie:
    """Raises InsecureAddress for http to anywhere but this machine."""
    if not is_trustworthy(public_url):
        raise InsecureAddress
    secure = urlsplit(public_url).scheme == "https"
    return Cookie(f"__Host-{name}" if secure else name, secure)
