"""An echo: a browser gets its own packets back, and it is counted how many arrived.

It is a room in which both seats are one connection. So nothing about its packets differs from a
call's: the same port, protection, renumbering, repairs and reports, and nothing is decoded.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from venterom.rtc import rtcp, rtp
from venterom.rtc.errors import BadReport
from venterom.rtc.forwarder import Forwarder
from venterom.rtc.member import Link

OUT, BACK = "out", "back"  # the seat that speaks and the seat that hears; both are the browser


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came to the server of what a browser sent, repairs not counted."""

    packets: int
    lost: int
    kbit: int  # a second, from the first packet to the last

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))


def read(text: str) -> Arrived | None:
    """What `dump` wrote; None of nothing. Raises BadReport: the worker may have been taken over."""
    if not text:
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BadReport from None
    if not isinstance(content, dict) or content.keys() != {each.name for each in fields(Arrived)}:
        raise BadReport
    if not all(type(count) is int and count >= 0 for count in content.values()):
        raise BadReport
    return Arrived(**content)


class Tally:
    """The packets of one stream: how many came, and how many should have."""

    __slots__ = ("_first", "_last", "came")

    def __init__(self) -> None:
        self.came = 0
        self._first = self._last = 0

    def note(self, number: int) -> None:
        """A packet with this sequence number has come, in whatever order."""
        if not self.came:
            self._first = self._last = number
        self.came += 1
        self._last += max(0, rtp.ahead(number, self._last % rtp.SEQUENCES))

    @property
    def lost(self) -> int:
        """How many have not come, of those between the first and the last."""
        return max(0, self._last - self._first + 1 - self.came) if self.came else 0


class Echo:
    """One browser's echo. `clock` counts seconds."""

    def __init__(self, link: Link, forwarder: Forwarder, clock: Callable[[], float]) -> None:
        self._forwarder = forwarder
        self._clock = clock
        self._tallies = {
            track.ssrcs_in[0]: Tally() for track in link.slots[0].values() if track.ssrcs_in
        }
        self._bytes = 0
        self._began: float | None = None
        self._ended = 0.0
        for seat in (OUT, BACK):
            forwarder.attach(seat, link)
        forwarder.admit((OUT, BACK))

    def on_rtp(self, packet: bytes) -> None:
        """A decrypted RTP packet. Raises ValueError when it is malformed."""
        self._forwarder.on_rtp(OUT, packet)
        self._bytes += len(packet)
        self._ended = self._clock()
        self._began = self._ended if self._began is None else self._began
        tally = self._tallies.get(rtp.ssrc(packet))
        if tally is not None:
            tally.note(rtp.sequence(packet))

    def on_rtcp(self, data: bytes) -> None:
        """A decrypted RTCP packet: what it says of what it sends, and of what it gets back."""
        sent = [block for block in rtcp.split(data) if block.kind == rtcp.SENDER_REPORT]
        if sent:
            self._forwarder.on_rtcp(OUT, rtcp.join(sent))
        self._forwarder.on_rtcp(BACK, data)

    def close(self) -> None:
        """No packet comes back from now on, and none is kept."""
        for seat in (OUT, BACK):
            self._forwarder.dismiss(seat)

    @property
    def arrived(self) -> Arrived:
        """What has come until now."""
        seconds = self._ended - (self._began or 0.0)
        kbit = round(self._bytes * 8 / 1000 / seconds) if seconds > 0 else 0
        tallies = self._tallies.values()
        return Arrived(sum(each.came for each in tallies), sum(each.lost for each in tallies), kbit)
