"""The keys: read from their files once, handed out by purpose.

Everything symmetric is derived from one root key under a label of its own, so no key has two uses.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from venterom.server.config import Keys, SettingsError

ROOT_BYTES = 32
OPEN_TO_OTHERS = 0o077  # permission bits that a key's file may not have


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """Every key of the service."""

    root: bytes
    signing: ec.EllipticCurvePrivateKey
    client: ec.EllipticCurvePrivateKey

    def derive(self, label: str) -> bytes:
        """The 32-byte key of one purpose."""
        return HKDF(hashes.SHA256(), 32, None, f"venterom/{label}".encode()).derive(self.root)


def load(files: Keys) -> Vault:
    """Read the keys. Raises SettingsError when a file is missing, open to others or not a key."""
    root = _read(files.root_file)
    if len(root) != ROOT_BYTES:
        raise SettingsError(f"{files.root_file}: the root key is {ROOT_BYTES} bytes")
    return Vault(root, signing_key(files.signing_file), signing_key(files.client_file))


def make_missing(files: Keys) -> None:
    """Make the key files that do not exist yet. For the demonstration and a first installation."""
    if not files.root_file.exists():
        _write(files.root_file, secrets.token_bytes(ROOT_BYTES))
    for path in (files.signing_file, files.client_file):
        if not path.exists():
            _write(path, new_signing_key())


def new_signing_key() -> bytes:
    """A fresh P-256 private key, as PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def signing_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in a PEM file. Raises SettingsError."""
    try:
        key = serialization.load_pem_private_key(_read(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # a TypeError: it needs a password
        raise SettingsError(f"{path}: a private key in PEM form, without a password") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise SettingsError(f"{path}: a P-256 key is needed")
    return key


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & OPEN_TO_OTHERS:
            raise SettingsError(f"{path}: others may read this key; chmod 600 it")
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
