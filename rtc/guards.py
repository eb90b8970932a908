"""Wrappers around stock aiortc and aioice that keep one bad datagram from ending a call.

They touch private names, so the versions are pinned and `check()` compares names and parameters
at start. Each wrapper names the fault (W1 ...) that it closes; the list is in the design library's
page on failures, 5.3. Two faults need no wrapper here: no decoder is ever started (W8), and every
packet that names a new SSRC is refused before it is decrypted (W7), both in transport.py.
"""

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from importlib.metadata import version
from typing import Any

import aioice.ice
import aiortc.sdp
from aiortc import RTCCertificate, RTCPeerConnection, rtcdtlstransport, rtcicetransport
from aiortc.rtcdtlstransport import RTCDtlsTransport, RtpRouter
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender

from venterom.rtc.errors import BadOffer, UnknownStack
from venterom.rtc.limits import Strangers
from venterom.rtc.offer import MAX_CHARACTERS, MAX_SSRCS

PINNED = {"aiortc": "1.16.0", "aioice": "0.13.0", "pylibsrtp": "1.0.0"}
STUN_A_SECOND = 50  # from a source that has not shown that it knows the password (W4)
STRANGERS = 256  # such sources listened to in one second
CLOSE_WITHIN = 5.0  # seconds; stock close() can hang for ever (W7)
# ECDHE-ECDSA with AES-GCM only; browsers must have the first one (RFC 8827 6.5)
CIPHERS = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"

# Every private name that we call, replace or read, with its parameters.
NAMES: tuple[tuple[Any, str, str], ...] = (
    (aioice.ice, "get_host_addresses", "use_ipv4 use_ipv6"),
    (aioice.ice.StunProtocol, "datagram_received", "self data addr"),
    (aioice.ice.Connection, "add_remote_candidate", "self remote_candidate"),
    (aioice.ice.Connection, "respond_error", "self request addr protocol error_code"),
    (aioice.ice.Connection, "data_received", "self data component"),
    (aioice.ice.Connection, "check_incoming", "self message addr protocol"),
    (aiortc.sdp.SessionDescription, "parse", "sdp"),
    (RTCCertificate, "_create_ssl_context", "self srtp_profiles"),
    (RtpRouter, "route_rtp", "self packet"),
    (RTCDtlsTransport, "_handle_rtp_data", "self data arrival_time_ms"),
    (RTCDtlsTransport, "_handle_rtcp_data", "self data"),
    (RTCDtlsTransport, "_set_role", "self role"),
    (RTCRtpReceiver, "receive", "self parameters"),
    (RTCRtpSender, "send", "self parameters"),
)
# Attributes that exist only on instances.
ICE_ATTRIBUTES = ("_check_list", "_nominated", "_queue", "_remote_candidates_end")
DTLS_ATTRIBUTES = ("_tx_srtp", "_rx_srtp", "_role", "_transport")


def check() -> None:
    """Refuse to start on a surprise. Needs a running event loop. Raises UnknownStack."""
    if not __debug__:
        raise UnknownStack("aiortc checks SDP with assert, which python -O leaves out")
    surprises = [*_other_versions(), *_other_names(), *_other_attributes()]
    if surprises:
        raise UnknownStack(", ".join(surprises))


def _other_versions() -> Iterator[str]:
    for name, pinned in PINNED.items():
        if version(name) != pinned:
            yield f"{name} {version(name)}"


def _other_names() -> Iterator[str]:
    for owner, name, parameters in NAMES:
        # What is only inherited is not what we wrap.
        found = getattr(owner, name) if name in vars(owner) else None
        if found is None or " ".join(inspect.signature(found).parameters) != parameters:
            yield f"{owner.__name__}.{name}"


def _other_attributes() -> Iterator[str]:
    ice = rtcicetransport.RTCIceTransport(rtcicetransport.RTCIceGatherer(iceServers=[]))
    dtls = RTCDtlsTransport(ice, [RTCCertificate.generateCertificate()])
    for thing, names in ((ice._connection, ICE_ATTRIBUTES), (dtls, DTLS_ATTRIBUTES)):
        yield from (f"{type(thing).__name__}.{name}" for name in names if not hasattr(thing, name))


def use_addresses(addresses: Sequence[str]) -> None:
    """Bind these addresses and no others, in this process (W14). An IPv6 address has a colon."""

    def get_host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return [each for each in addresses if (use_ipv6 if ":" in each else use_ipv4)]

    aioice.ice.get_host_addresses = get_host_addresses


async def close(connection: RTCPeerConnection) -> bool:
    """Close a connection, in bounded time. Says whether it closed by itself."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN):
            await connection.close()
    except TimeoutError:
        return False
    return True


@contextmanager
def guarded(counters: Counter[str]) -> Generator[None]:
    """Everything in this process is guarded while the context lasts; what is refused is counted,
    and never logged: a log line for each packet would itself be an attack (W3)."""
    originals = [(owner, name, inspect.getattr_static(owner, name)) for owner, name, _ in NAMES]
    try:
        for owner, name, wrapper in _wrappers(counters):
            setattr(owner, name, wrapper)
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _wrappers(counters: Counter[str]) -> Iterator[tuple[Any, str, Any]]:
    ice = aioice.ice.Connection
    yield aioice.ice.StunProtocol, "datagram_received", _datagram_received(counters)
    yield ice, "add_remote_candidate", _no_candidates(counters)
    yield ice, "respond_error", _respond_error(counters)
    yield RTCCertificate, "_create_ssl_context", _strong_ciphers()
    yield RtpRouter, "route_rtp", _route_rtp(counters)
    for name in ("_handle_rtp_data", "_handle_rtcp_data"):
        yield RTCDtlsTransport, name, _swallow(getattr(RTCDtlsTransport, name), counters)
    yield aiortc.sdp.SessionDescription, "parse", staticmethod(_parse())


def _datagram_received(counters: Counter[str]) -> Callable[..., None]:
    """W1, W2, W3, W4: what is not STUN is taken only from an address that has proved itself."""
    original = aioice.ice.StunProtocol.datagram_received
    strangers = Strangers(STUN_A_SECOND, STRANGERS)
    clock = asyncio.get_running_loop().time

    @wraps(original)
    def datagram_received(self: aioice.ice.StunProtocol, data: bytes, addr: Any) -> None:
        try:
            source = (addr[0], addr[1])
            if not data:
                counters["empty"] += 1
            elif is_proved(self, source):
                if data[0] < 4:
                    original(self, data, addr)
                else:  # never STUN (RFC 7983), so there is nothing to try
                    self.receiver.data_received(data, self.local_candidate.component)
            elif is_check(self, data) and strangers.allow(source, clock()):
                original(self, data, addr)
            else:
                counters["stranger"] += 1
        except Exception:
            counters["datagram_failed"] += 1

    return datagram_received


def is_check(protocol: aioice.ice.StunProtocol, data: bytes) -> bool:
    """Whether a datagram claims to be STUN (RFC 7983, RFC 8489 5) for this very connection.

    It has to name our user, whom only those know who have our answer. So a crowd that does not
    fills no table in which somebody who is invited would then find no room.
    """
    user = protocol.receiver.local_username.encode() + b":"
    return len(data) >= 20 and data[0] < 4 and data[4:8] == b"\x21\x12\xa4\x42" and user in data


def is_proved(protocol: aioice.ice.StunProtocol, source: tuple[str, int]) -> bool:
    """Whether a check with the right password came from this address.

    Candidates from an SDP are never taken, so each pair in the list stems from such a check.
    """
    connection = protocol.receiver
    nominated = connection._nominated.get(1)
    if nominated and nominated.protocol is protocol and nominated.remote_addr == source:
        return True
    return any(
        pair.protocol is protocol and pair.remote_addr == source for pair in connection._check_list
    )


def _no_candidates(counters: Counter[str]) -> Callable[..., Any]:
    """W5: no address is contacted because an SDP names it. The end mark is ignored too, so that
    ICE goes on waiting for the browser's checks."""

    async def add_remote_candidate(self: aioice.ice.Connection, remote_candidate: Any) -> None:
        counters["candidate_ignored"] += remote_candidate is not None

    return add_remote_candidate


def _respond_error(counters: Counter[str]) -> Callable[..., None]:
    """W4: who does not know the password gets no answer, so we reflect nothing."""
    original = aioice.ice.Connection.respond_error

    def respond_error(
        self: aioice.ice.Connection,
        request: aioice.stun.Message,
        addr: tuple[str, int],
        protocol: aioice.ice.StunProtocol,
        error_code: tuple[int, str],
    ) -> None:
        if error_code[0] in (400, 401):
            counters["stun_refused"] += 1
        else:
            original(self, request, addr, protocol, error_code)

    return respond_error


def _strong_ciphers() -> Callable[..., Any]:
    original = RTCCertificate._create_ssl_context

    def create_ssl_context(
        self: RTCCertificate, srtp_profiles: list[rtcdtlstransport.SRTPProtectionProfile]
    ) -> Any:
        context = original(self, srtp_profiles)
        context.set_cipher_list(CIPHERS)
        return context

    return create_ssl_context


def _route_rtp(counters: Counter[str]) -> Callable[..., Any]:
    """W7: no new SSRC after the sixteenth."""
    original = RtpRouter.route_rtp

    def route_rtp(self: RtpRouter, packet: Any) -> Any:
        if packet.ssrc not in self.ssrc_table and len(self.ssrc_table) >= MAX_SSRCS:
            counters["ssrc_refused"] += 1
            return None
        return original(self, packet)

    return route_rtp


def _swallow(original: Callable[..., Any], counters: Counter[str]) -> Callable[..., Any]:
    """W6: a malformed packet of a member is counted; only a lost connection may end the loop."""

    @wraps(original)
    async def handle(*arguments: Any, **named: Any) -> None:
        try:
            await original(*arguments, **named)
        except ConnectionError:
            raise
        except Exception:
            counters["packet_failed"] += 1

    return handle


def _parse() -> Callable[[str], Any]:
    """W12: a limit before the parser, and one exception type out of it."""
    original = aiortc.sdp.SessionDescription.parse

    def parse(sdp: str) -> Any:
        if len(sdp) > MAX_CHARACTERS:
            raise BadOffer
        try:
            return original(sdp)
        except Exception:
            raise BadOffer from None

    return parse
