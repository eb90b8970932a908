"""One browser's connection: ICE-lite, DTLS as the server, SRTP, all on the worker's one port.

Packets come out decrypted and go in plain; nothing is ever decoded or encoded. What others use of
it is `answer`, `slots`, `send_rtp`, `send_rtcp`, `heard` and `close`, and the three callbacks of
`Listener`. The browser's fingerprint is checked before any key is used.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from venterom.rtc import answer, checks, rtp, srtp
from venterom.rtc.checks import Check
from venterom.rtc.door import Address
from venterom.rtc.errors import BadHandshake
from venterom.rtc.handshake import Handshake
from venterom.rtc.offer import Offer
from venterom.rtc.outbox import Outbox
from venterom.rtc.port import Port
from venterom.rtc.sieve import Sieve
from venterom.rtc.srtp import Srtp
from venterom.rtc.streams import slots, tracks

CONNECT_WITHIN = 15.0  # seconds for ICE and DTLS; at 20 % loss 95 of 100 need less than 5
HANDSHAKE_WITHIN = 10.0  # seconds of them for DTLS, once it has begun
USER_BYTES = 8  # of randomness; RFC 8839 5.4 asks for 24 bits, and strangers guess at ours
PASSWORD_BYTES = 16  # RFC 8839 5.4 asks for 128 bits


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told. The callbacks may raise: that is counted, and hurts this packet only."""

    rtp: Callable[[bytes], None]
    rtcp: Callable[[bytes], None]
    state: Callable[[str], None]  # "connected" once, "closed" once


def _ignore(_: object) -> None:
    """Nobody is told."""


NOBODY = Listener(_ignore, _ignore, _ignore)


class Transport:
    """One connection, from offer to close."""

    def __init__(self, offer: Offer, listener: Listener, port: Port) -> None:
        self._loop = asyncio.get_running_loop()
        self._offer = offer
        self._listener = listener
        self._port = port
        self._received = port.received
        self._counters = port.counters
        self._identity = port.identities.at(self._loop.time())
        self._dtls: Handshake | None = None
        self._srtp: Srtp | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._closed = False
        ssrcs = {ssrc for section in offer.sections for ssrc in section.ssrcs}
        self._sieve = Sieve(ssrcs, self._loop.time())
        self.user = secrets.token_hex(USER_BYTES)
        self._password = secrets.token_hex(PASSWORD_BYTES)
        self.outbox = Outbox()
        self.heard = self._loop.time()  # when the last packet came that proved itself
        self._tracks = tracks(offer, _own_streams(offer))
        self.slots = slots(self._tracks)

    async def answer(self) -> str:
        """The SDP answer; from now on the browser may come."""
        own = answer.Own(
            self.user, self._password, self._identity.fingerprint, self._port.addresses
        )
        text = answer.write(self._offer, own, self._tracks)
        if not self._closed:
            self._port.book.enter(self.user, self)
            self._expect(CONNECT_WITHIN)
        return text

    def send_rtp(self, packet: bytes | bytearray, head: bytes | bytearray = b"") -> None:
        """Send a plain RTP packet, with these for its first bytes; silently nothing when the way is
        not open."""
        self._send(packet, head, is_report=False)

    def send_rtcp(self, packet: bytes | bytearray) -> None:
        """Send a plain RTCP packet; silently nothing when the way is not open."""
        self._send(packet, b"", is_report=True)

    async def close(self) -> None:
        """Close. May be called again."""
        self.begin_closing()

    def begin_closing(self) -> None:
        """Say farewell, and be a stranger from now on."""
        if self._closed:
            return
        self._closed = True
        for timer in (self._timer, self._deadline):
            if timer:
                timer.cancel()
        self._timer = self._deadline = None
        if self._dtls:
            self._dtls.farewell()
        self._srtp = None
        self._port.book.forget(self.user)
        self._listener.state("closed")
        self._listener = NOBODY  # who was told knows us: we would wait for the collector

    # ---- what the port has for us

    def may_check(self, now: float) -> bool:
        """Whether one more check of his is read."""
        return not self._sieve.check(now)

    def checked(self, data: bytes, now: float) -> Check | None:
        """The check, if it names both of us and knows our password."""
        return checks.read(data, f"{self.user}:{self._offer.ufrag}", self._password)

    def reached(self, check: Check, address: Address, now: float) -> bytes:
        """The answer to a check that was taken."""
        self.heard = now
        return checks.answer(check, address[0], address[1], self._password)

    def handshake(self, data: bytes, now: float) -> None:
        """A DTLS datagram."""
        if refusal := self._sieve.handshake(len(data), now):
            self._counters[refusal] += 1
            return
        if self._dtls is None:
            self._dtls = Handshake(self._identity, partial(self._port.send, self.user))
            self._expect(HANDSHAKE_WITHIN)
        self._dtls.take(data)
        self._go_on(self._dtls)

    def media(self, length: int, now: float) -> None:
        """An SRTP or SRTCP packet, in the port's buffer."""
        if self._srtp is None:
            self._counters["too_early"] += 1
            return
        received, sieve = self._received, self._sieve
        is_report = rtp.is_rtcp(received)
        refusal = (
            sieve.report(received, length, now) if is_report else sieve.media(received, length, now)
        )
        if refusal:
            self._counters[refusal] += 1
            return
        try:
            packet = self._srtp.open(length, is_report=is_report)
        except srtp.Error:
            self._counters["srtp_refused"] += 1
            return
        self.heard = now
        if self._timer:
            self._settle(self._timer)
        kind = "rtcp_in" if is_report else "rtp_in"
        self._counters[kind] += 1
        try:
            if is_report:
                self._report(packet)
            else:
                self._listener.rtp(packet)
        except Exception:  # a member's malformed packet hurts nobody
            self._counters[f"{kind}_failed"] += 1

    def lapse(self) -> None:
        """Nobody has asked for our packets for too long; a connection ends, it does not resume."""
        self.begin_closing()

    # ---- how

    def _report(self, packet: bytes) -> None:
        self._sieve.reported(packet)
        self._listener.rtcp(packet)

    def _send(self, packet: bytes | bytearray, head: bytes | bytearray, *, is_report: bool) -> None:
        if self._srtp is None:
            return
        outbox = self.outbox
        if outbox.end + len(packet) > outbox.full_at:
            self._port.empty(self)
        was_empty = not outbox.end
        try:
            self._srtp.seal(packet, head, is_report=is_report)
        except (srtp.Error, ValueError):
            self._counters["send_failed"] += 1
            return
        if was_empty:
            self._port.post(self)

    def _go_on(self, dtls: Handshake) -> None:
        if dtls.over:
            self._counters["handshake_failed"] += not dtls.done
            self.begin_closing()
        elif dtls.done and self._srtp is None:
            self._secure(dtls)
        if not self._closed:
            self._arm(dtls)

    def _secure(self, dtls: Handshake) -> None:
        try:
            keys = dtls.keys(self._offer.fingerprint)
        except BadHandshake:
            self._counters["identity_refused"] += 1
            self.begin_closing()
            return
        if self._deadline:
            self._deadline.cancel()
        self._srtp = self._port.srtp(keys, self.outbox)
        self._listener.state("connected")

    def _arm(self, dtls: Handshake) -> None:
        """Send the flight again when it is time."""
        if self._timer:
            self._timer.cancel()
        wait = dtls.timeout
        self._timer = None if wait is None else self._loop.call_later(wait, self._again, dtls)

    def _settle(self, timer: asyncio.TimerHandle) -> None:
        """He has sealed a packet, so he has the keys: our last flight need not be sent again."""
        timer.cancel()
        self._timer = None
        if self._dtls:
            self._dtls.settle()

    def _again(self, dtls: Handshake) -> None:
        dtls.again()
        self._go_on(dtls)

    def _expect(self, within: float) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(within, self._give_up)

    def _give_up(self) -> None:
        self._counters["connect_timeout"] += 1
        self.begin_closing()


def _own_streams(offer: Offer) -> Iterable[tuple[int, int]]:
    """Two SSRCs of ours for each section: the media, and its RTX."""
    drawn = secrets.SystemRandom().sample(range(1, 2**32), 2 * len(offer.sections))
    return zip(drawn[::2], drawn[1::2], strict=True)
