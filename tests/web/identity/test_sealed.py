"""Who somebody is, at rest: nothing opens in another place or after a change."""

from datetime import date

import pytest

from venterom.journal.errors import Unreadable
from venterom.journal.seal import KekRing
from venterom.web.identity.errors import IdentityUnreadable
from venterom.web.identity.sealed import Identity, Keys, Sealed, blind_index, seal, unseal

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
KEYS = Keys(KekRing("1", {"1": ONE, "2": TWO}), TWO)
NONCE = bytes(12)
WHO = Identity("Åse Prøvdal", date(1986, 5, 17), "17858690000")
SEALED = seal(KEYS, NONCE, "p1", WHO)


@pytest.mark.parametrize("who", [WHO, Identity("Per Testesen", None, "1")])
def test_what_is_sealed_opens_as_it_was(who: Identity) -> None:
    opened = unseal(KEYS, "p1", seal(KEYS, NONCE, "p1", who))
    assert opened == who


def test_a_ring_with_a_newer_key_still_opens_what_the_older_sealed() -> None:
    newer = Keys(KekRing("2", {"1": ONE, "2": TWO}), TWO)
    assert unseal(newer, "p1", SEALED) == WHO
    assert seal(newer, NONCE, "p1", WHO).key_id == "2"


@pytest.mark.parametrize(
    ("person", "sealed"),
    [
        ("p2", SEALED),  # moved to another person
        ("p1", Sealed("2", SEALED.nonce, SEALED.ciphertext)),  # said to be under another key
        ("p1", Sealed("1", bytes(11) + b"\x01", SEALED.ciphertext)),
        ("p1", Sealed("1", SEALED.nonce, SEALED.ciphertext[:-1])),
        (
            "p1",
            Sealed("1", SEALED.nonce, bytes([SEALED.ciphertext[0] ^ 1]) + SEALED.ciphertext[1:]),
        ),
        ("p1", Sealed("1", SEALED.nonce, b"")),
    ],
)
def test_what_was_moved_or_changed_does_not_open(person: str, sealed: Sealed) -> None:
    with pytest.raises(IdentityUnreadable):
        unseal(KEYS, person, sealed)


def test_a_missing_key_is_said() -> None:
    with pytest.raises(Unreadable):
        unseal(Keys(KekRing("2", {"2": TWO}), TWO), "p1", SEALED)


def test_the_index_depends_on_number_and_key_and_holds_neither() -> None:
    index = blind_index(KEYS, "17858690000")
    assert index == blind_index(KEYS, "17858690000")
    assert index != blind_index(KEYS, "17858690001")
    assert index != blind_index(Keys(KEYS.ring, ONE), "17858690000")
    assert len(index) == 64
    assert "178586" not in index


def test_neither_keys_nor_identities_are_printed() -> None:
    assert "Åse" not in repr(WHO)
    assert "178586" not in repr(WHO)
    assert repr(TWO) not in repr(KEYS)
    assert repr(ONE) not in repr(KEYS)
