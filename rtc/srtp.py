"""SRTP of one connection: opened where a datagram was received, sealed where it is sent from.

libsrtp works in place; pylibsrtp's Session copies before and after, which costs as much again. Its
binding is a private name, so `fits()` tries it at start, and where it surprises Session is used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pylibsrtp
from pylibsrtp import Error, Policy

from venterom.rtc.outbox import Outbox

__all__ = ["Copying", "Error", "InPlace", "Keys", "Srtp", "fits"]

WINDOW = 1024  # packets back of which each is taken once: what is replayed is refused (W21)
_FUNCTIONS = ("srtp_protect", "srtp_protect_rtcp", "srtp_unprotect", "srtp_unprotect_rtcp")
_SIGNATURE = "srtp_err_status_t(*)(struct srtp_ctx_t_ *, void *, int *)"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a handshake has agreed on: a profile of libsrtp, and a key with its salt each way."""

    profile: int
    receive: bytes
    send: bytes


class InPlace:
    """By the binding itself: no copy but into and out of our own buffers."""

    def __init__(self, keys: Keys, received: bytearray, outbox: Outbox) -> None:
        ffi, lib = _binding()
        self._sessions = _sessions(keys)  # held, since they own what the pointers point to
        receive, send = (session._srtp[0] for session in self._sessions)
        self._receive, self._send = receive, send
        self._unprotect, self._unprotect_rtcp = lib.srtp_unprotect, lib.srtp_unprotect_rtcp
        self._protect, self._protect_rtcp = lib.srtp_protect, lib.srtp_protect_rtcp
        self._outbox, self._most = outbox, len(received)
        self._in_start = ffi.from_buffer("char[]", received)
        self._out_start = ffi.from_buffer("char[]", outbox.buffer)
        self._copied, self._copy = ffi.unpack, ffi.memmove
        self._length = ffi.new("int *")

    def open(self, length: int, *, is_report: bool) -> bytes:
        """The packet that lies sealed in these first bytes of the receiving buffer. Raises Error,
        and ValueError for what is too long."""
        if length > self._most:
            raise ValueError("more than the buffer holds")
        self._length[0] = length
        unprotect = self._unprotect_rtcp if is_report else self._unprotect
        if error := unprotect(self._receive, self._in_start, self._length):
            raise Error(pylibsrtp.ERRORS[error])
        packet: bytes = self._copied(self._in_start, self._length[0])
        return packet

    def seal(
        self, packet: bytes | bytearray, head: bytes | bytearray = b"", *, is_report: bool
    ) -> None:
        """Add a packet, with these for its first bytes, sealed, to the outbox. Raises as `open`."""
        outbox = self._outbox
        at, length = outbox.end, len(packet)
        if at + length > outbox.full_at or len(head) > length:
            raise ValueError("more than there is room for")
        place = self._out_start + at
        self._copy(place, packet, length)
        if head:
            self._copy(place, head, len(head))
        self._length[0] = length
        protect = self._protect_rtcp if is_report else self._protect
        if error := protect(self._send, place, self._length):
            raise Error(pylibsrtp.ERRORS[error])
        outbox.add(self._length[0])


class Copying:
    """By pylibsrtp's public Session."""

    def __init__(self, keys: Keys, received: bytearray, outbox: Outbox) -> None:
        self._receive, self._send = _sessions(keys)
        self._in, self._outbox = received, outbox

    def open(self, length: int, *, is_report: bool) -> bytes:
        """See InPlace."""
        unprotect = self._receive.unprotect_rtcp if is_report else self._receive.unprotect
        return bytes(unprotect(bytes(self._in[:length])))

    def seal(
        self, packet: bytes | bytearray, head: bytes | bytearray = b"", *, is_report: bool
    ) -> None:
        """See InPlace."""
        outbox = self._outbox
        if outbox.end + len(packet) > outbox.full_at:
            raise ValueError("more than the buffer holds")
        protect = self._send.protect_rtcp if is_report else self._send.protect
        sealed = protect(bytes(head) + bytes(packet[len(head) :]))
        outbox.buffer[outbox.end : outbox.end + len(sealed)] = sealed
        outbox.add(len(sealed))


# Both directions of one connection, in either way. Not a Protocol: compiled code knows the two of
# a union, and need not look for their methods.
Srtp = InPlace | Copying
Make = Callable[[Keys, bytearray, Outbox], Srtp]


def fits() -> bool:
    """Whether the binding has the functions that we know, and they agree with Session."""
    try:
        ffi, lib = _binding()
        known = all(ffi.typeof(getattr(lib, name)).cname == _SIGNATURE for name in _FUNCTIONS)
        return known and _agree()
    except Exception:  # whatever another release raises: it is another release
        return False


def _agree() -> bool:
    """Whether what one seals, the other opens, sound and reports alike."""
    keys = Keys(Policy.SRTP_PROFILE_AEAD_AES_256_GCM, bytes(44), bytes(44))
    packets = (b"\x80\x60" + bytes(40), False), (b"\x80\xc8\x00\x06" + bytes(24), True)
    for sealer, opener in ((InPlace, Copying), (Copying, InPlace)):
        wire = Outbox(256)
        one, other = sealer(keys, bytearray(256), wire), opener(keys, wire.buffer, Outbox(256))
        for packet, is_report in packets:
            one.seal(packet, is_report=is_report)
            length, _ = wire.end, [*wire.take()]
            if length == len(packet) or other.open(length, is_report=is_report) != packet:
                return False
    return True


def _binding() -> tuple[Any, Any]:
    return pylibsrtp.ffi, pylibsrtp.lib  # type: ignore[attr-defined]


def _sessions(keys: Keys) -> tuple[Any, Any]:
    return (
        _session(keys.profile, keys.receive, Policy.SSRC_ANY_INBOUND),
        _session(keys.profile, keys.send, Policy.SSRC_ANY_OUTBOUND),
    )


def _session(profile: int, key: bytes, streams: int) -> pylibsrtp.Session:
    policy = Policy(key=key, ssrc_type=streams, srtp_profile=profile)
    policy.allow_repeat_tx = True  # a packet that is sent again has the number that it had
    policy.window_size = WINDOW
    return pylibsrtp.Session(policy)
