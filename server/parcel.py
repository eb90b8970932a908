"""A folder that is handed to somebody else: its files by their hashes, sealed if that is wished."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7

from venterom.journal.canonical import sha256_hex
from venterom.server.config import SettingsError

SEALED = ".p7m"  # CMS, RFC 5652
SMALLEST_RSA = 3072  # bits: what lies in an archive for decades (NIST SP 800-57, beyond 2030)
MANIFEST, SIGNATURE = "manifest.json", "manifest.jws"


@dataclass
class Parcel:
    """The folder as it grows, and the SHA-256 of what is in it."""

    folder: Path
    certificate: x509.Certificate | None
    files: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, content: bytes, *, in_clear: bool = False) -> None:
        """A file more; sealed for the receiver, if there is one and it is not for everybody."""
        if self.certificate is not None and not in_clear:
            path, content = path + SEALED, _sealed(self.certificate, content)
        _write(self.folder / path, content)
        self.files[path] = sha256_hex(content)

    def close(self, manifest: bytes, signature: str) -> None:
        """The manifest, which says that all is there: it comes last, and at once."""
        _write(self.folder / SIGNATURE, signature.encode())
        unfinished = self.folder / f"{MANIFEST}.unfinished"
        _write(unfinished, manifest)
        unfinished.rename(self.folder / MANIFEST)


def empty(folder: Path, certificate: Path | None) -> Parcel:
    """A folder with nothing in it. Raises SettingsError for one that is in use, and for a
    certificate that cannot be sealed for."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise SettingsError(f"{folder}: is not empty")
    except OSError as error:
        raise SettingsError(f"{folder}: {error.strerror}") from None
    return Parcel(folder, None if certificate is None else _certificate(certificate))


def opened(content: bytes, certificate: Path, key: Path) -> bytes:
    """What was sealed for this certificate. Raises SettingsError when the key does not open it."""
    try:
        private = load_pem_private_key(key.read_bytes(), None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise SettingsError(f"{key}: is no RSA key")
        return pkcs7.pkcs7_decrypt_der(content, _certificate(certificate), private, [])
    except (ValueError, TypeError) as fault:
        raise SettingsError(f"{key}: does not open it") from fault
    except OSError as error:
        raise SettingsError(f"{key}: {error.strerror}") from None


def _sealed(certificate: x509.Certificate, content: bytes) -> bytes:
    envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(certificate)
    strong = envelope.set_content_encryption_algorithm(algorithms.AES256)
    return strong.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _certificate(path: Path) -> x509.Certificate:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise SettingsError(f"{path}: is no certificate in PEM") from None
    key = found.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_RSA:
        raise SettingsError(f"{path}: wants an RSA key of {SMALLEST_RSA} bits or more")
    return found


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened_:
        opened_.write(content)
        opened_.flush()
        os.fsync(handle)
