"""The rooms of one media worker: who has which connection, who is silent, who talks.

It knows rooms and seats by name only: no person, no key, no history.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from typing import Protocol

from venterom.rtc import offer
from venterom.rtc.errors import BadOffer, RoomsFull
from venterom.rtc.forwarder import Forwarder
from venterom.rtc.member import Link
from venterom.rtc.reports import (
    Back,
    Closed,
    Connected,
    Counted,
    Counters,
    Report,
    Silent,
    Talking,
)
from venterom.rtc.transport import Listener

SILENT_AFTER = 5.0  # seconds without a valid packet; browsers check every 2.5 (T13)
MOST_ROOMS = 200  # of one worker; a core carries fewer, and admission is not endless
MOST_SEATS = 3  # of one room: patient, doctor, and a guest


class Connection(Link, Protocol):
    """What the hall needs of a browser's connection."""

    heard: float  # when the last packet came that proved itself, by the loop's clock

    async def answer(self) -> str: ...
    def begin_closing(self) -> None: ...
    async def close(self) -> None: ...


Connect = Callable[[offer.Offer, Listener], Connection]


class Place:
    """A seat as the worker knows it: the connection it has, and the one that is to replace it."""

    def __init__(self) -> None:
        self.current: Connection | None = None
        self.coming: Connection | None = None
        self.silent = False

    @property
    def transports(self) -> list[Connection]:
        """What has to be closed when the seat goes."""
        return [each for each in (self.current, self.coming) if each]


class Room:
    """One room: its places and the routes between them."""

    def __init__(self, forwarder: Forwarder) -> None:
        self.forwarder = forwarder
        self.places: dict[str, Place] = {}
        self.talked = False  # whether care has been told that packets flow


class Hall:
    """All rooms of this process."""

    def __init__(
        self, report: Callable[[Report], None], counters: Counters, connect: Connect
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._report = report
        self._connect = connect
        self.counters = counters
        self.rooms: dict[str, Room] = {}

    async def answer(self, room_name: str, seat: str, text: str) -> str:
        """Answer an offer for a seat. The old connection lives until the new one is up.

        Raises BadOffer, RoomsFull.
        """
        wanted = offer.read(text)
        room = self._room(room_name)
        if seat not in room.places and len(room.places) >= MOST_SEATS:
            raise RoomsFull
        place = room.places.setdefault(seat, Place())
        superseded, place.coming = place.coming, self._transport(room_name, seat, place, wanted)
        if superseded:
            superseded.begin_closing()  # whoever offers again meanwhile must find the newest
        return await self._answered(place.coming)

    async def _answered(self, transport: Connection) -> str:
        try:
            return await transport.answer()
        except Exception:
            self.counters["offer_failed"] += 1
            await transport.close()
            raise BadOffer from None

    def _transport(
        self, room_name: str, seat: str, place: Place, wanted: offer.Offer
    ) -> Connection:
        forwarder = self.rooms[room_name].forwarder

        def rtp(packet: bytes) -> None:
            if place.current is transport:
                forwarder.on_rtp(seat, packet)

        def rtcp(packet: bytes) -> None:
            if place.current is transport:
                forwarder.on_rtcp(seat, packet)

        def state(name: str) -> None:
            if name == "connected":
                self._connected(room_name, seat, place, transport)
            else:
                self._closed(room_name, seat, place, transport)

        transport = self._connect(wanted, Listener(rtp, rtcp, state))
        return transport

    def admit(self, room_name: str, seats: Iterable[str]) -> None:
        """These seats of the room, and no others, may see and hear each other, in this order."""
        self._room(room_name).forwarder.admit(seats)

    async def leave(self, room_name: str, seat: str) -> None:
        """The seat is given up: no packet from this moment, then the connections close."""
        room = self.rooms.get(room_name)
        if room is None:
            return
        room.forwarder.dismiss(seat)
        place = room.places.pop(seat, Place())
        await asyncio.gather(*(transport.close() for transport in place.transports))

    async def close(self, room_name: str) -> None:
        """Close a room and forget it."""
        room = self.rooms.get(room_name)
        if room is not None:
            await asyncio.gather(*(self.leave(room_name, seat) for seat in [*room.places]))
            self.rooms.pop(room_name, None)

    async def close_all(self) -> None:
        """Close every room."""
        await asyncio.gather(*(self.close(name) for name in [*self.rooms]))

    def watch(self) -> None:
        """Tell who is silent, who is back, who talks. To be called several times a second."""
        now = self._loop.time()
        for name, room in self.rooms.items():
            for seat, place in room.places.items():
                self._watch_seat(name, seat, place, now)
            talking = room.forwarder.talking and not self._is_silent(room)
            if talking and not room.talked:
                self._report(Talking(name))
            room.talked = talking

    def _is_silent(self, room: Room) -> bool:
        two = [room.places.get(name) for name in room.forwarder.talkers]
        return any(place is None or place.silent for place in two)

    def count(self, lag: float) -> Counted:
        """What this worker has counted since it started; `lag` in seconds."""
        return Counted(dict(self.counters), len(self.rooms), round(lag * 1000))

    def _watch_seat(self, room: str, seat: str, place: Place, now: float) -> None:
        if place.current is None:
            return
        silent = now - place.current.heard > SILENT_AFTER
        if silent != place.silent:
            place.silent = silent
            self._report(Silent(room, seat) if silent else Back(room, seat))

    def _room(self, name: str) -> Room:
        if name not in self.rooms:
            if len(self.rooms) >= MOST_ROOMS:
                raise RoomsFull
            first_repair = secrets.randbelow(1 << 15)
            forwarder = Forwarder(
                self.counters, self._loop.time, self._loop.call_later, first_repair
            )
            self.rooms[name] = Room(forwarder)
        return self.rooms[name]

    def _connected(self, name: str, seat: str, place: Place, transport: Connection) -> None:
        if place.coming is not transport:
            return
        old, place.current, place.coming = place.current, transport, None
        place.silent = False
        self.rooms[name].talked = False  # told again when packets flow on the new connection
        self.rooms[name].forwarder.attach(seat, transport)
        self._report(Connected(name, seat))
        if old:
            old.begin_closing()

    def _closed(self, name: str, seat: str, place: Place, transport: Connection) -> None:
        if place.coming is transport:
            place.coming = None
        elif place.current is transport:
            place.current = None
            if name in self.rooms:
                self.rooms[name].forwarder.detach(seat)
        else:
            return
        if not place.transports:
            self._report(Closed(name, seat))
