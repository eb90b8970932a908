"""Checkpoints: where the audit chain ended at a moment, signed, to be kept outside the database.

Whoever has the database and the keys can write the whole log anew, or cut its end off, and every
hash and signature fits. A checkpoint that lies where they cannot reach still knows what the log
was.

One checkpoint is one line of text, a JWS; its header names the key.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from venterom.journal import jws
from venterom.journal.canonical import Plain
from venterom.journal.chain import Head
from venterom.journal.entry import from_ms, to_ms
from venterom.journal.errors import BadAnchor, BadSignature
from venterom.journal.jws import PublicKey
from venterom.journal.keys import Keys

TYPE = "journal-checkpoint+jws"
# A line that was written to its end; a signature of 64 bytes is 86 characters. What a power cut has
# torn off is passed over: it takes nothing from the other lines.
WHOLE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{86}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The number and hash of the chain's last line, as they were then."""

    head: Head
    at: datetime


def write(head: Head, at: datetime, keys: Keys) -> str:
    """The checkpoint as a line of the anchor, without the line's end."""
    said: dict[str, Plain] = {"n": head.n, "hash": head.hash.hex(), "at": to_ms(at)}
    return jws.sign(said, keys.signing, keys.kid, TYPE)


def read(text: str, keys: Mapping[str, PublicKey]) -> tuple[Checkpoint, ...]:
    """The checkpoints of an anchor, oldest first.

    Raises BadAnchor when there is none, one is not signed by us, or two cannot both be true.
    """
    found: list[Checkpoint] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not WHOLE.fullmatch(line):
            continue
        try:
            found.append(_checkpoint(line, keys))
        except BadSignature as fault:
            raise BadAnchor(f"line {number}: {fault.detail}") from fault
        if contradiction := _contradiction(found):
            raise BadAnchor(f"line {number}: {contradiction}")
    if not found:
        raise BadAnchor("it holds no checkpoint")
    return tuple(found)


def known(checkpoints: Sequence[Checkpoint]) -> dict[int, bytes]:
    """The hash that each anchored line of the log must have, by number."""
    return {each.head.n: each.head.hash for each in checkpoints}


def _checkpoint(line: str, keys: Mapping[str, PublicKey]) -> Checkpoint:
    said = json.loads(jws.verify(line, keys, typ=(TYPE,)))
    return Checkpoint(Head(said["n"], bytes.fromhex(said["hash"])), from_ms(said["at"]))


def _contradiction(found: Sequence[Checkpoint]) -> str:
    if len(found) == 1:
        return ""
    before, last = found[-2].head, found[-1].head
    if last.n < before.n:
        return f"the log ended at {last.n}, and had {before.n} lines before"
    return "says something else of the same line" if last.n == before.n and last != before else ""
