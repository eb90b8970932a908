"""Who somebody is, at rest: sealed for whoever holds the keys, found again by a blind index.

AES-256-GCM bound to the person's id, so that an identity moved to another row does not open. The
index is an HMAC: a plain hash of a national number is undone in a minute.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from venterom.journal.canonical import framed
from venterom.journal.seal import KekRing
from venterom.web.identity.errors import IdentityUnreadable


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that guard identities, each for one use."""

    ring: KekRing  # seals
    index: bytes = field(repr=False)  # 32 bytes: finds a person by number


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """What is sealed."""

    name: str
    birth_date: date | None
    number: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed identity as it lies in a row."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


def blind_index(keys: Keys, number: str) -> str:
    """By which a person is found; it says nothing to whoever lacks the key."""
    return hmac.digest(keys.index, framed(b"nin1", number.encode("ascii")), hashlib.sha256).hex()


def seal(keys: Keys, nonce: bytes, person: str, identity: Identity) -> Sealed:
    """Seal under the current key. A nonce (12 bytes) is used once."""
    key_id = keys.ring.current
    cipher = AESGCM(keys.ring.key(key_id))
    return Sealed(key_id, nonce, cipher.encrypt(nonce, _dump(identity), _place(person, key_id)))


def unseal(keys: Keys, person: str, sealed: Sealed) -> Identity:
    """The identity. Raises IdentityUnreadable when the row was changed or moved."""
    cipher = AESGCM(keys.ring.key(sealed.key_id))
    try:
        text = cipher.decrypt(sealed.nonce, sealed.ciphertext, _place(person, sealed.key_id))
    except InvalidTag:
        raise IdentityUnreadable from None
    return _parse(text)


def _place(person: str, key_id: str) -> bytes:
    return framed(b"identity1", person.encode(), key_id.encode())


def _dump(identity: Identity) -> bytes:
    born = identity.birth_date.isoformat() if identity.birth_date else ""
    return json.dumps([identity.name, born, identity.number], ensure_ascii=False).encode()


def _parse(text: bytes) -> Identity:
    name, born, number = json.loads(text)
    return Identity(name, date.fromisoformat(born) if born else None, number)
