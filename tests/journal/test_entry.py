"""What lies sealed in an entry, and how it is hashed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.journal.make import KEYS, NOON, NOTE, after
from venterom.journal import entry, identification
from venterom.journal.amendment import Amendment
from venterom.journal.contact import Telephone, Why
from venterom.journal.entry import Content, Manifest, Picture
from venterom.journal.errors import Unreadable
from venterom.journal.identification import How, Identification, Seen
from venterom.journal.meeting import Other, Part
from venterom.journal.note import NoteFields
from venterom.journal.protection import Encryption, Protection, Words

CONTENT = Content(NOTE, NOON, after(minutes=15))
SALT = b"s" * entry.SALT_BYTES


def test_what_is_packed_is_unpacked() -> None:
    assert entry.unpack(entry.pack(CONTENT, SALT)) == CONTENT
    assert b"8432#6" in entry.pack(CONTENT, SALT)  # that it was a video consultation (pjf § 5)


@pytest.mark.parametrize("encryption", Encryption)
@pytest.mark.parametrize("words", Words)
def test_how_the_call_was_kept_is_packed_with_it(encryption: Encryption, words: Words) -> None:
    kept = Content(NOTE, NOON, after(minutes=15), Protection(encryption, words))
    assert entry.unpack(entry.pack(kept, SALT)) == kept
    assert b"protection" not in entry.pack(CONTENT, SALT)  # older notes are hashed as they were


def test_the_telephone_and_the_pictures_are_packed_with_it() -> None:
    rang = Telephone(NOON, Why.NETWORK, after_video=True)
    pictures = (Picture("a" * 64, 7, NOON), Picture("b" * 64, 8, after(minutes=1)))
    whole = Content(NOTE, NOON, after(minutes=15), None, rang, pictures)
    packed = entry.pack(whole, SALT)
    assert entry.unpack(packed) == whole
    assert b"8432#6 8432#7" in packed
    assert b"telephone" not in entry.pack(CONTENT, SALT)  # older notes are hashed as they were
    assert b"pictures" not in entry.pack(CONTENT, SALT)


@pytest.mark.parametrize("seen", Seen)
@pytest.mark.parametrize("how", How)
def test_who_was_seen_is_packed_with_it_and_stands_in_the_account(seen: Seen, how: How) -> None:
    content = replace(CONTENT, identified=Identification(seen, how, NOON))
    assert entry.unpack(entry.pack(content, SALT)) == content
    assert identification.sentence(Identification(seen, how, NOON)) in entry.account(content, "NN")


@pytest.mark.parametrize(
    ("seen", "present"),
    [
        (Seen.PATIENT, "pasienten, NN (lege), Kari Prøvdal (forelder)"),
        (Seen.NOT_SAID, "pasienten, NN (lege), Kari Prøvdal (forelder)"),
        (Seen.PARENT, "NN (lege), Kari Prøvdal (forelder)"),
        (Seen.OTHER, "NN (lege), Kari Prøvdal (forelder)"),
    ],
)
def test_a_patient_whom_the_doctor_did_not_meet_was_not_there(seen: Seen, present: str) -> None:
    others = (Other(Part.PARENT, "Kari Prøvdal"),)
    said = Identification(seen, How.PICTURE, NOON)
    account = entry.account(replace(CONTENT, others=others, identified=said), "NN")
    assert f"Til stede: {present}." in account.split("\n")
    assert b"identified" not in entry.pack(CONTENT, SALT)  # older notes are hashed as they were


def test_who_took_part_is_packed_with_it() -> None:
    content = Content(NOTE, NOON, NOON, others=(Other(Part.INTERPRETER, "Tor Prøve"),))
    assert entry.unpack(entry.pack(content, SALT)) == content


# Written down from the program as it was before the form had a number. Never to be changed.
FIRST_FORM = (
    '{"begun_at":1795518000000,"contact":"8432#6 8432#7","ended_at":1795518900000,"note":'
    '{"assessment":"Trolig halsbetennelse","findings":"Hovne tonsiller på video","history":'
    '"Feber 38,5 i tre dager","icpc2":"R76","plan":"Hurtigtest i dag","reason":"Vondt i halsen"},'
    '"pictures":[{"sha256":"' + "a" * 64 + '","size":7,"taken_at":1795518000000}],'
    '"protection":{"encryption":"end_to_end","words":"matched"},'
    '"telephone":{"after_video":true,"at":1795518000000,"why":"network"}}'
)


def test_what_was_signed_in_the_first_form_is_still_read() -> None:
    content = entry.unpack(SALT + FIRST_FORM.encode())
    assert content.form == 1
    assert content.note == NoteFields(
        "Vondt i halsen",
        "Feber 38,5 i tre dager",
        "Hovne tonsiller på video",
        "Trolig halsbetennelse",
        "Hurtigtest i dag",
        "R76",
    )
    assert (content.begun_at, content.ended_at) == (NOON, after(minutes=15))
    assert content.protection == Protection(Encryption.END_TO_END, Words.MATCHED)
    assert content.telephone == Telephone(NOON, Why.NETWORK, after_video=True)
    assert (content.pictures, content.others) == ((Picture("a" * 64, 7, NOON),), ())


def test_a_later_version_is_packed_with_what_it_is_and_why() -> None:
    amends = Amendment("Feil dato", "", (1, 2))
    later = Content(NOTE, NOON, after(minutes=15), form=entry.AMENDED_FORM, amends=amends)
    assert entry.unpack(entry.pack(later, SALT)) == later
    assert b"amends" not in entry.pack(CONTENT, SALT)  # the first is hashed as it was


def test_a_form_of_the_future_is_not_guessed_at() -> None:
    later = entry.pack(CONTENT, SALT).replace(b'"form":2', b'"form":4')
    with pytest.raises(Unreadable):
        entry.unpack(later)


def test_the_hash_depends_on_salt_and_content() -> None:
    hashes = {
        entry.content_hash(entry.pack(CONTENT, SALT)),
        entry.content_hash(entry.pack(CONTENT, b"t" * 32)),
        entry.content_hash(entry.pack(Content(NOTE, NOON, NOON), SALT)),
    }
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("moment", "ms"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1),
        (datetime(2026, 11, 24, 11, 0, 0, 999, tzinfo=UTC), 1_795_518_000_000),  # cut, not rounded
    ],
)
def test_moments_are_whole_milliseconds(moment: datetime, ms: int) -> None:
    assert entry.to_ms(moment) == ms
    assert entry.to_ms(entry.from_ms(ms)) == ms


def test_the_manifest_is_signed_field_by_field() -> None:
    manifest = Manifest("v", 1, "p", "a", "h", "n", "s", 1, False, "c", "b")
    assert entry.manifest_payload(manifest).keys() == set(Manifest.__slots__)


def test_keys_keep_their_secrets_out_of_sight() -> None:
    for secret in (b"1" * 32, b"i" * 32):
        assert secret.decode() not in repr(KEYS)
    assert KEYS.pseudonym("kari") != KEYS.pseudonym("ola") and len(KEYS.pseudonym("kari")) == 64
    assert list(KEYS.verifying) == [KEYS.kid]
