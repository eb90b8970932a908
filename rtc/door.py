"""One UDP socket of the media worker: reads in turns, sends in runs."""

import asyncio
import contextlib
import errno
import socket
import sys
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any

from venterom.rtc.pace import FULL, REST, Pace, Turn
from venterom.rtc.reports import Counters

RECEIVING = 8 * 1024 * 1024  # bytes that the kernel keeps for us: half a second at 100 rooms
SENDING = 2 * 1024 * 1024
LONGEST = (
    2048  # bytes of a datagram; browsers stay below 1,300, and what is longer is cut and refused
)

_SO_RCVBUFFORCE, _UDP_SEGMENT = 33, 103  # of Linux; Python has no names for them
_TAKES_RUNS = sys.platform == "linux"
_SIZE = Struct("=H")

Address = Any  # as the socket gives it: (host, port), for IPv6 with two numbers more
Take = Callable[["Door", int, Address, float], None]


class Door:
    """A bound socket. `take` gets each datagram's length, source and time; it lies in `received`.
    `after_turn` is called when no more are there for now."""

    def __init__(
        self,
        bound: socket.socket,
        received: bytearray,
        counters: Counters,
        take: Take,
        after_turn: Callable[[], None],
    ) -> None:
        self._socket = bound
        self._received = received
        self._counters = counters
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._pace = Pace()
        self._next: asyncio.Handle | None = None
        self._after_turn = after_turn
        self._watch()

    def close(self) -> None:
        """Read and send no more."""
        self._loop.remove_reader(self._socket)
        if self._next:
            self._next.cancel()
        self._socket.close()

    def send(self, data: bytes | memoryview, to: Address) -> None:
        """Send one datagram. What the kernel does not take is lost, as on any network."""
        try:
            self._socket.sendto(data, to)
        except OSError:
            self._counters["send_refused"] += 1

    def send_run(self, packets: memoryview, size: int, to: Address) -> None:
        """Send packets of this size that lie behind each other; the last may be shorter."""
        if len(packets) <= size:
            self.send(packets, to)
        elif not self._send_at_once(packets, size, to):
            for packet in _cut(packets, size):
                self.send(packet, to)

    def _send_at_once(self, packets: memoryview, size: int, to: Address) -> bool:
        """Have the kernel cut it. False where it does not: an old one, or a way too narrow."""
        if not _TAKES_RUNS:
            return False
        extra = [(socket.SOL_UDP, _UDP_SEGMENT, _SIZE.pack(size))]
        try:
            self._socket.sendmsg([packets], extra, 0, to)
        except BlockingIOError:
            self._counters["send_refused"] += 1  # full: the single packets would fare no better
        except OSError:
            self._counters["runs_refused"] += 1
            return False
        return True

    def _watch(self) -> None:
        self._loop.add_reader(self._socket, self._woken)

    def _woken(self) -> None:
        self._loop.remove_reader(self._socket)
        self._turn()

    def _turn(self) -> None:
        count = self._read(self._loop.time())
        self._after_turn()
        self._plan(self._pace.after(count))

    def _read(self, now: float) -> int:
        """Take what is there; how many datagrams that were."""
        receive, received, take = self._socket.recvfrom_into, self._received, self._take
        for count in range(FULL):
            try:
                length, source = receive(received)
                take(self, length, source, now)
            except BlockingIOError:
                return count
            except Exception:  # nothing that comes from outside may end the reading
                self._counters["datagram_failed"] += 1
        return FULL

    def _plan(self, turn: Turn) -> None:
        if turn is Turn.WHEN_READABLE:
            self._next = None
            self._watch()
        elif turn is Turn.AT_ONCE:
            self._next = self._loop.call_soon(self._turn)
        else:
            self._next = self._loop.call_later(REST, self._turn)


def _cut(packets: memoryview, size: int) -> Iterator[memoryview]:
    for at in range(0, len(packets), size):
        yield packets[at : at + size]


def bind(host: str, port: int) -> socket.socket:
    """A socket for media, with this port if it is free. Raises OSError.

    Behind NAT the address that browsers know is the router's: then we listen on all of our own.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return _bound(family, host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _bound(family, host, 0)
        if error.errno == errno.EADDRNOTAVAIL:
            return _bound(family, "", port)
        raise


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.setblocking(False)
        _widen(bound)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _widen(bound: socket.socket) -> None:
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVING)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENDING)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # only the superuser may pass the limit of the machine
            bound.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVING)
