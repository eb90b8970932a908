"""A note as it stands, made of all its versions: what it says now, what was added, what it said.

The last version that says the whole note is what stands; additions after it stand beside it. What
stood before is kept behind it, so that a reader sees what was changed, when and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from venterom.journal import amendment, entry
from venterom.journal.amendment import Amendment
from venterom.journal.entry import Content
from venterom.journal.note import NoteFields
from venterom.journal.papers.paper import Issued
from venterom.journal.protection import Protection


@dataclass(frozen=True, slots=True)
class Version:
    """A signed version. None: the EPJ alone has its text."""

    version: int
    author: str
    author_name: str
    signed_at: datetime
    content: Content | None


@dataclass(frozen=True, slots=True)
class Addition:
    """What was added to a note, and why. `elsewhere`: the EPJ alone has the text."""

    version: int
    doctor: str
    signed_at: datetime
    text: str = ""
    why: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A note, being written or signed; version 0 is one that nobody has begun."""

    fields: NoteFields
    version: int  # the newest; the rest is of the one that stands
    author: str = ""
    saved_at: datetime | None = None
    signed_at: datetime | None = None
    protection: Protection | None = None  # of the call; None: nothing is known of it
    account: str = ""  # who met, when and where, in the record's words; of a signed note
    term: str = ""  # the words of the diagnosis code, as they were when it was signed
    papers: tuple[Issued, ...] = ()  # of all versions
    elsewhere: bool = False  # the EPJ alone has the text: only who and when is known here
    why: str = ""  # why it was said anew; "" of one that stands as it was first signed
    changed: tuple[str, ...] = ()  # the headings that it says something else under than before
    additions: tuple[Addition, ...] = ()  # beside it, oldest first
    before: tuple["Note", ...] = ()  # what stood before it, newest first


def as_it_stands(versions: Sequence[Version]) -> Note:
    """The note that all its versions make, given oldest first; there is one at least."""
    stands: Note | None = None
    for each in versions:
        if stands is not None and (each.content is None or entry.is_addition(each.content)):
            # What is elsewhere may be either; that it is later is all that is known of it.
            stands = replace(stands, additions=(*stands.additions, _addition(each)))
        else:
            stands = _whole(each, stands)
    assert stands is not None
    papers = tuple(paper for each in versions if each.content for paper in each.content.papers)
    return replace(stands, version=versions[-1].version, papers=papers)


def history_of(versions: Sequence[Version]) -> list[Amendment | None] | None:
    """What each version is, oldest first. None: the text of one is elsewhere."""
    if any(each.content is None for each in versions):
        return None
    return [each.content.amends for each in versions if each.content is not None]


def _whole(version: Version, before: Note | None) -> Note:
    said, content = (version.version, version.author), version.content
    if content is None:
        return Note(NoteFields(), *said, signed_at=version.signed_at, elsewhere=True)
    known = before is not None and not before.elsewhere
    return Note(
        content.note,
        *said,
        signed_at=version.signed_at,
        protection=content.protection,
        account=entry.account(content, version.author_name),
        term=content.term,
        papers=content.papers,
        why=content.amends.why if content.amends else "",
        changed=amendment.changed(before.fields, content.note) if before and known else (),
        before=() if before is None else (replace(before, before=()), *before.before),
    )


def _addition(version: Version) -> Addition:
    said = (version.version, version.author_name, version.signed_at)
    if version.content is None or version.content.amends is None:
        return Addition(*said, elsewhere=True)
    amends = version.content.amends
    return Addition(*said, amends.addition, amends.why)
