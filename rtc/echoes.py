"""The echoes of one media worker: who has one, for how long, and how many at once."""

import asyncio
import secrets

from venterom.rtc import offer
from venterom.rtc.echo import Arrived, Echo
from venterom.rtc.errors import BadOffer, RoomsFull, TooFast
from venterom.rtc.forwarder import Forwarder
from venterom.rtc.hall import Connect, Connection
from venterom.rtc.limits import Strangers
from venterom.rtc.reports import Counters
from venterom.rtc.transport import Listener

LIVES = 60.0  # seconds; a test takes a quarter of it
MOST_ECHOES = 20  # at once of one worker: each is the work of half a room
EACH_SECOND = 1  # new ones of one visit; setting a connection up costs as much as a second of it


class Echoes:
    """All echoes of this process. A name has one: a new one takes the old one's place."""

    def __init__(self, counters: Counters, connect: Connect) -> None:
        self._loop = asyncio.get_running_loop()
        self._counters = counters
        self._connect = connect
        self._begun = Strangers(EACH_SECOND, MOST_ECHOES)
        self._open: dict[str, tuple[Connection, Echo]] = {}

    async def answer(self, name: str, text: str) -> str:
        """Answer an offer with an echo. Raises BadOffer, RoomsFull, TooFast."""
        if not self._begun.allow(name, self._loop.time()):
            raise TooFast
        wanted = offer.read(text)
        self.end(name)
        if len(self._open) >= MOST_ECHOES:
            raise RoomsFull
        connection = self._new(name, wanted)
        try:
            return await connection.answer()
        except Exception:
            self._counters["offer_failed"] += 1
            connection.begin_closing()
            raise BadOffer from None

    def end(self, name: str) -> Arrived | None:
        """Close this echo, if there is one: what has arrived."""
        found = self._open.get(name)
        if found is None:
            return None
        connection, echo = found
        connection.begin_closing()
        return echo.arrived

    def end_all(self) -> None:
        """Close every echo."""
        for name in [*self._open]:
            self.end(name)

    def __len__(self) -> int:
        return len(self._open)

    def _new(self, name: str, wanted: offer.Offer) -> Connection:
        def state(state: str) -> None:
            if state == "closed":
                limit.cancel()
                echo.close()
                if self._open.get(name, (None,))[0] is connection:
                    del self._open[name]

        connection = self._connect(
            wanted,
            Listener(lambda packet: echo.on_rtp(packet), lambda data: echo.on_rtcp(data), state),
        )
        first_repair = secrets.randbelow(1 << 15)
        forwarder = Forwarder(self._counters, self._loop.time, self._loop.call_later, first_repair)
        echo = Echo(connection, forwarder, self._loop.time)
        limit = self._loop.call_later(LIVES, connection.begin_closing)
        self._open[name] = connection, echo
        return connection
