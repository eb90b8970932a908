"""The keys: read from their files, handed out by purpose.

Everything symmetric is derived from one root key under a label of its own, so no key has two uses.
The first key-encryption key of the record is, too; those that came later are files of their own, in
a folder beside the public halves of the keys that signed before (docs/record.md).
"""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from venterom.journal.jws import PublicKey, thumbprint
from venterom.journal.keys import Keys as RecordKeys
from venterom.journal.seal import KEY_BYTES, KekRing
from venterom.server.config import Keys, SettingsError
from venterom.web.identity.sealed import Keys as IdentityKeys

ROOT_BYTES = 32
FIRST = 1  # the number of the record's key that is derived from the root key
LATER = re.compile(r"kek-([1-9]\d{0,8})\.key")
RETIRED = "signing-*.pub"
# How long a new key is only known before it seals: by then everybody who reads the folder, which
# the service does every half minute, can open what it has sealed.
SETTLES = timedelta(minutes=2)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PEM = serialization.Encoding.PEM
OPEN_TO_OTHERS = 0o077  # permission bits that a key's file may not have


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """Every key of the service."""

    root: bytes
    signing: ec.EllipticCurvePrivateKey
    client: ec.EllipticCurvePrivateKey
    later: Mapping[int, tuple[datetime, bytes]]  # key-encryption keys, and since when they are here
    retired: Mapping[str, PublicKey]

    def derive(self, label: str) -> bytes:
        """The 32-byte key of one purpose."""
        return HKDF(hashes.SHA256(), 32, None, f"venterom/{label}".encode()).derive(self.root)

    def binding(self, label: str) -> ec.EllipticCurvePrivateKey:
        """The P-256 key of one purpose that access tokens are bound to. It is the same in every
        process and after a restart, so that a sign-in under way is not lost."""
        number = int.from_bytes(self.derive(f"binding {label}"), "big")
        return ec.derive_private_key(number % (P256_ORDER - 1) + 1, ec.SECP256R1())

    def record_keys(self, now: datetime) -> RecordKeys:
        """What the record needs. The newest key that has settled seals; all of them open."""
        settled = [n for n, (since, _) in self.later.items() if since <= now - SETTLES]
        keks = {kek_id(n): key for n, (_, key) in self.later.items()}
        ring = KekRing(kek_id(max(settled, default=FIRST)), {**keks, **self.first("record").keys})
        return RecordKeys(ring, self.signing, self.derive("pseudonym"), self.retired)

    def identity_keys(self) -> IdentityKeys:
        """What names and numbers need."""
        return IdentityKeys(self.first("identity"), self.derive("number index"))

    def first(self, label: str) -> KekRing:
        """A ring with the one key that is derived from the root key under this label."""
        return KekRing(kek_id(FIRST), {kek_id(FIRST): self.derive(label)})


def kek_id(number: int) -> str:
    """How a row names the key that opens it."""
    return f"kek-{number}"


def number_of(kek_id: str) -> int:
    """Its number: the higher, the newer."""
    return int(kek_id.partition("-")[2])


def load(files: Keys) -> Vault:
    """Read the keys. Raises SettingsError when a file is missing, open to others or not a key."""
    root = _read(files.root_file)
    if len(root) != ROOT_BYTES:
        raise SettingsError(f"{files.root_file}: the root key is {ROOT_BYTES} bytes")
    return Vault(
        root,
        signing_key(files.signing_file),
        signing_key(files.client_file),
        dict(_later(files.folder)),
        dict(_retired(files.folder)),
    )


def make_missing(files: Keys) -> None:
    """Make the key files that do not exist yet. For the demonstration and a first installation."""
    if not files.root_file.exists():
        _write(files.root_file, secrets.token_bytes(ROOT_BYTES))
    for path in (files.signing_file, files.client_file):
        if not path.exists():
            _write(path, new_signing_key())


def refuse_other_account(files: Keys) -> None:
    """Raise SettingsError unless we run as whoever owns the keys: what another account writes, the
    service may be unable to read."""
    try:
        owner = files.root_file.stat().st_uid
    except OSError as error:
        raise SettingsError(f"{files.root_file}: {error.strerror}") from None
    if owner != os.geteuid():
        raise SettingsError(f"run this as the account that owns {files.root_file}")


def make_later(files: Keys) -> Path:
    """Make the record's next key-encryption key, and say where. Raises SettingsError."""
    number = max(dict(_later(files.folder)), default=FIRST) + 1
    path = files.folder / f"{kek_id(number)}.key"
    _put(path, secrets.token_bytes(KEY_BYTES))
    return path


def replace_signing(files: Keys) -> Path:
    """Put a new key in the place of the one that signs, whose public half is kept before that; and
    say where. Raises SettingsError."""
    public = signing_key(files.signing_file).public_key()
    kept = files.folder / RETIRED.replace("*", thumbprint(public))
    if not kept.exists():
        _put(kept, public.public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    _put(files.signing_file, new_signing_key())
    return kept


def new_signing_key() -> bytes:
    """A fresh P-256 private key, as PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        _PEM,
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


def _later(folder: Path) -> Iterator[tuple[int, tuple[datetime, bytes]]]:
    for path in folder.glob("kek-*.key"):
        named = LATER.fullmatch(path.name)
        if named is None or int(named[1]) <= FIRST:
            raise SettingsError(f"{path}: such keys are named kek-2.key, kek-3.key and so on")
        content = _read(path)
        if len(content) != KEY_BYTES:
            raise SettingsError(f"{path}: a key-encryption key is {KEY_BYTES} bytes")
        # When it was put here, which no copying sets back, as it does the time of its content.
        since = datetime.fromtimestamp(path.stat().st_ctime, UTC)
        yield int(named[1]), (since, content)


def _retired(folder: Path) -> Iterator[tuple[str, PublicKey]]:
    for path in folder.glob(RETIRED):
        try:
            key = serialization.load_pem_public_key(path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm):
            raise SettingsError(f"{path}: a public key in PEM form is needed") from None
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise SettingsError(f"{path}: a P-256 key is needed")
        yield thumbprint(key), key


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & OPEN_TO_OTHERS:
            raise SettingsError(f"{path}: others may read this key; chmod 600 it")
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


def _put(path: Path, content: bytes) -> None:
    """The whole file at once, in the place of what was there: nobody reads half of a key."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write(fresh, content)
    fresh.replace(path)


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
