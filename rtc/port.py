"""Where all media of a worker comes and goes: one UDP port, whatever the number of rooms.

Datagrams are sorted by their first byte. Only checks are taken from strangers, a few a second;
everything else only from an address that has proved to be a seat's (failures.md W1, W2).
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from venterom.rtc import checks
from venterom.rtc.book import Book
from venterom.rtc.checks import Check
from venterom.rtc.door import LONGEST, Address, Door, bind
from venterom.rtc.handshake import Identities
from venterom.rtc.limits import Strangers
from venterom.rtc.outbox import Outbox
from venterom.rtc.reports import Counters
from venterom.rtc.sorting import CHECK, KINDS, MEDIA
from venterom.rtc.srtp import Copying, InPlace, Keys, Srtp

STUN_A_SECOND = 50  # from an address that has not shown that it knows the password (W4)
STRANGERS = 256  # such addresses listened to in one second
SWEEP_EVERY = 1.0  # seconds between two looks at whose consent is over

Source = tuple[Door, Address]


class Member(Protocol):
    """A connection, as the port knows it."""

    user: str
    outbox: Outbox

    def may_check(self, now: float) -> bool:
        """Whether one more check of his is read."""

    def checked(self, data: bytes, now: float) -> Check | None:
        """The check, if he or somebody with his password sent it."""

    def reached(self, check: Check, address: Address, now: float) -> bytes:
        """The answer to a check that was taken."""

    def handshake(self, data: bytes, now: float) -> None:
        """A DTLS datagram."""

    def media(self, length: int, now: float) -> None:
        """An SRTP or SRTCP packet, in the port's buffer."""

    def lapse(self) -> None:
        """Consent is over."""


class Port:
    """The sockets of a worker, and who is heard from where."""

    def __init__(self, counters: Counters, *, in_place: bool) -> None:
        self.counters = counters
        self.received = bytearray(LONGEST)
        self.identities = Identities()
        self.book: Book[Source, Member] = Book()
        self._owners = self.book.owners
        self._in_place = in_place
        self._loop = asyncio.get_running_loop()
        self._strangers = Strangers(STUN_A_SECOND, STRANGERS)
        self.addresses: list[tuple[str, int]] = []  # where browsers find us
        self._doors: list[Door] = []
        self._waiting: list[Member] = []  # whose outbox is sent at the end of this turn
        self._in_turn = False
        self._sweeping = self._loop.call_later(SWEEP_EVERY, self._sweep)

    def open(self, hosts: Sequence[str], port: int = 0) -> None:
        """Listen on these addresses, all with the same port where it is free. Raises OSError."""
        for host in hosts:
            bound = bind(host, port)
            port = bound.getsockname()[1]
            self.addresses.append((host, port))
            self._doors.append(Door(bound, self.received, self.counters, self._take, self.flush))

    def close(self) -> None:
        """Close the sockets."""
        self._sweeping.cancel()
        for door in self._doors:
            door.close()

    def srtp(self, keys: Keys, outbox: Outbox) -> Srtp:
        """Opens what is received here, and seals into this outbox."""
        make = InPlace if self._in_place else Copying
        return make(keys, self.received, outbox)

    def send(self, user: str, datagram: bytes) -> None:
        """Send one datagram on the way of this user, if he has one."""
        if way := self.book.way(user):
            way[0].send(datagram, way[1])

    def post(self, member: Member) -> None:
        """His outbox has its first packet: send it when the turn is over, or now."""
        self._waiting.append(member)
        if not self._in_turn:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        self._in_turn = False
        for member in self._waiting:
            self.empty(member)
        self._waiting.clear()

    def empty(self, member: Member) -> None:
        """Send what waits for this one."""
        way = self.book.way(member.user)
        for packets, size in member.outbox.take():
            if way:
                way[0].send_run(packets, size, way[1])

    def _take(self, door: Door, length: int, address: Address, now: float) -> None:
        self._in_turn = True
        if not length:
            self.counters["empty"] += 1
            return
        source, kind = (door, address), KINDS[self.received[0]]
        if kind is CHECK:
            self._check(source, bytes(self.received[:length]), now)
            return
        member = self._owners.get(source)
        if member is None or kind is None:
            self.counters["stranger" if member is None else "not_media"] += 1
        elif kind is MEDIA:
            member.media(length, now)
        else:
            member.handshake(bytes(self.received[:length]), now)

    def _check(self, source: Source, data: bytes, now: float) -> None:
        """A check has to name a user of ours, whom only those know who have our answer: so a crowd
        that does not fills no table in which somebody who is invited would then find no room."""
        user = checks.user(data)
        member = self.book.named(user) if user else None
        if member is None:
            self.counters["stranger"] += 1
            return
        is_his = self.book.owners.get(source) is member
        heard = is_his or self._strangers.allow(source, now)
        if not heard or (is_his and not member.may_check(now)):
            self.counters["stun_over_rate"] += 1
            return
        check = member.checked(data, now)
        if check is None:
            self.counters["stun_refused"] += 1
        elif not self.book.prove(member.user, source, nominates=check.nominates, now=now):
            self.counters["address_taken"] += 1
        else:
            source[0].send(member.reached(check, source[1], now), source[1])

    def _sweep(self) -> None:
        self._sweeping = self._loop.call_later(SWEEP_EVERY, self._sweep)
        for member in self.book.lapsed(self._loop.time()):
            self.counters["consent_over"] += 1
            member.lapse()
