"""What an OpenID provider publishes about itself, as far as we use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from venterom.web.identity.browser import is_trustworthy
from venterom.web.identity.errors import ProviderUnreachable

MUST = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
MAY = ("pushed_authorization_request_endpoint", "userinfo_endpoint", "end_session_endpoint")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The addresses of a provider (empty: it has none), and whether its answers name it
    (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    pushed_authorization_request_endpoint: str = ""
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    names_itself: bool = False


def read_metadata(document: Mapping[str, object], issuer: str) -> Metadata:
    """The part that is used here. Raises ProviderUnreachable when it is not this issuer's."""
    values = {name: str(document.get(name, "")) for name in MUST}
    more = {name: str(document[name]) for name in MAY if name in document}
    if values["issuer"] != issuer or not all(map(is_trustworthy, (values | more).values())):
        raise ProviderUnreachable
    # Our own policy (form-action) lets nobody be sent elsewhere by signing out.
    if _origin(more.get("end_session_endpoint", "")) != _origin(issuer):
        more.pop("end_session_endpoint", None)
    names_itself = document.get("authorization_response_iss_parameter_supported") is True
    return Metadata(**values, **more, names_itself=names_itself)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
