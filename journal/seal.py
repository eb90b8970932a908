"""Envelope encryption of what is written about a patient. Pure: keys and nonces are arguments.

    KEK   one a year or incident, from a file outside the database; several may be known at once
     └─ patient key   one a patient; destroying it makes everything about the patient unreadable
         └─ DEK       one a record version, used for exactly one encryption
             └─ text

All are AES-256-GCM. What each ciphertext belongs to is its additional data, every part behind its
length, so that a text moved to another patient, record or version does not open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from venterom.journal.canonical import framed
from venterom.journal.errors import BadKey, Unreadable, UnsafeBackend

KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # 96 bits, the length that GCM is made for (NIST SP 800-38D 8.2.1)


# AES-256-GCM of sixteen zeros under a key and a nonce of zeros: test case 14 of its specification.
_KNOWN = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


@dataclass(slots=True)
class KekRing:
    """The key-encryption keys by their ids; new keys are wrapped under `current`.

    The one thing here that changes: a running service takes up a new key without being stopped.
    """

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise BadKey("the current key-encryption key is missing")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise BadKey("a key-encryption key must be 32 bytes")

    def key(self, kek_id: str) -> bytes:
        """The key of that id. Raises Unreadable when the ring does not hold it."""
        if kek_id not in self.keys:
            raise Unreadable(f"key {kek_id} is not in the ring")
        return self.keys[kek_id]

    def renew(self, other: "KekRing") -> None:
        """Hold what the other one holds, from now on."""
        self.current, self.keys = other.current, other.keys


@dataclass(frozen=True, slots=True)
class Context:
    """What a sealed text is, and where it belongs."""

    table: str
    record: str
    patient: str
    version: int
    author: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text as it lies in a row; `kek_id` is the key in use when it was written."""

    kek_id: str
    wrapped_dek: bytes
    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A patient's key, wrapped: nonce and ciphertext in one."""

    kek_id: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Chance:
    """The random part of one sealing: a fresh key and two nonces, never to be used again."""

    dek: bytes = field(repr=False)
    dek_nonce: bytes
    nonce: bytes


def associated(context: Context, kek_id: str) -> bytes:
    """The additional data that binds a sealed text to its place."""
    return framed(
        b"ek1",
        context.table.encode(),
        context.record.encode(),
        context.patient.encode(),
        str(context.version).encode(),
        context.author.encode(),
        kek_id.encode(),
    )


def seal(text: bytes, context: Context, *, kek_id: str, parent: bytes, chance: Chance) -> Sealed:
    """Seal `text` under a fresh DEK, and the DEK under `parent` (a patient's key)."""
    place = associated(context, kek_id)
    ciphertext = AESGCM(chance.dek).encrypt(chance.nonce, text, place)
    wrapped = _wrap(parent, chance.dek, chance.dek_nonce, framed(b"dek1", place))
    return Sealed(kek_id, wrapped, chance.nonce, ciphertext)


def unseal(sealed: Sealed, context: Context, *, parent: bytes) -> bytes:
    """The text. Raises Unreadable when anything about it was changed or moved."""
    place = associated(context, sealed.kek_id)
    dek = _unwrap(parent, sealed.wrapped_dek, framed(b"dek1", place))
    return _decrypt(dek, sealed.nonce, sealed.ciphertext, place)


def wrap_patient_key(ring: KekRing, patient: str, key: bytes, *, nonce: bytes) -> WrappedKey:
    """Wrap a patient's key under the current KEK."""
    place = framed(b"pk1", ring.current.encode(), patient.encode())
    return WrappedKey(ring.current, _wrap(ring.key(ring.current), key, nonce, place))


def unwrap_patient_key(ring: KekRing, patient: str, wrapped: WrappedKey) -> bytes:
    """The patient's key. Raises Unreadable when it was changed or belongs to another patient."""
    place = framed(b"pk1", wrapped.kek_id.encode(), patient.encode())
    return _unwrap(ring.key(wrapped.kek_id), wrapped.wrapped, place)


def rewrap_patient_key(
    ring: KekRing, patient: str, wrapped: WrappedKey, *, nonce: bytes
) -> WrappedKey:
    """The same key under the current KEK. Raises Unreadable when it cannot be unwrapped."""
    key = unwrap_patient_key(ring, patient, wrapped)
    return wrap_patient_key(ring, patient, key, nonce=nonce)


def _wrap(parent: bytes, child: bytes, nonce: bytes, place: bytes) -> bytes:
    return nonce + AESGCM(parent).encrypt(nonce, child, place)


def _unwrap(parent: bytes, wrapped: bytes, place: bytes) -> bytes:
    return _decrypt(parent, wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], place)


def _decrypt(key: bytes, nonce: bytes, ciphertext: bytes, place: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place)
    except (InvalidTag, ValueError) as fault:  # ValueError: a nonce of a length that cannot be
        raise Unreadable from fault


def self_test() -> None:
    """At start-up: refuse to run where the cipher is not what it must be. Raises UnsafeBackend."""
    cipher = AESGCM(bytes(KEY_BYTES))
    sealed = cipher.encrypt(bytes(NONCE_BYTES), bytes(16), None)
    if sealed.hex() != _KNOWN:
        raise UnsafeBackend
    try:
        cipher.decrypt(bytes(NONCE_BYTES), sealed[:-1] + bytes([sealed[-1] ^ 1]), None)
    except InvalidTag:
        return
    raise UnsafeBackend
