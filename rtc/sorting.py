"""What a datagram claims to be, by its first byte (RFC 7983). One port carries all of it."""

from enum import Enum
from typing import Final


class Kind(Enum):
    """What may come on the port of a media worker."""

    CHECK = "check"  # STUN: whether we can be reached, and whether the sender knows the password
    HANDSHAKE = "handshake"  # DTLS: who somebody is, the keys, and the farewell
    MEDIA = "media"  # SRTP and SRTCP


# As names of the module, since every datagram is compared with them.
CHECK, MEDIA = Kind.CHECK, Kind.MEDIA


def _kind(first: int) -> Kind | None:
    if first < 4:
        return Kind.CHECK
    if 19 < first < 64:
        return Kind.HANDSHAKE
    return Kind.MEDIA if 127 < first < 192 else None


# By first byte; None is what nobody of ours sends. A table, since every datagram is looked up here.
KINDS: Final[tuple[Kind | None, ...]] = tuple(_kind(first) for first in range(256))
