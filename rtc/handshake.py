"""DTLS as the server of the two (RFC 8827 6.5): who somebody is, and the keys for the media.

The browser begins, so the ciphers are our choice. After the handshake DTLS carries nothing but the
farewell: we offer no data channel.
"""

from collections.abc import Callable, Iterator

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES
from cryptography.hazmat.primitives.hashes import SHA256
from OpenSSL import SSL

from venterom.rtc.errors import BadHandshake
from venterom.rtc.runs import datagrams
from venterom.rtc.srtp import Keys

MTU = 1200  # bytes of a datagram that gets through every network, tunnels included
RENEWED_AFTER = 86_400.0  # seconds; a certificate of aiortc's lasts 30 days
# ECDHE-ECDSA with AES-GCM only; browsers must have the first one (RFC 8827 6.5)
CIPHERS = b"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"
DTLS_1_2 = 0xFEFD  # the one version whose records `datagrams` can tell apart
# OpenSSL waits one second for an answer, then two, then four: too long where a tenth is lost.
AGAIN_AFTER = 0.4  # seconds; more than any way there and back
AGAIN = 3  # times that the same flight is sent once more
_LABEL = b"EXTRACTOR-dtls_srtp"  # RFC 5764 4.2
_FLIGHT = 65_536  # bytes read at once; a flight of ours has about 1,000


class Identity:
    """A certificate of this worker, and how connections are made with it."""

    def __init__(self, now: float) -> None:
        certificate = RTCCertificate.generateCertificate()
        self.made = now
        self.fingerprint = next(
            each.value for each in certificate.getFingerprints() if each.algorithm == "sha-256"
        )
        self.context = certificate._create_ssl_context(SRTP_PROFILES)
        self.context.set_cipher_list(CIPHERS)
        self.context.set_min_proto_version(DTLS_1_2)
        self.context.set_max_proto_version(DTLS_1_2)
        self.context.set_options(
            SSL.OP_NO_QUERY_MTU | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION
        )


class Identities:
    """The certificate of the day: a worker may live longer than one."""

    def __init__(self) -> None:
        self._newest: Identity | None = None

    def at(self, now: float) -> Identity:
        """The one for connections that begin now; `now` in seconds of a steady clock."""
        if self._newest is None or now - self._newest.made > RENEWED_AFTER:
            self._newest = Identity(now)
        return self._newest


class Handshake:
    """One connection's DTLS, without a socket: datagrams in, datagrams out."""

    def __init__(self, identity: Identity, send: Callable[[bytes], None]) -> None:
        self._ssl = SSL.Connection(identity.context)
        self._ssl.set_accept_state()
        self._ssl.set_ciphertext_mtu(MTU)
        self._send = send
        self._flight: list[bytes] = []  # the last
        self._left = 0  # times that it may be sent again
        self.done = False  # both have the keys
        self.over = False  # failed, or the other side has said farewell

    def take(self, datagram: bytes) -> None:
        """A datagram of the other side."""
        if datagram:  # OpenSSL takes an empty one for a fault of ours
            self._ssl.bio_write(datagram)
            self._go_on()

    @property
    def timeout(self) -> float | None:
        """Seconds until `again` is to be called; None when there is nothing to be sent again."""
        patience = self._ssl.DTLSv1_get_timeout()
        if not self._left:
            return patience
        return AGAIN_AFTER if patience is None else min(AGAIN_AFTER, patience)

    def again(self) -> None:
        """The answer did not come in time: send the flight once more. Also the last one, which has
        no answer: whoever has it already, drops the same datagram (RFC 6347 4.1.2.6)."""
        try:
            self._ssl.DTLSv1_handle_timeout()
        except SSL.Error:
            self.over = True
        if not self._flush() and self._left:
            self._left -= 1
            self._fly()

    def settle(self) -> None:
        """The last flight has come, as media shows that could not be sealed without it."""
        self._left = 0

    def farewell(self) -> None:
        """Say that it is over."""
        try:
            self._ssl.shutdown()
        except SSL.Error:
            return  # it had not begun, or has failed
        self._flush()

    def keys(self, fingerprint: str) -> Keys:
        """The keys, if the other side is who its offer says (`sha-256 AB:CD:…`).

        Raises BadHandshake. Without this check nobody would be authenticated.
        """
        certificate = self._ssl.get_peer_certificate(as_cryptography=True)
        named = bytes.fromhex(fingerprint.partition(" ")[2].replace(":", ""))
        if certificate is None or certificate.fingerprint(SHA256()) != named:
            raise BadHandshake
        chosen = self._ssl.get_selected_srtp_profile()
        profile = next((each for each in SRTP_PROFILES if each.openssl_profile == chosen), None)
        if profile is None:
            raise BadHandshake
        length = 2 * (profile.key_length + profile.salt_length)
        material = self._ssl.export_keying_material(_LABEL, length)
        receive, send = (profile.get_key_and_salt(material, side) for side in (0, 1))
        return Keys(profile.libsrtp_profile, receive, send)

    def _go_on(self) -> None:
        try:
            if not self.done:
                self._ssl.do_handshake()
                self.done = True
            self._ssl.recv(_FLIGHT)  # nobody has anything to say to us here but farewell
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.over = True
        except SSL.Error:
            # With the keys in hand, what cannot be read is somebody else's or too late.
            self.over = self.over or not self.done
        self._flush()

    def _flush(self) -> bool:
        flight = [*self._written()]
        if flight:
            self._flight, self._left = flight, AGAIN
            self._fly()
        return bool(flight)

    def _fly(self) -> None:
        for datagram in self._flight:
            self._send(datagram)

    def _written(self) -> Iterator[bytes]:
        try:
            flight = self._ssl.bio_read(_FLIGHT)
        except SSL.WantReadError:
            return
        yield from datagrams(flight, MTU)
