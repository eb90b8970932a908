"""Clients for bench/media.py: packets that were sealed beforehand, so that no cryptography is in
the measured loop, in the bursts that the frames of a picture are."""

import secrets
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack_from

from bench.media_lines import Line
from venterom.rtc.offer import FEEDBACK, TRANSPORT_CC, Section

SOUND, PICTURE = 111, 96  # payload types
LARGE, SMALL, SHORT = 1150, 120, 600  # bytes of a picture's packets, of sound, of a frame's last
FRAMES, SOUNDS, REPORTS = 30, 50, 10  # a second
FIRST = 1  # number of each stream
NUMBERS = 1 << 16
MOST_READ = 64  # datagrams of one end before the others have their turn

Packet = tuple[int, int, bytes]  # payload type (0: a report), number, bytes as they are sent


class End:
    """One client: the lines that it speaks and listens on, and the numbers of what it has sent.

    An engine that renumbers is taken to keep the distance: the first packet that comes says it."""

    def __init__(self, number: int, host: str, *, two_lines: bool = False) -> None:
        self.number = number
        self.line = Line(host)
        self.ear = Line(host) if two_lines else self.line
        self.sent = {kind: [0.0] * NUMBERS for kind in (SOUND, PICTURE)}  # number -> when
        self._counts = {SOUND: FIRST, PICTURE: FIRST}  # the next number
        self.distances: dict[int, int] = {} if two_lines else {SOUND: 0, PICTURE: 0}
        self._transport = 0

    def ssrc(self, payload_type: int) -> int:
        """The stream of this kind."""
        return 1000 * (self.number + 1) + payload_type

    def offer(self, direction: str = "sendrecv") -> str:
        """What it offers."""
        return self.line.text(*self.sections(direction, ("0", "1")))

    def sections(self, direction: str, mids: tuple[str, str]) -> tuple[Section, Section]:
        """Sound and picture."""
        ids = {TRANSPORT_CC: 3}
        return (
            Section("audio", mids[0], direction, SOUND, None, (), ids, (self.ssrc(SOUND),)),
            Section("video", mids[1], direction, PICTURE, 97, FEEDBACK, ids, (self.ssrc(96),)),
        )

    def close(self) -> None:
        """Close the sockets."""
        self.line.socket.close()
        self.ear.socket.close()

    def packet(self, payload_type: int, size: int) -> Packet:
        """The next packet of this kind, sealed: its type, its number, its bytes."""
        number = self._counts[payload_type]
        self._counts[payload_type] = (number + 1) % NUMBERS
        self._transport = (self._transport + 1) % NUMBERS
        head = pack("!BBHLL", 0x90, payload_type, number, number * 3000, self.ssrc(payload_type))
        extension = pack("!HHBHx", 0xBEDE, 1, 3 << 4 | 1, self._transport)
        plain = (head + extension).ljust(size, b"\x5a")
        return payload_type, number, self.line.session.protect(plain)

    def feedback(self) -> Packet:
        """A report with transport-wide feedback, as browsers send it several times a second."""
        report = pack("!BBHL", 0x80, 201, 1, self.ssrc(PICTURE))
        wide = pack("!BBHLLHHLHH", 0x8F, 205, 5, self.ssrc(PICTURE), 1, 7, 2, 9 << 8, 0x2002, 4)
        return 0, 0, self.ear.session.protect_rtcp(report + wide)

    def planned(self, rate: float, seconds: float) -> Iterator[tuple[float, "End", list[Packet]]]:
        """What it sends at so many packets a second: when, and the packets that leave together."""
        for due, batch in sorted(_batches(rate, seconds)):
            yield due, self, [self.packet(*each) for each in batch] or [self.feedback()]

    def send(self, packet: Packet, now: float) -> None:
        """Send it; what the kernel does not take is lost."""
        payload_type, number, data = packet
        line = self.line if payload_type else self.ear
        if payload_type:
            self.sent[payload_type][number] = now
        try:
            line.socket.send(data)
        except OSError:
            pass

    def when(self, payload_type: int, number: int, hearer: "End") -> float:
        """When the packet was sent that came to the hearer with this number."""
        distance = hearer.distances.setdefault(payload_type, number - FIRST)
        return self.sent[payload_type][(number - distance) % NUMBERS]


def _batches(rate: float, seconds: float) -> Iterator[tuple[float, list[tuple[int, int]]]]:
    """When, and the payload types and sizes that leave together; an empty one is a report."""
    start = secrets.randbelow(1000) / 1000 / FRAMES
    sounds = SOUNDS if rate > 2 * SOUNDS else 0
    owed = 0.0
    for frame in range(int(seconds * FRAMES)):
        owed += (rate - sounds) / FRAMES
        count, owed = int(owed), owed - int(owed)
        sizes = [LARGE] * (count - 1) + [SHORT] if count > 2 else [LARGE] * count
        yield start + frame / FRAMES, [(PICTURE, size) for size in sizes]
    for sound in range(int(seconds * sounds)):
        yield start + sound / SOUNDS, [(SOUND, SMALL)]
    for report in range(int(seconds * REPORTS)):
        yield start + report / REPORTS, []


@dataclass(frozen=True, slots=True)
class Flow:
    """What came of a plan: packets sent and returned, and the delays in seconds, sorted."""

    sent: int
    reports: int  # sent besides
    returned: int
    read: int  # datagrams of all kinds that came
    delays: list[float]
    busy: float  # seconds of the generator's own CPU


def drive(ends: list[End], rate: float, seconds: float) -> tuple[Flow, float]:
    """Send so many packets a second in all, two by two; returns what came, and how long it took."""
    per_end = rate / len(ends)
    plan = sorted(
        (each for end in ends for each in end.planned(per_end, seconds)), key=lambda each: each[0]
    )
    hearers = {end.ear.socket.fileno(): end for end in ends}
    poll = select.epoll()
    for number in hearers:
        poll.register(number, select.EPOLLIN)
    delays: list[float] = []
    clock, sent, reports, read, cpu = time.perf_counter, 0, 0, 0, time.process_time()
    began = clock()
    for due, end, packets in [*plan, (seconds + 0.3, ends[0], [])]:
        while (now := clock() - began) < due:
            for number, _ in poll.poll(min(due - now, 0.001)):
                hearer = hearers[number]
                read += _receive(hearer, ends[hearer.number ^ 1], delays)
        for packet in packets:
            sent += packet[0] > 0
            reports += packet[0] == 0
            end.send(packet, clock())
    poll.close()
    busy, took = time.process_time() - cpu, clock() - began
    return Flow(sent, reports, len(delays), read, sorted(delays), busy), took


def _receive(hearer: End, speaker: End, delays: list[float]) -> int:
    """Read what is there; how many datagrams that were."""
    receive = hearer.ear.socket.recv
    count = 0
    try:
        while count < MOST_READ:
            data = receive(2048)
            count += 1
            payload_type = data[1] & 0x7F
            if data[0] > 127 and payload_type in (SOUND, PICTURE):
                number = unpack_from("!H", data, 2)[0]
                delays.append(time.perf_counter() - speaker.when(payload_type, number, hearer))
    except BlockingIOError:
        pass
    return count
