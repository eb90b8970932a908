"""DTLS in memory, against OpenSSL as a client: who is believed, and with which ciphers."""

from collections.abc import Callable
from struct import pack

import pytest
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES, SRTPProtectionProfile
from OpenSSL import SSL

from venterom.rtc import handshake
from venterom.rtc.errors import BadHandshake
from venterom.rtc.handshake import (
    AGAIN,
    AGAIN_AFTER,
    MTU,
    RENEWED_AFTER,
    Handshake,
    Identities,
    Identity,
)
from venterom.rtc.runs import datagrams

NOW = 1000.0
AES_256, AES_128, SHA1_80 = SRTP_PROFILES


class Browser:
    """The other side."""

    def __init__(
        self,
        profiles: list[SRTPProtectionProfile] = SRTP_PROFILES,
        ciphers: bytes = handshake.CIPHERS,
        version: int = handshake.DTLS_1_2,
        mtu: int = MTU,
    ) -> None:
        certificate = RTCCertificate.generateCertificate()
        self.fingerprint = f"sha-256 {certificate.getFingerprints()[0].value}"
        context = certificate._create_ssl_context(profiles)
        context.set_cipher_list(ciphers)
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        self.ssl = SSL.Connection(context)
        self.ssl.set_connect_state()
        self.ssl.set_ciphertext_mtu(mtu)
        self.mtu = mtu

    def take(self, flight: list[bytes]) -> list[bytes]:
        """Read this, and answer."""
        for datagram in flight:
            self.ssl.bio_write(datagram)
        try:
            self.ssl.do_handshake()
        except SSL.Error:
            pass
        return self.written()

    def written(self) -> list[bytes]:
        """What it has to send."""
        try:
            return [*datagrams(self.ssl.bio_read(65_536), self.mtu)]
        except SSL.WantReadError:
            return []


class Line:
    """Both sides, and what is done to the datagrams between them."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.sent: list[bytes] = []
        self.server = Handshake(Identity(NOW), self.sent.append)

    def answered(self, flight: list[bytes]) -> list[bytes]:
        """What the server says to these datagrams."""
        for datagram in flight:
            self.server.take(datagram)
        said, self.sent[:] = [*self.sent], []
        return said

    def run(self, between: Callable[[bytes], list[bytes]] = lambda each: [each]) -> None:
        """Until nobody has anything to say."""
        flight = self.browser.take([])
        while flight:
            arrived = [datagram for each in flight for datagram in between(each)]
            flight = self.browser.take(self.answered(arrived))


def plain(content: int, body: bytes) -> bytes:
    """A record that nothing protects."""
    return pack("!BHQH", content, 0xFEFD, 2**20, len(body)) + body


JUNK = [
    b"",
    b"\x16",
    b"\x16" + bytes(40),
    plain(21, b"\x01\x00"),
    plain(21, b"\x02\x28"),
    plain(22, pack("!LLL", 0x01000028, 0, 40) + bytes(40)),
    plain(23, bytes(100)),
    plain(63, bytes(100)),
]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (SRTP_PROFILES, AES_256),
        ([SHA1_80, AES_128, AES_256], AES_256),  # we choose, whatever their order
        ([SHA1_80, AES_128], AES_128),
        ([SHA1_80], SHA1_80),
    ],
)
def test_the_strongest_profile_that_both_have_is_chosen(
    offered: list[SRTPProtectionProfile], chosen: SRTPProtectionProfile
) -> None:
    line = Line(Browser(offered))
    line.run()
    ours = line.server.keys(line.browser.fingerprint)
    material = line.browser.ssl.export_keying_material(
        b"EXTRACTOR-dtls_srtp", 2 * (chosen.key_length + chosen.salt_length)
    )
    assert ours.profile == chosen.libsrtp_profile
    assert ours.receive == chosen.get_key_and_salt(material, 0)
    assert ours.send == chosen.get_key_and_salt(material, 1)


def test_another_certificate_than_the_one_that_was_named_gets_no_keys() -> None:
    line = Line(Browser())
    line.run()
    assert line.server.done
    with pytest.raises(BadHandshake):
        line.server.keys(Browser().fingerprint)


def test_who_offers_no_profile_for_media_gets_no_keys() -> None:
    browser = Browser()
    browser.ssl = SSL.Connection(_without_profiles())
    browser.ssl.set_connect_state()
    line = Line(browser)
    line.run()
    with pytest.raises(BadHandshake):
        line.server.keys(browser.fingerprint)


def _without_profiles() -> SSL.Context:
    certificate = RTCCertificate.generateCertificate()
    context = SSL.Context(SSL.DTLS_METHOD)
    context.use_certificate(certificate._cert)
    context.use_privatekey(certificate._key)
    context.set_options(SSL.OP_NO_QUERY_MTU)
    return context


@pytest.mark.parametrize(
    "browser",
    [
        Browser(ciphers=b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"),
        Browser(ciphers=b"ECDHE-ECDSA-CHACHA20-POLY1305"),
        Browser(ciphers=b"ECDHE-RSA-AES128-GCM-SHA256"),
        Browser(ciphers=b"ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", version=0xFEFF),
    ],
    ids=["CBC", "ChaCha20", "RSA", "DTLS 1.0"],
)
def test_weak_ciphers_and_old_versions_are_refused(browser: Browser) -> None:
    line = Line(browser)
    line.run()
    assert (line.server.done, line.server.over) == (False, True)


@pytest.mark.parametrize("mtu", [256, MTU])
def test_a_flight_of_ours_comes_in_datagrams_that_get_through(
    mtu: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "MTU", mtu)
    line = Line(Browser())
    sizes = [len(each) for each in line.answered(line.browser.take([]))]
    assert max(sizes) <= mtu
    assert (len(sizes) > 1) == (sum(sizes) > mtu)


@pytest.mark.parametrize("mtu", [256, 300, MTU])
def test_a_greeting_in_pieces_is_understood(mtu: int) -> None:
    browser = Browser(mtu=mtu)
    line = Line(browser)
    line.run()
    assert line.server.done


def test_datagrams_that_come_twice_do_not_matter() -> None:
    line = Line(Browser(mtu=256))
    line.run(lambda each: [each, each])
    assert line.server.done and not line.server.over


def test_a_flight_is_sent_again_soon_a_few_times_and_then_when_openssl_says_so() -> None:
    line = Line(Browser())
    assert line.server.timeout is None
    flight = line.answered(line.browser.take([]))
    for _ in range(AGAIN):
        assert line.server.timeout is not None and 0 < line.server.timeout <= AGAIN_AFTER
        line.server.again()
    assert line.sent == flight * AGAIN
    line.server.again()  # too early for OpenSSL
    assert line.sent == flight * AGAIN
    assert line.server.timeout is not None and line.server.timeout > 0


def test_the_last_flight_has_no_answer_and_is_sent_again_a_few_times_all_the_same() -> None:
    line = Line(Browser())
    lost = line.answered(line.browser.take(line.answered(line.browser.take([]))))
    assert lost and line.server.done
    for _ in range(AGAIN):
        assert line.server.timeout == AGAIN_AFTER
        line.server.again()
    assert line.server.timeout is None
    line.browser.take(line.sent)
    line.browser.ssl.do_handshake()  # done, and not disturbed by what came thrice


def test_the_last_flight_is_not_sent_again_to_who_has_shown_that_it_came() -> None:
    line = Line(Browser())
    line.run()
    line.server.settle()
    assert line.server.timeout is None
    line.server.again()
    assert line.sent == []


def test_nothing_that_comes_after_the_handshake_ends_it_but_a_farewell() -> None:
    line = Line(Browser())
    line.run()
    line.answered(JUNK)
    assert line.server.done and not line.server.over
    line.browser.ssl.shutdown()
    line.answered(line.browser.written())
    assert line.server.over


def test_a_fault_of_the_record_layer_after_the_handshake_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(most: int) -> bytes:
        raise SSL.Error

    line = Line(Browser())
    line.run()
    monkeypatch.setattr(line.server._ssl, "recv", fail)
    line.answered([plain(23, b"x")])
    assert not line.server.over


def test_a_farewell_of_ours_is_understood() -> None:
    line = Line(Browser())
    line.run()
    line.server.farewell()
    line.browser.take(line.sent)
    with pytest.raises(SSL.ZeroReturnError):
        line.browser.ssl.recv(1)


def test_a_farewell_before_anything_has_begun_says_nothing() -> None:
    line = Line(Browser())
    line.server.farewell()
    assert line.sent == []


def test_there_is_a_new_certificate_each_day() -> None:
    identities = Identities()
    first = identities.at(NOW)
    assert identities.at(NOW + RENEWED_AFTER) is first
    second = identities.at(NOW + RENEWED_AFTER + 1)
    assert second.fingerprint != first.fingerprint
    assert identities.at(NOW + RENEWED_AFTER + 2) is second
