"""What a client may be let do."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """One right. What stands in a request for a token, and in the register of clients."""

    ELIGIBILITY = "eligibility"  # ask whether a policy covers somebody
    POLICIES = "policies"  # tell us of policies


def read(text: str) -> frozenset[Scope]:
    """The rights that are named here, apart by spaces. Raises ValueError for a name unknown."""
    return frozenset(Scope(name) for name in text.split())


def write(scopes: Iterable[Scope]) -> str:
    """The same as text, in one order."""
    return " ".join(sorted(scopes))


def granted(asked: str, may: frozenset[Scope]) -> frozenset[Scope] | None:
    """What a token is for: what was asked, or all; None if that is more than the client may."""
    try:
        wanted = read(asked) or may
    except ValueError:
        return None
    return wanted if wanted <= may else None
