"""A signed entry of the record: what lies sealed in it, and the manifest that is signed.

The manifest holds no text, only who, when, for whom (by pseudonym) and the hash of the content.
The content begins with a salt, so that the hash can go about without betraying a short text.

What was signed is never written anew, so every form in which a content was ever packed is read for
good: `form` says which it is, and the first one says nothing.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from venterom.journal import identification
from venterom.journal.amendment import Amendment
from venterom.journal.canonical import Plain, canonical, sha256_hex
from venterom.journal.contact import Telephone, Why, means
from venterom.journal.errors import Unreadable
from venterom.journal.identification import How, Identification, Seen
from venterom.journal.meeting import Other, Part, account_of, who
from venterom.journal.note import NoteFields
from venterom.journal.papers.paper import Issued, issued_plain, read_issued
from venterom.journal.protection import Encryption, Protection, Words

TYPE = "journal-entry+jws"
CONTACTS = "8432#"  # national list; the means is part of the entry and cannot be dropped (pjf § 5)
SALT_BYTES = 32
FIRST_FORM = 1  # reason, history, findings, assessment, plan, diagnosis; nobody but the two
FORM = 2  # … medicines, critical information, advice, place, call-back number, who else took part
AMENDED_FORM = 3  # … and of a later version what it is and why: a program must not leave that out
FIRST = 1  # the version that is written after the meeting; later ones amend it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that belongs to the note, by its hash; it is sealed beside the entry."""

    sha256: str  # of the JPEG, hexadecimal
    size: int  # bytes
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """What the entry says: the note, and the contact that it is about."""

    note: NoteFields
    begun_at: datetime
    ended_at: datetime
    protection: Protection | None = None  # of the call; None: nothing is known of it
    telephone: Telephone | None = None  # None: they met by video alone
    pictures: tuple[Picture, ...] = ()
    others: tuple[Other, ...] = ()  # who took part besides the patient and the doctor
    form: int = FORM
    term: str = ""  # the words of the diagnosis code, as they were when it was signed
    papers: tuple[Issued, ...] = ()  # what was issued with the note
    amends: Amendment | None = None  # of a later version; None: it is the first
    identified: Identification | None = None  # None: signed before doctors were asked


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is signed about an entry."""

    visit: str
    version: int
    patient: str  # pseudonym
    author: str
    author_hpr: str
    author_name: str
    sign_in: str
    signed_at: int  # milliseconds since 1970
    withheld: bool
    content_hash: str
    after: str  # hash of the last audit line before this entry, hexadecimal


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970, as they are stored."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The moment, aware and in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def pack(content: Content, salt: bytes) -> bytes:
    """The bytes that are hashed and sealed: the salt, then the canonical content."""
    said: dict[str, Plain] = {
        "form": FORM if content.amends is None else AMENDED_FORM,
        "contact": " ".join(CONTACTS + each for each in means(content.telephone)),
        "begun_at": to_ms(content.begun_at),
        "ended_at": to_ms(content.ended_at),
        "note": dict(asdict(content.note)),
        "term": content.term,
        "others": [{"part": each.part, "name": each.name} for each in content.others],
    }
    if content.protection is not None:
        said["protection"] = dict(asdict(content.protection))
    if (rang := content.telephone) is not None:
        said["telephone"] = {
            "at": to_ms(rang.at),
            "why": rang.why,
            "after_video": rang.after_video,
        }
    if (who_it_was := content.identified) is not None:
        said["identified"] = {
            "seen": who_it_was.seen,
            "how": who_it_was.how,
            "at": to_ms(who_it_was.at),
        }
    if content.pictures:
        said["pictures"] = [
            {"sha256": each.sha256, "size": each.size, "taken_at": to_ms(each.taken_at)}
            for each in content.pictures
        ]
    if content.papers:
        said["papers"] = [issued_plain(each) for each in content.papers]
    if content.amends is not None:
        said["amends"] = dict(asdict(content.amends))
    return salt + canonical(said)


def unpack(packed: bytes) -> Content:
    """The content that `pack` packed, today or before. Raises Unreadable for a form that is newer
    than this program."""
    said = json.loads(packed[SALT_BYTES:])
    form = said.get("form", FIRST_FORM)
    if form not in (FIRST_FORM, FORM, AMENDED_FORM):
        raise Unreadable(f"form {form} of an entry is not known here")
    kept, rang, amends = said.get("protection"), said.get("telephone"), said.get("amends")
    seen = said.get("identified")
    return Content(
        NoteFields(**said["note"]),
        from_ms(said["begun_at"]),
        from_ms(said["ended_at"]),
        kept and Protection(Encryption(kept["encryption"]), Words(kept["words"])),
        rang and Telephone(from_ms(rang["at"]), Why(rang["why"]), rang["after_video"]),
        tuple(
            Picture(each["sha256"], each["size"], from_ms(each["taken_at"]))
            for each in said.get("pictures", ())
        ),
        tuple(Other(Part(each["part"]), each["name"]) for each in said.get("others", ())),
        form,
        said.get("term", ""),
        tuple(read_issued(each) for each in said.get("papers", ())),
        amends and Amendment(amends["why"], amends["addition"], tuple(amends["replaces"])),
        seen and Identification(Seen(seen["seen"]), How(seen["how"]), from_ms(seen["at"])),
    )


def account(content: Content, doctor: str) -> str:
    """Who met, when, where and by which means; `doctor` is the author's name. The first form did
    not know it, and an addition is of no meeting of its own."""
    if content.form == FIRST_FORM or is_addition(content):
        return ""
    return account_of(
        means(content.telephone),
        content.begun_at,
        content.ended_at,
        who(doctor, content.others, patient=identification.patient_took_part(content.identified)),
        content.identified and identification.sentence(content.identified) or "",
        content.note.place,
        content.note.callback,
    )


def is_addition(content: Content) -> bool:
    """Whether it stands beside the version before it, and says nothing of that."""
    return content.amends is not None and bool(content.amends.addition)


def content_hash(packed: bytes) -> str:
    """The hash that stands for the content everywhere: in the manifest, the audit and the EPJ."""
    return sha256_hex(packed)


def manifest_payload(manifest: Manifest) -> dict[str, Plain]:
    """The manifest as it is signed."""
    return {name: getattr(manifest, name) for name in Manifest.__slots__}
