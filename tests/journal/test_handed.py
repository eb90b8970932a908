"""What was handed over is checked without us: notes, log and manifest."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.journal.make import KEYS, NOON
from tests.journal.test_entry import CONTENT, SALT
from tests.journal.test_fhir import MANIFEST
from venterom.journal import chain, entry, handed, jws
from venterom.journal.chain import EMPTY, Head, Line, Link
from venterom.journal.errors import BadSignature
from venterom.journal.handed import Manifest, Signed

PACKED = entry.pack(CONTENT, SALT)
SAID = replace(MANIFEST, content_hash=entry.content_hash(PACKED))
TOKEN = jws.sign(entry.manifest_payload(SAID), KEYS.signing, KEYS.kid, entry.TYPE)
STRANGE = {"other": ec.derive_private_key(8, ec.SECP256R1()).public_key()}
HANDED = Manifest("Venterom", "Arkivet", entry.to_ms(NOON), Head(2, b"h" * 32), {"a": "b" * 64})


def faults(signed: Signed) -> list[str]:
    _, content = handed.note_file(signed)
    return list(handed.note_faults(content, KEYS.verifying))


def test_a_note_is_the_one_that_was_signed() -> None:
    assert faults(Signed("v", 1, TOKEN, PACKED)) == []
    assert faults(Signed("v", 1, TOKEN, None, "{}")) == []  # its text is elsewhere
    assert faults(Signed("v", 1, TOKEN, PACKED + b" ")) == ["the content has another hash"]
    assert handed.note_file(Signed("v", 2, TOKEN, PACKED))[0] == "notater/v-2.json"
    _, content = handed.note_file(Signed("v", 1, TOKEN, PACKED))
    assert list(handed.note_faults(content, STRANGE))


def links(count: int) -> list[Link]:
    """A chain of so many lines."""
    head, made = EMPTY, []
    for n in range(1, count + 1):
        line = Line(
            n, entry.to_ms(NOON), "dr", "doctor", "note.read", "v", "kari", "TREAT/care", ""
        )
        made.append(chain.forge(head, line, bytes([n]) * chain.SALT_BYTES))
        head = Head(n, made[-1].hash)
    return made


CHAIN = links(4)
LINES = [handed.log_line(link) for link in CHAIN]
END = Head(4, CHAIN[-1].hash)
CHANGED = [*LINES[:2], LINES[2].replace(b"kari", b"ola"), LINES[3]]


@pytest.mark.parametrize(
    ("lines", "anchored", "found"),
    [
        (LINES, {}, []),
        (LINES, {3: CHAIN[2].hash}, []),
        (LINES, {3: b"x" * 32}, ["line 3: the anchor knows another line"]),
        (LINES, {9: b"x" * 32}, ["line 5: missing"]),
        (CHANGED, {}, ["line 3: content"]),
        ([LINES[0], *LINES[2:]], {}, ["line 3: gap"]),
        (LINES[:3], {}, ["line 4: missing"]),
        ([], {}, ["line 1: missing"]),
    ],
)
def test_the_log_is_whole(lines: list[bytes], anchored: dict[int, bytes], found: list[str]) -> None:
    assert list(handed.log_faults(lines, END, anchored)) == found


def test_the_manifest_is_the_one_that_was_signed() -> None:
    text = handed.manifest_text(HANDED)
    token = jws.sign(handed.manifest_payload(text), KEYS.signing, KEYS.kid, handed.TYPE)
    assert handed.read_manifest(text, token, KEYS.verifying) == HANDED
    assert json.loads(text)["to"] == "Arkivet"
    with pytest.raises(BadSignature):
        handed.read_manifest(text.replace(b"Arkivet", b"Andre"), token, KEYS.verifying)
    with pytest.raises(BadSignature):
        handed.read_manifest(text, token, STRANGE)
