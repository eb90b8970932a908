"""What comes back from a provider on the way through a sign-in, read and judged: a pushed request,
the browser's query, the tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from venterom.web.identity.errors import ProviderUnreachable, SignInCancelled, SignInRefused
from venterom.web.identity.metadata import Metadata

CANCELLED = frozenset({"access_denied", "login_required", "interaction_required"})
REQUEST_URI_LENGTH = 512  # characters; it goes into an address
ACCESS_TOKEN_LENGTH = 16 * 1024  # characters; more does not fit into a header


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was given for. The access token opens nothing but the provider's own userinfo."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)  # empty, if there is none that we may use


def read_request_uri(status: int, body: Mapping[str, object]) -> str:
    """The name of a request that was pushed (RFC 9126 section 2.2). Raises ProviderUnreachable."""
    name = body.get("request_uri")
    if status not in (200, 201) or not isinstance(name, str) or not _fits(name, REQUEST_URI_LENGTH):
        raise ProviderUnreachable
    return name


def read_answer(answer: Mapping[str, str], metadata: Metadata) -> str:
    """The code in the provider's answer, if the answer is this provider's (RFC 9207).

    Raises SignInRefused, SignInCancelled.
    """
    named = answer.get("iss", "" if metadata.names_itself else metadata.issuer)
    if named != metadata.issuer:
        raise SignInRefused("issuer")
    if answer.get("error") in CANCELLED:
        raise SignInCancelled
    if "error" in answer or not answer.get("code"):
        raise SignInRefused("no_code")
    return answer["code"]


def read_tokens(status: int, body: Mapping[str, object], *, bound: bool) -> Tokens:
    """The tokens for a code. `bound`: the access token must be of no use without our key, so a
    provider that pays no heed to our proof is refused. Raises SignInRefused."""
    token, access, kind = (body.get(name) for name in ("id_token", "access_token", "token_type"))
    if status != 200 or not isinstance(token, str):
        raise SignInRefused("no_token")
    wanted = "dpop" if bound else "bearer"
    if not isinstance(kind, str) or kind.lower() != wanted:
        raise SignInRefused("token_type")
    usable = isinstance(access, str) and _fits(access, ACCESS_TOKEN_LENGTH)
    return Tokens(token, str(access) if usable else "")


def _fits(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isascii() and text.isprintable() and " " not in text
