"""One browser's connection on stock aiortc: ICE, DTLS and SRTP, with its media engine switched off.

Packets come out decrypted and go in plain; nothing is ever decoded or encoded. A faster transport
may take this one's place: what others use of it is `answer`, `tracks`, `send_rtp`, `send_rtcp`,
`heard` and `close`, and the three callbacks of `Listener`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.codecs import CODECS, HEADER_EXTENSIONS
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecCapability,
    RTCRtpHeaderExtensionParameters,
)

from venterom.rtc import guards
from venterom.rtc.offer import TRANSPORT_CC, Offer
from venterom.rtc.sieve import Sieve
from venterom.rtc.streams import Track, tracks

CONNECT_WITHIN = 15.0  # seconds for ICE and DTLS; at 20 % loss 95 of 100 need less than 5
MOST_WAITING = 512  # datagrams not yet decrypted; more means that the loop cannot keep up
MIMES = ("audio/opus", "video/vp8", "video/rtx")
# Opus carries each frame once more, at low rate, in the next packet: heals single losses.
OPUS_PARAMETERS: dict[str, int | str | None] = {"minptime": 10, "useinbandfec": 1}


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told. The callbacks may raise: that is counted, and hurts this packet only."""

    rtp: Callable[[bytes], None]
    rtcp: Callable[[bytes], None]
    state: Callable[[str], None]  # "connected" once, "closed" once


def extend_tables() -> None:
    """Let this process negotiate transport-wide feedback, which aiortc passes but never makes."""
    for kind, ids in HEADER_EXTENSIONS.items():
        if all(each.uri != TRANSPORT_CC for each in ids):
            ids.append(RTCRtpHeaderExtensionParameters(id=4, uri=TRANSPORT_CC))
        for codec in CODECS[kind]:
            if codec.mimeType.lower() in MIMES[:2] and codec.rtcpFeedback.count(_FEEDBACK) == 0:
                codec.rtcpFeedback.append(_FEEDBACK)
            if codec.mimeType.lower() == MIMES[0]:
                codec.parameters = OPUS_PARAMETERS


_FEEDBACK = RTCRtcpFeedback(type="transport-cc")


class Transport:
    """One connection, from offer to close."""

    def __init__(self, offer: Offer, listener: Listener, counters: Counter[str]) -> None:
        self._clock = asyncio.get_running_loop().time
        self._counters = counters
        self._listener = listener
        self._offer = offer
        self._connection = RTCPeerConnection(
            # No server is asked about our address: the default would be a foreign one (W13).
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._answering = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        ssrcs = {ssrc for section in offer.sections for ssrc in section.ssrcs}
        self._sieve = Sieve(ssrcs, self._clock())
        self.heard = self._clock()  # when the last packet came that proved itself
        self.tracks: dict[str, Track] = {}

    async def answer(self) -> str:
        """The SDP answer. Raises what aiortc raises; then the caller closes this transport."""
        async with self._answering:
            await self._answer()
        if self._closing is None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(CONNECT_WITHIN, self._check_connected)
        return self._connection.localDescription.sdp

    async def _answer(self) -> None:
        connection = self._connection
        for section in self._offer.sections:
            transceiver = connection.addTransceiver(section.kind)
            transceiver.setCodecPreferences(_preferred(section.kind))
        await connection.setRemoteDescription(RTCSessionDescription(self._offer.text(), "offer"))
        transceivers = connection.getTransceivers()
        for transceiver in transceivers:
            _switch_off(transceiver)
        self.tracks = tracks(self._offer, {each.kind: _outgoing(each) for each in transceivers})
        self._hook(transceivers[0].receiver.transport)
        await connection.setLocalDescription(await connection.createAnswer())

    def send_rtp(self, packet: bytes) -> None:
        """Send a plain RTP packet; silently nothing when the way is not open."""
        if self._dtls._tx_srtp is not None:
            self._send(self._dtls._tx_srtp.protect, packet)

    def send_rtcp(self, packet: bytes) -> None:
        """Send a plain RTCP packet; silently nothing when the way is not open."""
        if self._dtls._tx_srtp is not None:
            self._send(self._dtls._tx_srtp.protect_rtcp, packet)

    async def close(self) -> None:
        """Close, in bounded time. May be called again."""
        await asyncio.shield(self.begin_closing())

    # ---- hooks into aiortc's objects

    def _hook(self, dtls: Any) -> None:
        """Take the decrypted packets before aiortc parses them, and sort datagrams before that."""
        self._dtls = dtls
        self._ice = dtls.transport._connection
        dtls._handle_rtp_data = self._on_rtp
        dtls._handle_rtcp_data = self._on_rtcp
        self._take = self._ice.data_received
        self._ice.data_received = self._on_datagram
        self._check = self._ice.check_incoming
        self._ice.check_incoming = self._on_check
        self._connection.on("connectionstatechange", self._on_state)

    def _on_datagram(self, data: bytes, component: int) -> None:
        """From a proved address: refuse what we need not decrypt to refuse."""
        full = self._ice._queue.qsize() >= MOST_WAITING
        refusal = "queue_full" if full else self._sieve.refusal(data, self._clock())
        if refusal:
            self._counters[refusal] += 1
        else:
            self._take(data, component)

    def _on_check(self, *arguments: Any) -> None:
        self.heard = self._clock()  # aioice has checked the password
        self._check(*arguments)

    async def _on_rtp(self, data: bytes, arrival_time_ms: int) -> None:
        self._pass(self._listener.rtp, data, "rtp_in")

    async def _on_rtcp(self, data: bytes) -> None:
        self._pass(self._report, data, "rtcp_in")

    def _report(self, data: bytes) -> None:
        self._sieve.reported(data)
        self._listener.rtcp(data)

    def _pass(self, to: Callable[[bytes], None], data: bytes, name: str) -> None:
        # An exception that gets out of here ends aiortc's receiving loop, and the call with it.
        self.heard = self._clock()
        self._counters[name] += 1
        try:
            to(data)
        except Exception:
            self._counters[f"{name}_failed"] += 1

    def _send(self, protect: Callable[[bytes], bytes], packet: bytes) -> None:
        pair = self._ice._nominated.get(1)
        if pair is None:
            return
        try:
            pair.protocol.transport.sendto(protect(packet), pair.remote_addr)
        except Exception:
            self._counters["send_failed"] += 1

    # ---- states

    def _on_state(self) -> None:
        state = self._connection.connectionState
        if state == "connected" and self._closing is None:
            self._listener.state("connected")
        elif state in ("failed", "closed"):
            self.begin_closing()

    def _check_connected(self) -> None:
        if self._connection.connectionState != "connected":
            self._counters["connect_timeout"] += 1
            self.begin_closing()

    def begin_closing(self) -> asyncio.Task[None]:
        """Close without being waited for."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        return self._closing

    async def _close(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._listener.state("closed")
        async with self._answering:  # a connection closed while it binds would leave sockets open
            closed = await guards.close(self._connection)
        if not closed:
            self._counters["close_timeout"] += 1


def _preferred(kind: str) -> list[RTCRtpCodecCapability]:
    capabilities = RTCRtpSender.getCapabilities(kind).codecs
    return [codec for codec in capabilities if codec.mimeType.lower() in MIMES]


def _outgoing(transceiver: RTCRtpTransceiver) -> tuple[int, int]:
    return transceiver.sender._ssrc, transceiver.sender._rtx_ssrc


def _switch_off(transceiver: RTCRtpTransceiver) -> None:
    """No decoder thread, no encoder, no sender reports of aiortc's own; and we are DTLS server,
    so that the cipher is our choice (as client, Chromium chose AES-CM with SHA-1)."""

    async def nothing(parameters: object) -> None:
        pass

    for thing, name in ((transceiver.receiver, "receive"), (transceiver.sender, "send")):
        setattr(thing, name, nothing)
    transceiver.receiver.transport._set_role("server")
