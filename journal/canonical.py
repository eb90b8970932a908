"""One way only to turn values into bytes, so that a hash or a signature means one thing.

`canonical` is for what people may want to read (sorted, compact JSON); `framed` joins byte strings
so that no two different lists give the same bytes.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Plain: TypeAlias = str | int | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: Plain) -> bytes:
    """Sorted compact JSON in UTF-8, text in NFC. Raises TypeError for floats and other types."""
    return _JSON.encode(_plain(value)).encode()


def framed(*parts: bytes) -> bytes:
    """Each part behind its length (4 bytes, big endian): a separator could be part of a part."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def sha256_hex(data: bytes) -> str:
    """SHA-256, as 64 small hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, str):  # first: most of it is text
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item) for item in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("a key must be text")
    return unicodedata.normalize("NFC", key)
