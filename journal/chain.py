"""The audit chain: each line carries the hash of the one before, so none can be changed or lost.

    leaf  = SHA-256("leaf1" ‖ salt ‖ the line)
    hash  = SHA-256("audit1" ‖ n ‖ hash before ‖ leaf)

The salt makes the leaf a commitment: the hashes can be shown to others, and a line can one day be
emptied by law, without anybody guessing from the leaf what it said. Whoever owns the database can
still rewrite all of it or cut its end: that is what an anchor outside is for.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from venterom.journal.canonical import canonical, framed

START = bytes(32)  # the hash before the first line
SALT_BYTES = 32


class Action(StrEnum):
    """What was done. Reads have their own lines: pjl § 22 and § 22 a ask for them."""

    REASON_WRITTEN = "reason.written"
    REASON_REMOVED = "reason.removed"  # nobody was treated, and it was kept long enough
    NOTICE_READ = "notice.read"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    TRIAGE_CHANGED = "triage.changed"
    CARE_BEGUN = "care.begun"
    SOMEBODY_ELSE_SEEN = "somebody_else.seen"  # than the patient, in the call
    REASON_READ = "reason.read"
    STORY_READ = "story.read"
    NOTE_READ = "note.read"
    OUTCOME_READ = "outcome.read"
    DRAFT_BEGUN = "draft.begun"
    PICTURE_ALLOWED = "picture.allowed"
    PICTURE_REFUSED = "picture.refused"
    PICTURE_TAKEN = "picture.taken"
    PICTURE_DROPPED = "picture.dropped"
    PICTURE_READ = "picture.read"
    PAPER_WRITTEN = "paper.written"
    PAPER_DROPPED = "paper.dropped"
    PAPER_READ = "paper.read"
    PAPER_WITHDRAWN = "paper.withdrawn"
    PRESCRIPTION_SENT = "prescription.sent"
    SICK_NOTE_SENT = "sick_note.sent"
    NOTE_SIGNED = "note.signed"
    AMENDMENT_BEGUN = "amendment.begun"
    NOTE_AMENDED = "note.amended"  # a later version: put right, or added to
    NOTE_SENT = "note.sent"
    NOTE_DELETED = "note.deleted"
    NOTE_REDUCED = "note.reduced"  # the EPJ has it: its text is not here any more
    RECORD_OPENED = "record.opened"  # the list of notes, by the patient or who stands in for her
    RECORD_TAKEN_OUT = "record.taken_out"
    RECORD_HANDED_OVER = "record.handed_over"  # to whoever keeps it when the enterprise closes
    LOG_READ = "log.read"  # by somebody else than the patient
    BLOCK_SET = "block.set"
    BLOCK_LIFTED = "block.lifted"
    GLASS_BROKEN = "glass.broken"
    GLASS_CHECKED = "glass.checked"  # the director has read why
    CASE_ASKED = "case.asked"
    CASE_READ = "case.read"
    CASE_ANSWERED = "case.answered"
    PROXY_GIVEN = "proxy.given"
    PROXY_ENDED = "proxy.ended"
    RELATION_CHECKED = "relation.checked"  # by the population registry
    GRANT_GIVEN = "grant.given"  # a role, to somebody of the staff
    GRANT_RENEWED = "grant.renewed"
    GRANT_ENDED = "grant.ended"


def signed_as(version: int) -> Action:
    """What the line of a signature says that was done, by the version that was signed."""
    return Action.NOTE_SIGNED if version == 1 else Action.NOTE_AMENDED


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the audit: who did what with whose record, when, and why."""

    n: int
    at: int  # milliseconds since 1970, as it is stored
    actor: str
    role: str
    action: str
    visit: str
    patient: str
    purpose: str
    content: str  # SHA-256 of what was written, "" for a read


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line as the patient reads it. `visit` is "" for what concerns the record as a whole."""

    n: int
    at: datetime
    actor: str
    role: str
    action: str
    purpose: str
    ground: str
    visit: str
    content: str


@dataclass(frozen=True, slots=True)
class Link:
    """A line in the chain, with the three values that hold it there."""

    line: Line
    salt: bytes
    leaf: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: the number and the hash of its last line."""

    n: int
    hash: bytes


EMPTY = Head(0, START)


def leaf_of(salt: bytes, line: Line) -> bytes:
    """The salted commitment to one line."""
    said = canonical({name: getattr(line, name) for name in Line.__slots__})
    return hashlib.sha256(framed(b"leaf1", salt, said)).digest()


def hash_of(n: int, before: bytes, leaf: bytes) -> bytes:
    """The hash of line `n`, from the hash of the line before."""
    return hashlib.sha256(framed(b"audit1", n.to_bytes(8, "big"), before, leaf)).digest()


def forge(head: Head, line: Line, salt: bytes) -> Link:
    """The link that hangs `line` on the end of the chain."""
    leaf = leaf_of(salt, line)
    return Link(line, salt, leaf, hash_of(line.n, head.hash, leaf))


def faults(head: Head, link: Link) -> Iterator[str]:
    """What is wrong with the link after `head`: `gap`, `content` or `hash`; nothing if it holds."""
    if link.line.n != head.n + 1:
        yield "gap"
    if link.leaf != leaf_of(link.salt, link.line):
        yield "content"
    if link.hash != hash_of(link.line.n, head.hash, link.leaf):
        yield "hash"
