"""Connectivity checks (RFC 8445 7, RFC 8489) as one that only answers them: ICE-lite.

Whoever does not know the password gets no answer, so that we reflect nothing (failures.md W4), and
no datagram makes anything here raise (W3).
"""

import ipaddress
from dataclasses import dataclass
from struct import Struct

from aioice import stun

COOKIE = b"\x21\x12\xa4\x42"
USERNAME = 6
MOST_USERNAME = 513  # bytes (RFC 8489 14.3)

_ATTRIBUTE = Struct("!HH")


@dataclass(frozen=True, slots=True)
class Check:
    """A check that proved itself."""

    transaction: bytes
    nominates: bool  # the browser has chosen this way


def user(data: bytes | bytearray) -> str | None:
    """Whom a check claims to be for: the first half of its user name. None if it is no check.

    Read without the parser, so that what names nobody costs next to nothing.
    """
    if len(data) < stun.HEADER_LENGTH or data[4:8] != COOKIE:
        return None
    at = stun.HEADER_LENGTH
    while at + 4 <= len(data):
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        if kind == USERNAME:
            name = bytes(data[at + 4 : at + 4 + min(length, MOST_USERNAME)])
            return name.split(b":", 1)[0].decode("ascii", "replace")
        at += 4 + length + stun.padding_length(length)
    return None


def read(data: bytes, username: str, password: str) -> Check | None:
    """The check, if it is a binding request from somebody who knows this password."""
    try:
        message = stun.parse_message(data)
    except Exception:  # struct.error and others, for a short attribute (W3)
        return None
    is_request = (message.message_method, message.message_class) == (
        stun.Method.BINDING,
        stun.Class.REQUEST,
    )
    if not is_request or message.attributes.get("USERNAME") != username:
        return None
    if not message.check_message_integrity(password.encode()):
        return None
    assert message.transaction_id is not None
    return Check(message.transaction_id, "USE-CANDIDATE" in message.attributes)


def answer(check: Check, host: str, port: int, password: str) -> bytes:
    """Yes, we can be reached, and this is where you come from."""
    message = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, check.transaction)
    message.attributes["XOR-MAPPED-ADDRESS"] = (plain(host), port)
    message.add_message_integrity(password.encode())
    return bytes(message)


def plain(host: str) -> str:
    """An address without a zone; an IPv4 address that is written as IPv6 counts as IPv4."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
