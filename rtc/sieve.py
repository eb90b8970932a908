"""Which datagrams of one person are worth decrypting: what can be refused unread is.

The datagrams come from an address that has proved itself, so whatever passes here costs only the
one who sends it; the bounds keep it from costing the other rooms of the worker.
"""

from collections.abc import Collection

from venterom.rtc import rtp
from venterom.rtc.limits import Bucket

RATE = 3_000_000 / 8  # bytes of sound and picture a second that one person may send (cD15)
# Bytes of reports a second. They are meant to stay below a twentieth of the media (RFC 3550 6.2),
# and reading the numbers of a NACK costs more than forwarding a picture.
REPORT_RATE = RATE / 10
MOST_BYTES = 1500  # of one packet; browsers stay below 1,300, so that none is cut into pieces
# SSRCs that reports may come from without being in the offer: browsers that only receive make
# one up. libsrtp keeps state for each, and finds it ever more slowly (W7).
MOST_REPORTERS = 8


class Sieve:
    """Counts what one person sends, and says why a datagram is not to be decrypted."""

    __slots__ = ("_media", "_reporters", "_reports", "_ssrcs")

    def __init__(self, ssrcs: Collection[int], now: float) -> None:
        self._ssrcs = frozenset(ssrcs)
        self._reporters: set[int] = set()
        self._media = Bucket(RATE, RATE, now)
        self._reports = Bucket(REPORT_RATE, REPORT_RATE, now)

    def refusal(self, data: bytes, now: float) -> str:
        """The name of the counter for a datagram that is refused; empty when it may pass."""
        if 19 < data[0] < 64:
            return ""  # DTLS (RFC 7983)
        if not 127 < data[0] < 192 or not rtp.HEADER <= len(data) <= MOST_BYTES:
            return "not_media"
        is_report = rtp.is_rtcp(data)
        if not (self._may_report(data) if is_report else rtp.ssrc(data) in self._ssrcs):
            return "ssrc_refused"
        bucket = self._reports if is_report else self._media
        return "" if bucket.take(len(data), now) else "over_rate"

    def reported(self, report: bytes) -> None:
        """A report has been decrypted, so it is really his: its SSRC is one of the few."""
        self._reporters.add(rtp.reporter(report))

    def _may_report(self, data: bytes) -> bool:
        # The SSRC of the sender is in the clear (RFC 3711 3.4), like that of media.
        known = rtp.reporter(data) in self._reporters or rtp.reporter(data) in self._ssrcs
        return known or len(self._reporters) < MOST_REPORTERS
