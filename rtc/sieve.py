"""Which datagrams of one person are worth decrypting: what can be refused unread is.

The datagrams come from an address that has proved itself, so whatever passes here costs only the
one who sends it; the bounds keep it from costing the other rooms of the worker.
"""

from collections.abc import Collection
from typing import Final

from venterom.rtc import rtp
from venterom.rtc.limits import Bucket

RATE = 3_000_000 / 8  # bytes of sound and picture a second that one person may send (cD15)
# Bytes of reports a second. They are meant to stay below a twentieth of the media (RFC 3550 6.2),
# and reading the numbers of a NACK costs more than forwarding a picture.
REPORT_RATE = RATE / 10
# Bytes of DTLS a second: a handshake has about 3,000, and comes again when packets are lost.
HANDSHAKE_RATE = 32_000
CHECKS = 50  # connectivity checks a second; browsers send a few, and twenty while they connect
# Bytes of one packet: header and tag (RFC 3711), whose places are reckoned from its end; and what
# no network has to cut into pieces. Browsers stay below 1,300.
LEAST_BYTES: Final = 22
MOST_BYTES: Final = 1500
# SSRCs that reports may come from without being in the offer: browsers that only receive make
# one up. libsrtp keeps state for each, and finds it ever more slowly (W7).
MOST_REPORTERS = 8


class Sieve:
    """Counts what one person sends, and says why a datagram is not to be decrypted: the name of a
    counter, empty when it may pass."""

    __slots__ = ("_checks", "_handshakes", "_media", "_reporters", "_reports", "_ssrcs")

    def __init__(self, ssrcs: Collection[int], now: float) -> None:
        self._ssrcs = frozenset(ssrcs)
        self._reporters: set[int] = set()
        self._media = Bucket(RATE, RATE, now)
        self._reports = Bucket(REPORT_RATE, REPORT_RATE, now)
        self._handshakes = Bucket(HANDSHAKE_RATE, HANDSHAKE_RATE, now)
        self._checks = Bucket(CHECKS, CHECKS, now)

    def media(self, data: bytes | bytearray, length: int, now: float) -> str:
        """Of SRTP: the first `length` bytes of the data."""
        if not LEAST_BYTES <= length <= MOST_BYTES:
            return "not_media"
        if rtp.ssrc(data) not in self._ssrcs:
            return "ssrc_refused"
        return "" if self._media.take(length, now) else "over_rate"

    def report(self, data: bytes | bytearray, length: int, now: float) -> str:
        """Of SRTCP: the first `length` bytes of the data."""
        if not LEAST_BYTES <= length <= MOST_BYTES:
            return "not_media"
        if not self._may_report(data):
            return "ssrc_refused"
        return "" if self._reports.take(length, now) else "over_rate"

    def handshake(self, length: int, now: float) -> str:
        """Of DTLS with so many bytes."""
        fits = length <= MOST_BYTES and self._handshakes.take(length, now)
        return "" if fits else "handshake_refused"

    def check(self, now: float) -> str:
        """Of a connectivity check, from an address that has proved itself."""
        return "" if self._checks.take(1, now) else "check_refused"

    def reported(self, report: bytes) -> None:
        """A report has been decrypted, so it is really his: its SSRC is one of the few."""
        self._reporters.add(rtp.reporter(report))

    def _may_report(self, data: bytes | bytearray) -> bool:
        # The SSRC of the sender is in the clear (RFC 3711 3.4), like that of media.
        known = rtp.reporter(data) in self._reporters or rtp.reporter(data) in self._ssrcs
        return known or len(self._reporters) < MOST_REPORTERS
