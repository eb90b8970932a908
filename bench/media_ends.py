"""Clients for bench/media.py: real ICE and DTLS, then packets that were sealed beforehand, so that
no cryptography is in the measured loop."""

import re
import secrets
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack_from

from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from venterom.rtc.offer import FEEDBACK, TRANSPORT_CC, Offer, Section
from venterom.rtc.runs import datagrams

GCM = SRTP_PROFILES[0]  # AES-256-GCM for all: other libraries' AES-CM would flatter us
SOUND, PICTURE = 111, 96  # payload types
LARGE, SMALL, SHORT = 1150, 120, 600  # bytes of a picture's packets, of sound, of a frame's last
FRAMES, SOUNDS = 30, 50  # a second
MTU = 1200
CONNECT_WITHIN = 20.0  # seconds
CHECK_EVERY = 0.2


Packet = tuple[int, int, bytes]  # payload type (0: a report), number, bytes as they are sent


class End:
    """One client: its socket, keys, and the numbers of what it has sent."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self.certificate = RTCCertificate.generateCertificate()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.session = Session()
        self.sent = {kind: [0.0] * 65536 for kind in (SOUND, PICTURE)}  # number -> when
        self._counts = {SOUND: 0, PICTURE: 0}
        self._transport = 0

    def ssrc(self, payload_type: int) -> int:
        """The stream of this kind."""
        return 1000 * (self.number + 1) + payload_type

    def offer(self) -> str:
        """What it offers."""
        ids = {TRANSPORT_CC: 3}
        return Offer(
            self.name,
            self.password,
            f"sha-256 {self.certificate.getFingerprints()[0].value}",
            (
                Section("audio", "0", "sendrecv", SOUND, None, (), ids, (self.ssrc(SOUND),)),
                Section("video", "1", "sendrecv", PICTURE, 97, FEEDBACK, ids, (self.ssrc(96),)),
            ),
        ).text()

    def connect(self, answer: str) -> None:
        """ICE and DTLS with whoever gave this answer. Raises TimeoutError."""
        user, password = (
            re.findall(rf"a=ice-{word}:(\S+)", answer)[0] for word in ("ufrag", "pwd")
        )
        host, port = re.findall(r"udp \d+ (\S+) (\d+) typ host", answer)[0]
        self.socket.connect((host, int(port)))
        check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        check.attributes |= {"USERNAME": f"{user}:{self.name}", "PRIORITY": 1}
        check.attributes |= {"ICE-CONTROLLING": 1, "USE-CANDIDATE": None}
        check.add_message_integrity(password.encode())
        tls = SSL.Connection(self.certificate._create_ssl_context([GCM]))
        tls.set_connect_state()
        self.socket.settimeout(CHECK_EVERY)
        until, reached = time.monotonic() + CONNECT_WITHIN, False
        while time.monotonic() < until:
            if not reached:
                self.socket.send(bytes(check))
            try:
                data = self.socket.recv(2048)
            except TimeoutError:
                data = b""
            if data and data[0] < 4:
                reached |= self._answered(data)
            elif data and data[0] < 64:
                tls.bio_write(data)
            if reached and self._secured(tls):
                self.socket.setblocking(False)
                return
        raise TimeoutError

    def _answered(self, data: bytes) -> bool:
        """Whether this answers our check; theirs is answered."""
        message = stun.parse_message(data)
        if message.message_class is stun.Class.REQUEST:
            reply = stun.Message(
                message.message_method, stun.Class.RESPONSE, message.transaction_id
            )
            reply.attributes["XOR-MAPPED-ADDRESS"] = self.socket.getpeername()
            reply.add_message_integrity(self.password.encode())
            self.socket.send(bytes(reply))
        return message.message_class is stun.Class.RESPONSE

    def _secured(self, tls: SSL.Connection) -> bool:
        try:
            tls.do_handshake()
        except SSL.WantReadError:
            return self._flushed(tls)
        self._flushed(tls)
        length = 2 * (GCM.key_length + GCM.salt_length)
        material = tls.export_keying_material(b"EXTRACTOR-dtls_srtp", length)
        self.seal_with(GCM.get_key_and_salt(material, 0))
        return True

    def _flushed(self, tls: SSL.Connection) -> bool:
        try:
            for each in datagrams(tls.bio_read(65536), MTU):
                self.socket.send(each)
        except SSL.WantReadError:
            pass
        return False

    def seal_with(self, key: bytes) -> None:
        """Use this key for what is sent."""
        policy = Policy(key, Policy.SSRC_ANY_OUTBOUND, 0, GCM.libsrtp_profile)
        self.session = Session(policy)

    def packet(self, payload_type: int, size: int) -> Packet:
        """The next packet of this kind, sealed: its type, its number, its bytes."""
        number = self._counts[payload_type] = (self._counts[payload_type] + 1) % 65536
        self._transport = (self._transport + 1) % 65536
        head = pack("!BBHLL", 0x90, payload_type, number, number * 3000, self.ssrc(payload_type))
        extension = pack("!HHBHx", 0xBEDE, 1, 3 << 4 | 1, self._transport)
        return payload_type, number, self.session.protect((head + extension).ljust(size, b"\x5a"))

    def feedback(self) -> Packet:
        """A report with transport-wide feedback, as browsers send it several times a second."""
        report = pack("!BBHL", 0x80, 201, 1, self.ssrc(PICTURE))
        wide = pack("!BBHLLHHLHH", 0x8F, 205, 5, self.ssrc(PICTURE), 1, 7, 2, 9 << 8, 0x2002, 4)
        return 0, 0, self.session.protect_rtcp(report + wide)

    def planned(self, rate: float, seconds: float) -> Iterator[tuple[float, "End", list[Packet]]]:
        """What it sends at so many packets a second: when, and the packets that leave together."""
        start = secrets.randbelow(1000) / 1000 / FRAMES
        sounds = SOUNDS if rate > 2 * SOUNDS else 0
        owed = 0.0
        for frame in range(int(seconds * FRAMES)):
            owed += (rate - sounds) / FRAMES
            count, owed = int(owed), owed - int(owed)
            sizes = [LARGE] * (count - 1) + [SHORT] if count > 2 else [LARGE] * count
            packets: list[Packet] = [self.packet(PICTURE, size) for size in sizes]
            yield start + frame / FRAMES, self, packets
        for sound in range(int(seconds * sounds)):
            yield start + sound / SOUNDS, self, [self.packet(SOUND, SMALL)]
        for report in range(int(seconds * 10)):
            yield start + report / 10, self, [self.feedback()]


@dataclass(frozen=True, slots=True)
class Flow:
    """What came of a plan: packets sent and returned, and the delays in seconds, sorted."""

    sent: int
    returned: int
    delays: list[float]
    busy: float  # seconds of the generator's own CPU


def drive(ends: list[End], rate: float, seconds: float) -> tuple[Flow, float]:
    """Send so many packets a second in all, two by two; returns what came, and how long it took."""
    per_end = rate / len(ends)
    plan = sorted(
        (each for end in ends for each in end.planned(per_end, seconds)), key=lambda each: each[0]
    )
    partner = {end.socket.fileno(): ends[end.number ^ 1] for end in ends}
    sockets = {end.socket.fileno(): end.socket for end in ends}
    poll = select.epoll()
    for number in sockets:
        poll.register(number, select.EPOLLIN)
    delays: list[float] = []
    clock, sent, cpu = time.perf_counter, 0, time.process_time()
    began = clock()
    for due, end, packets in [*plan, (seconds + 0.3, ends[0], [])]:
        while (now := clock() - began) < due:
            for number, _ in poll.poll(min(due - now, 0.001)):
                _receive(sockets[number], partner[number], delays)
        for payload_type, number, data in packets:
            if payload_type:
                end.sent[payload_type][number] = clock()
                sent += 1
            try:
                end.socket.send(data)
            except OSError:
                pass
    poll.close()
    return Flow(sent, len(delays), sorted(delays), time.process_time() - cpu), clock() - began


def _receive(one: socket.socket, partner: End, delays: list[float]) -> None:
    try:
        for _ in range(64):
            data = one.recv(2048)
            payload_type = data[1] & 0x7F
            if data[0] > 127 and payload_type in (SOUND, PICTURE):
                number = unpack_from("!H", data, 2)[0]
                delays.append(time.perf_counter() - partner.sent[payload_type][number])
    except BlockingIOError:
        pass
