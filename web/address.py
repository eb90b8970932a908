"""From which address somebody calls, and whose word is taken for it. Pure.

A proxy calls us for others and says for whom, in X-Forwarded-For. Only the proxies that a setting
names are believed; from anybody else that line is as good as made up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

FORWARDED = "X-Forwarded-For"
HOUSEHOLD = 64  # bits of an IPv6 address that one household or machine is given as a whole


@dataclass(frozen=True, slots=True)
class Proxies:
    """Those that are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def named(cls, names: Iterable[str]) -> "Proxies":
        """From addresses and networks as a setting writes them. Raises ValueError."""
        return cls(tuple(ip_network(name) for name in names))

    def include(self, address: str) -> bool:
        """Whether a proxy of ours calls from here."""
        found = _read(address)
        return found is not None and any(found in network for network in self.networks)

    def caller(self, peer: str, forwarded: Sequence[str]) -> str:
        """Who calls, as far as limits go: an IPv4 address, or the network of an IPv6 address.

        `forwarded` are the lines of the header. "" when a proxy does not say for whom it speaks:
        nobody then pays for what others do.
        """
        if not self.include(peer):
            return network_of(peer)
        for said in reversed([each.strip() for line in forwarded for each in line.split(",")]):
            if not self.include(said):
                return network_of(said)
        return ""


def network_of(address: str) -> str:
    """What counts as one caller; "" for what is no address."""
    found = _read(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, HOUSEHOLD), strict=False).network_address)
    return str(found) if found else ""


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
