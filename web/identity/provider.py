"""An OpenID provider, what we are to it, and what we demand of it."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from venterom.journal import jws
from venterom.web.identity.browser import is_trustworthy
from venterom.web.identity.claims import ClaimNames
from venterom.web.identity.roles import Door


@dataclass(frozen=True, slots=True)
class Provider:
    """For one door. What is left out is as a plain provider has it."""

    door: Door
    issuer: str
    client_id: str
    redirect_uri: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)  # shows who we are
    levels: tuple[str, ...]  # accepted values of the level's claim, best first
    synthetic: bool  # whether this installation is for invented people
    asked: tuple[str, ...] = ()  # `acr_values`; empty: the levels
    scopes: tuple[str, ...] = ("openid", "profile")
    algorithms: tuple[str, ...] = ("ES256",)
    names: ClaimNames = ClaimNames()
    hints: tuple[tuple[str, str], ...] = ()  # e.g. login_hint=BID: BankID with a code
    pushed: bool = False  # a provider that takes no pushed request is refused
    userinfo: bool = False  # the number stands in the signed userinfo
    # The key that access tokens are bound to (DPoP), which does nothing else; None: unbound ones.
    bound_to: ec.EllipticCurvePrivateKey | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError for what would make signing in unsafe."""
        if not is_trustworthy(self.issuer) or not is_trustworthy(self.redirect_uri):
            raise ValueError("signing in needs https, or this very machine")
        if not self.levels:
            raise ValueError("a provider without a level to demand proves nothing")
        if not self.algorithms or not set(self.algorithms) <= set(jws.ALGORITHMS):
            raise ValueError("signing in needs algorithms that are asymmetric")
        if self.bound_to == self.key:
            raise ValueError("signing in needs a key of its own for each use")

    @property
    def kid(self) -> str:
        """The name of our key: its thumbprint (RFC 7638)."""
        return jws.thumbprint(self.key.public_key())

    @property
    def binding(self) -> dict[str, str]:
        """What an authorisation request says of the key that its code is bound to (RFC 9449
        section 10)."""
        key = self.bound_to
        return {} if key is None else {"dpop_jkt": jws.thumbprint(key.public_key())}
