"""One client's way to an engine: real ICE and DTLS, and SRTP to seal with. For bench/media.py."""

import re
import secrets
import socket
import time

from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from venterom.rtc.offer import Offer, Section
from venterom.rtc.runs import datagrams

GCM = SRTP_PROFILES[0]  # AES-256-GCM for all: other libraries' AES-CM would flatter us
MTU = 1200
CONNECT_WITHIN = 20.0  # seconds
SAY_AGAIN = 0.03  # OpenSSL waits a second, and Janus loses what comes before it has checked us
RECEIVING = 4 << 20  # bytes that the kernel keeps


class Line:
    """A socket at this host, and who speaks over it."""

    def __init__(self, host: str) -> None:
        self.name, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self.certificate = RTCCertificate.generateCertificate()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVING)
        self.socket.bind((host, 0))
        self.session = Session()
        self._check = b""
        self._flight: list[bytes] = []  # of DTLS, the newest

    def text(self, *sections: Section) -> str:
        """The SDP that offers these."""
        fingerprint = self.certificate.getFingerprints()[0].value
        return Offer(self.name, self.password, f"sha-256 {fingerprint}", sections).text()

    def connect(self, theirs: str) -> None:
        """ICE and DTLS with whoever gave this SDP. Raises TimeoutError."""
        user, password = (
            re.findall(rf"a=ice-{word}:(\S+)", theirs)[0] for word in ("ufrag", "pwd")
        )
        host, port = re.findall(r"(?i)udp \d+ (\S+) (\d+) typ host", theirs)[0]
        self.socket.connect((host, int(port)))
        check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        check.attributes |= {"USERNAME": f"{user}:{self.name}", "PRIORITY": 1}
        check.attributes |= {"ICE-CONTROLLING": 1, "USE-CANDIDATE": None}
        check.add_message_integrity(password.encode())
        self._check = bytes(check)
        tls = SSL.Connection(self.certificate._create_ssl_context([GCM]))
        tls.set_connect_state()
        self.socket.settimeout(SAY_AGAIN)
        until, reached = time.monotonic() + CONNECT_WITHIN, False
        while time.monotonic() < until:
            if not reached:
                self.agree()
            try:
                data = self.socket.recv(2048)
            except TimeoutError:
                data = b""
                self._say_flight()
            if data and data[0] < 4:
                reached |= self._answered(data)
            elif data and data[0] < 64:
                tls.bio_write(data)
            if reached and self._secured(tls):
                self.socket.setblocking(False)
                return
        raise TimeoutError

    def agree(self) -> None:
        """Ask for packets, as has to be done anew every thirty seconds."""
        self.socket.send(self._check)

    def seal_with(self, key: bytes) -> None:
        """Use this key for what is sent."""
        policy = Policy(key, Policy.SSRC_ANY_OUTBOUND, 0, GCM.libsrtp_profile)
        self.session = Session(policy)

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
            self._flight = [*datagrams(tls.bio_read(65536), MTU)]
            self._say_flight()
        except SSL.WantReadError:
            pass
        return False

    def _say_flight(self) -> None:
        for each in self._flight:
            self.socket.send(each)
