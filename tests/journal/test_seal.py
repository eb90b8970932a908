"""A sealed text opens in its own place with its own keys, and nowhere else."""

import dataclasses

import pytest

from venterom.journal import seal
from venterom.journal.errors import BadKey, Unreadable, UnsafeBackend
from venterom.journal.seal import Chance, Context, KekRing, Sealed, WrappedKey

RING = KekRing("2026", {"2025": b"5" * 32, "2026": b"6" * 32})
PATIENT_KEY = b"p" * 32
PLACE = Context("note", "visit-1", "patient-1", 1, "doctor-1")
CHANCE = Chance(dek=b"d" * 32, dek_nonce=b"n" * 12, nonce=b"m" * 12)
TEXT = b"Vondt i halsen"


def sealed() -> Sealed:
    return seal.seal(TEXT, PLACE, kek_id="2026", parent=PATIENT_KEY, chance=CHANCE)


def test_what_was_sealed_opens_again() -> None:
    assert seal.unseal(sealed(), PLACE, parent=PATIENT_KEY) == TEXT


def test_the_text_cannot_be_seen_from_outside() -> None:
    assert TEXT not in sealed().ciphertext and CHANCE.dek not in sealed().wrapped_dek
    assert b"5555" not in repr(RING).encode() and b"dddd" not in repr(CHANCE).encode()


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"table": "entry"},  # moved to another table
        {"record": "visit-2"},  # pasted into another visit
        {"patient": "patient-2"},  # … or another patient
        {"version": 2},  # an old version over a new one
        {"author": "doctor-2"},  # another name put on it
        {"table": "notev", "record": "isit-1"},  # the same letters, cut elsewhere
    ],
)
def test_a_moved_text_does_not_open(elsewhere: dict[str, object]) -> None:
    place = dataclasses.replace(PLACE, **elsewhere)  # type: ignore[arg-type]  # rows of a table
    with pytest.raises(Unreadable):
        seal.unseal(sealed(), place, parent=PATIENT_KEY)


@pytest.mark.parametrize("column", ["wrapped_dek", "nonce", "ciphertext"])
@pytest.mark.parametrize("change", ["flip", "cut", "empty"])
def test_a_changed_column_does_not_open(column: str, change: str) -> None:
    value: bytes = getattr(sealed(), column)
    bad = {"flip": bytes([value[0] ^ 1]) + value[1:], "cut": value[:-1], "empty": b""}[change]
    changed = dataclasses.replace(sealed(), **{column: bad})  # type: ignore[arg-type]  # by name
    with pytest.raises(Unreadable):
        seal.unseal(changed, PLACE, parent=PATIENT_KEY)


def test_another_key_id_or_another_patients_key_does_not_open() -> None:
    with pytest.raises(Unreadable):
        seal.unseal(dataclasses.replace(sealed(), kek_id="2025"), PLACE, parent=PATIENT_KEY)
    with pytest.raises(Unreadable):
        seal.unseal(sealed(), PLACE, parent=b"q" * 32)


def test_swapped_wrapped_deks_do_not_open() -> None:
    other = dataclasses.replace(PLACE, record="visit-2")
    theirs = seal.seal(b"x", other, kek_id="2026", parent=PATIENT_KEY, chance=CHANCE)
    with pytest.raises(Unreadable):
        mixed = dataclasses.replace(sealed(), wrapped_dek=theirs.wrapped_dek)
        seal.unseal(mixed, PLACE, parent=PATIENT_KEY)


def test_a_patient_key_is_bound_to_its_patient_and_its_kek() -> None:
    wrapped = seal.wrap_patient_key(RING, "patient-1", PATIENT_KEY, nonce=b"n" * 12)
    assert seal.unwrap_patient_key(RING, "patient-1", wrapped) == PATIENT_KEY
    for patient, row in (
        ("patient-2", wrapped),
        ("patient-1", WrappedKey("2025", wrapped.wrapped)),
        ("patient-1", WrappedKey("2019", wrapped.wrapped)),  # a key that the ring does not hold
    ):
        with pytest.raises(Unreadable):
            seal.unwrap_patient_key(RING, patient, row)


def test_rotation_wraps_patient_keys_anew_and_leaves_texts_untouched() -> None:
    text = sealed()
    newer = KekRing("2027", {**RING.keys, "2027": b"7" * 32})
    old = seal.wrap_patient_key(RING, "p", PATIENT_KEY, nonce=b"n" * 12)
    key = seal.unwrap_patient_key(newer, "p", old)
    new = seal.wrap_patient_key(newer, "p", key, nonce=b"o" * 12)
    only_new = KekRing("2027", {"2027": b"7" * 32})
    assert seal.unseal(text, PLACE, parent=seal.unwrap_patient_key(only_new, "p", new)) == TEXT


@pytest.mark.parametrize(
    ("current", "keys"), [("b", {"a": b"x" * 32}), ("a", {"a": b"short"}), ("a", {})]
)
def test_a_ring_without_its_current_key_or_with_a_short_one_is_refused(
    current: str, keys: dict[str, bytes]
) -> None:
    with pytest.raises(BadKey):
        KekRing(current, keys)


def test_the_cipher_is_the_one_of_the_standard() -> None:
    seal.self_test()


@pytest.mark.parametrize("fault", ["another cipher", "opens anything"])
def test_start_up_refuses_a_cipher_that_is_not(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        def __init__(self, key: bytes) -> None:
            assert key == bytes(32)

        def encrypt(self, nonce: bytes, data: bytes, more: bytes | None) -> bytes:
            sealed = bytes.fromhex(seal._KNOWN)
            return sealed if fault == "opens anything" else sealed[::-1]

        def decrypt(self, nonce: bytes, data: bytes, more: bytes | None) -> bytes:
            return data

    monkeypatch.setattr(seal, "AESGCM", Other)
    with pytest.raises(UnsafeBackend):
        seal.self_test()
