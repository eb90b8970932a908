"""A real coturn with the settings that we ship, on this machine, with a secret and certificate of
the test's own."""

import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.house import ROOT

SETTINGS = ROOT / "deploy/turnserver.conf"
HERE = "127.0.0.1"
HERE_6 = "2001:db8::1"  # nobody's (RFC 3849); ::1 led browsers to no relay
PLAIN, TLS = 3478, 5349  # as the settings say; the namespace is the test's own
RELAY_PORTS = (20000, 20999)  # outside of those that Linux gives to others
START_S = 20


@dataclass(frozen=True)
class Relay:
    """A relay that runs."""

    folder: Path
    secret: Path
    host: str  # where it listens, and all that it leads to

    @property
    def tcp(self) -> str:
        """As browsers write it."""
        return f"turn:{self._named}:{PLAIN}?transport=tcp"

    @property
    def tls(self) -> str:
        """As browsers write it."""
        return f"turns:{self._named}:{TLS}?transport=tcp"

    @property
    def _named(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def said(self) -> str:
        """What it has logged."""
        return (self.folder / "turn.log").read_text(errors="replace")


@contextmanager
def relay(folder: Path, host: str = HERE) -> Generator[Relay]:
    """A relay to this address and to nothing else, until the block is left."""
    secret = folder / "turn.secret"
    secret.write_text("a secret of the test's own")
    _certificate(folder, host)
    settings = folder / "turnserver.conf"
    settings.write_text(_settings(folder, host, secret.read_text()))
    log = (folder / "turn.log").open("wb")
    process = subprocess.Popen(["turnserver", "-c", str(settings)], stdout=log, stderr=log)
    try:
        _wait_for(process, host)
        yield Relay(folder, secret, host)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _settings(folder: Path, host: str, secret: str) -> str:
    """Those that we ship, with what the compose file adds, and what loopback needs."""
    shipped = SETTINGS.read_text()
    for name, file in (("turn_certificate", "cert.pem"), ("turn_key", "key.pem")):
        shipped = shipped.replace(f"/run/secrets/{name}", str(folder / file))
    for name in ("turnserver.pid", "turndb"):
        shipped = shipped.replace(f"/tmp/{name}", str(folder / name))
    low, high = RELAY_PORTS
    added = {
        "realm": "turn.example",
        "allowed-peer-ip": host,
        "static-auth-secret": secret,
        "listening-ip": host,
        "relay-ip": host,
        "min-port": low,
        "max-port": high,
    }
    if host == HERE_6:
        added["allocation-default-address-family"] = "keep"  # it has no IPv4 that it could give
    lines = [f"{name}={value}" for name, value in added.items()]
    return "\n".join([shipped, *lines, "allow-loopback-peers", ""])


def _wait_for(process: "subprocess.Popen[bytes]", host: str) -> None:
    deadline = time.monotonic() + START_S
    for port in (PLAIN, TLS):
        while True:
            assert process.poll() is None, "the relay did not start"
            try:
                socket.create_connection((host, port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the relay does not listen"
                time.sleep(0.05)


def _certificate(folder: Path, host: str) -> None:
    """One for loopback that nobody but the test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "turn.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
