"""What a receiver of the whole record is given beside it, and how it is checked without us.

notater/      the signature of each version, and the bytes whose hash it signs
logg/         the chain, a line of JSON for each link, so that every hash can be made again
manifest      the SHA-256 of every file, signed: nothing can be left out or put in
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from venterom.journal import chain, entry, jws
from venterom.journal.canonical import Plain, canonical, sha256_hex
from venterom.journal.chain import EMPTY, Head, Line, Link
from venterom.journal.errors import BadSignature
from venterom.journal.jws import PublicKey

TYPE = "record-manifest+jws"


@dataclass(frozen=True, slots=True)
class Signed:
    """A version of a note: its signature, and its packed content (entry.py). None: not here, since
    it was deleted or the EPJ alone has it; `receipt` is what the EPJ said."""

    visit: str
    version: int
    jws: str
    content: bytes | None
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was handed over: by whom, to whom, when, and every file by its hash."""

    service: str
    to: str
    at: int  # milliseconds since 1970
    log: Head  # where the log ended
    files: Mapping[str, str] = field(default_factory=dict)  # SHA-256 by path


def note_file(signed: Signed) -> tuple[str, bytes]:
    """The path and content of a version's file."""
    content = signed.content and base64.b64encode(signed.content).decode()
    said = {"jws": signed.jws, "content": content, "receipt": signed.receipt}
    path = f"notater/{signed.visit}-{signed.version}.json"
    return path, json.dumps(said, ensure_ascii=False, indent=1).encode()


def log_line(link: Link) -> bytes:
    """A link of the chain as a line of JSON."""
    said = {name: getattr(link.line, name) for name in Line.__slots__}
    held = {name: getattr(link, name).hex() for name in ("salt", "leaf", "hash")}
    return canonical({**said, **held}) + b"\n"


def manifest_text(manifest: Manifest) -> bytes:
    """The manifest as its file, for people and programs."""
    said = {
        "service": manifest.service,
        "to": manifest.to,
        "at": manifest.at,
        "log": {"n": manifest.log.n, "hash": manifest.log.hash.hex()},
        "files": dict(sorted(manifest.files.items())),
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def manifest_payload(text: bytes) -> Mapping[str, Plain]:
    """What is signed of it."""
    return {"sha256": sha256_hex(text)}


def read_manifest(text: bytes, token: str, keys: Mapping[str, PublicKey]) -> Manifest:
    """The manifest, if it is the one that was signed. Raises BadSignature."""
    if jws.verify(token, keys, typ=(TYPE,)) != canonical(manifest_payload(text)):
        raise BadSignature("the manifest is not the one that was signed")
    said = json.loads(text)
    head = Head(said["log"]["n"], bytes.fromhex(said["log"]["hash"]))
    return Manifest(said["service"], said["to"], said["at"], head, said["files"])


def note_faults(content: bytes, keys: Mapping[str, PublicKey]) -> Iterator[str]:
    """What is wrong with a version's file; nothing if it is what was signed."""
    said = json.loads(content)
    try:
        manifest = json.loads(jws.verify(said["jws"], keys, typ=(entry.TYPE,)))
    except BadSignature as fault:
        yield fault.detail
        return
    packed = said["content"] and base64.b64decode(said["content"])
    if packed and entry.content_hash(packed) != manifest["content_hash"]:
        yield "the content has another hash"


def log_faults(lines: Iterable[bytes], end: Head, anchored: Mapping[int, bytes]) -> Iterator[str]:
    """The first thing that is wrong with the log; nothing if it is whole and ends at `end`."""
    head = EMPTY
    for text in lines:
        link = _link(text)
        for fault in chain.faults(head, link):
            yield f"line {link.line.n}: {fault}"
            return
        if anchored.get(link.line.n, link.hash) != link.hash:
            yield f"line {link.line.n}: the anchor knows another line"
            return
        head = Head(link.line.n, link.hash)
    if head != end or max(anchored, default=0) > head.n:
        yield f"line {head.n + 1}: missing"


def _link(text: bytes) -> Link:
    said = json.loads(text)
    salt, leaf, digest = (bytes.fromhex(said.pop(name)) for name in ("salt", "leaf", "hash"))
    return Link(Line(**said), salt, leaf, digest)
