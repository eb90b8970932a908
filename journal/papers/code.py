"""The code at the foot of a paper: how it is written, read, and what it opens.

128 bits of chance, written in letters and digits that cannot be mistaken for each other
(Crockford's base 32). We do not keep the code. What it is looked up by, and the key that opens what
a receiver is shown, both follow from it: whoever has the database and not the paper learns nothing.
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from venterom.journal.canonical import framed
from venterom.journal.errors import Unreadable

BYTES = 16  # 128 bits: there are too many codes to try
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = 26  # of five bits each; the first one holds three
_GROUP = 4
_NONCE = bytes(12)  # the key is used for exactly one encryption
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_LONGEST = 100  # characters that are looked at: more is no code


def write(code: bytes) -> str:
    """`7ZZZ-…`, as it stands on the paper."""
    number = int.from_bytes(code, "big")
    letters = "".join(_ALPHABET[number >> 5 * n & 31] for n in reversed(range(_LETTERS)))
    return "-".join(letters[n : n + _GROUP] for n in range(0, _LETTERS, _GROUP))


def read(typed: str) -> bytes | None:
    """The code that somebody typed, whatever they made of blanks, small letters, O and I."""
    letters = typed[:_LONGEST].strip().upper().translate(_MISREAD)
    if len(letters) != _LETTERS or not set(letters) <= set(_ALPHABET):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | _ALPHABET.index(letter)
    return number.to_bytes(BYTES, "big") if number < 1 << 8 * BYTES else None


def name(code: bytes) -> str:
    """What it is looked up by."""
    return hashlib.sha256(framed(b"paper-name1", code)).hexdigest()


def seal(code: bytes, shown: bytes) -> bytes:
    """What a receiver is shown, closed by the code."""
    return AESGCM(_key(code)).encrypt(_NONCE, shown, name(code).encode())


def unseal(code: bytes, sealed: bytes) -> bytes:
    """The same, opened. Raises Unreadable when it was changed."""
    try:
        return AESGCM(_key(code)).decrypt(_NONCE, sealed, name(code).encode())
    except InvalidTag as fault:
        raise Unreadable from fault


def _key(code: bytes) -> bytes:
    return hashlib.sha256(framed(b"paper-key1", code)).digest()
