"""The engine to compare with: the same rooms on stock aiortc connections, hooked so that nothing is
decoded. Started by bench/media.py; not fit for strangers."""

import argparse
import asyncio
from typing import Any

import aioice.ice
from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from venterom.rtc.offer import Offer
from venterom.rtc.reports import Counters
from venterom.rtc.streams import Slots, slots, tracks
from venterom.rtc.transport import Listener
from venterom.rtc.worker import READY, build, loop_factory, until_parent_gone


class Stock:
    """One connection, with aiortc's media engine switched off."""

    def __init__(self, offer: Offer, listener: Listener) -> None:
        self._offer = offer
        self._listener = listener
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.heard = 0.0
        self.slots: Slots = [{}]

    async def answer(self) -> str:
        """The SDP answer."""
        await self._connection.setRemoteDescription(
            RTCSessionDescription(self._offer.text(), "offer")
        )
        transceivers = self._connection.getTransceivers()
        for transceiver in transceivers:
            transceiver.direction = "sendrecv"
            _switch_off(transceiver)
        outgoing = [(each.sender._ssrc, each.sender._rtx_ssrc) for each in transceivers]
        self.slots = slots(tracks(self._offer, outgoing))
        self._hook(transceivers[0].receiver.transport)
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        return self._connection.localDescription.sdp

    def _hook(self, dtls: Any) -> None:
        self._dtls = dtls
        dtls._handle_rtp_data = self._on_rtp
        dtls._handle_rtcp_data = self._on_rtcp
        self._connection.on("connectionstatechange", self._on_state)

    def send_rtp(self, packet: bytes | bytearray, head: bytes | bytearray = b"") -> None:
        """Send a plain RTP packet, with these for its first bytes."""
        self._send(self._dtls._tx_srtp.protect(bytes(head) + bytes(packet[len(head) :])))

    def send_rtcp(self, packet: bytes | bytearray) -> None:
        """Send a plain RTCP packet."""
        self._send(self._dtls._tx_srtp.protect_rtcp(bytes(packet)))

    def begin_closing(self) -> None:
        """The process ends soon."""

    async def close(self) -> None:
        """See begin_closing."""

    async def _on_rtp(self, data: bytes, arrival_time_ms: int) -> None:
        self._listener.rtp(data)

    async def _on_rtcp(self, data: bytes) -> None:
        self._listener.rtcp(data)

    def _on_state(self) -> None:
        if self._connection.connectionState == "connected":
            self._listener.state("connected")

    def _send(self, sealed: bytes) -> None:
        pair = self._dtls.transport._connection._nominated[1]
        pair.protocol.transport.sendto(sealed, pair.remote_addr)


def _switch_off(transceiver: RTCRtpTransceiver) -> None:
    async def nothing(parameters: object) -> None:
        pass

    for thing, name in ((transceiver.receiver, "receive"), (transceiver.sender, "send")):
        setattr(thing, name, nothing)
    transceiver.receiver.transport._set_role("server")


async def run(socket: str, address: str) -> None:
    """Serve until standard input ends."""

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return [address]

    aioice.ice.get_host_addresses = addresses
    runner = web.AppRunner(build(Counters(int), Stock), access_log=None)
    await runner.setup()
    await web.UnixSite(runner, socket).start()
    print(READY, flush=True)
    stop = asyncio.Event()
    await until_parent_gone(stop)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--address", required=True)
    arguments = parser.parse_args()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(arguments.socket, arguments.address))


if __name__ == "__main__":
    main()
