"""The providers we know by name: what each calls things, and what is demanded of it.

Every value can be set otherwise in the settings (docs/identity.md). They were taken from the
providers' own pages in November 2026, and none of them has been met in production yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from venterom.web.identity.claims import ClaimNames

BOTH = ("ES256", "RS256")  # asymmetric, and each key is of one kind: neither passes for the other


@dataclass(frozen=True, slots=True)
class Kind:
    """How one provider is spoken to."""

    scopes: tuple[str, ...]
    levels: tuple[str, ...]  # what the answer must say, best first
    names: ClaimNames
    asked: tuple[str, ...] = ()  # `acr_values`; empty: the levels
    algorithms: tuple[str, ...] = BOTH
    hints: tuple[tuple[str, str], ...] = ()  # more of the request
    pushed: bool = False  # a provider that takes no pushed request is refused
    dpop: bool = False
    userinfo: bool = False  # the number stands in the signed userinfo


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "plain": Kind(("openid", "profile"), (), ClaimNames(), algorithms=("ES256",)),
        # BIS, the other hint, is substantial: a fingerprint on a telephone.
        "bankid": Kind(
            ("openid", "profile", "nnin_altsub"),
            ("urn:bankid:bid;LOA=4",),
            ClaimNames(number="nnin_altsub"),
            hints=(("login_hint", "BID"),),
            userinfo=True,
        ),
        "signicat": Kind(
            ("openid", "profile", "nin", "nbid-extra"),
            ("urn:bankid:bid;LOA=4",),
            ClaimNames(number="nin", level="nbid_acr"),
            asked=("idp:nbid",),
        ),
        "criipto": Kind(
            ("openid", "ssn"),
            ("urn:grn:authn:no:bankid:high",),
            ClaimNames(number="socialno"),
        ),
        # BankID, Buypass, Commfides and ID-porten behind one door, for health personnel.
        "helseid": Kind(
            (
                "openid",
                "profile",
                "helseid://scopes/identity/pid",
                "helseid://scopes/identity/security_level",
                "helseid://scopes/hpr/hpr_number",
            ),
            ("4",),
            ClaimNames(
                number="helseid://claims/identity/pid",
                level="helseid://claims/identity/security_level",
            ),
            asked=("Level4",),
            algorithms=("RS256",),
            pushed=True,
            dpop=True,
        ),
    }
)
