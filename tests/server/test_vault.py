"""The keys: refused when they are not what they should be, and made only where none is."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from venterom.journal import jws
from venterom.server import vault
from venterom.server.config import Keys, SettingsError

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
NAMES = ("root_file", "signing_file", "client_file")


@pytest.fixture
def files(tmp_path: Path) -> Keys:
    """Keys that are in order."""
    folder = tmp_path / "keys"
    chosen = Keys(
        root_file=folder / "root.key",
        signing_file=folder / "signing.pem",
        client_file=folder / "client.pem",
        folder=folder / "later",
    )
    vault.make_missing(chosen)
    return chosen


def pem(key: PrivateKeyTypes, password: bytes | None = None) -> bytes:
    """A private key as text."""
    sealed = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed)


def public_pem() -> bytes:
    """Half of a key."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def test_what_was_made_can_be_used(files: Keys) -> None:
    keys = vault.load(files)
    assert len(keys.root) == vault.ROOT_BYTES
    assert keys.signing.private_numbers() != keys.client.private_numbers()


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_key_is_refused_by_name(files: Keys, name: str) -> None:
    path: Path = getattr(files, name)
    path.unlink()
    with pytest.raises(SettingsError, match=f"^{path}: No such file"):
        vault.load(files)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o601, 0o644, 0o777], ids=oct)
def test_a_key_that_others_may_touch_is_refused(files: Keys, name: str, mode: int) -> None:
    path: Path = getattr(files, name)
    path.chmod(mode)
    with pytest.raises(SettingsError, match=f"^{path}: others may read this key; chmod 600 it$"):
        vault.load(files)


@pytest.mark.parametrize("mode", [0o600, 0o400], ids=oct)
def test_a_key_that_is_ones_own_is_taken(files: Keys, mode: int) -> None:
    for name in NAMES:
        getattr(files, name).chmod(mode)
    vault.load(files)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_root_key_of_another_length_is_refused(files: Keys, length: int) -> None:
    files.root_file.write_bytes(b"k" * length)
    with pytest.raises(SettingsError, match="the root key is 32 bytes"):
        vault.load(files)


NO_KEYS: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "a private key in PEM form"),
    "not text": (lambda: b"\x00\xff", "a private key in PEM form"),
    "cut off": (lambda: vault.new_signing_key()[:100], "a private key in PEM form"),
    "public": (public_pem, "a private key in PEM form"),
    "with a password": (
        lambda: pem(ec.generate_private_key(ec.SECP256R1()), b"hemmelig"),
        "without a password",
    ),
    "another curve": (lambda: pem(ec.generate_private_key(ec.SECP384R1())), "a P-256 key"),
    "another kind": (lambda: pem(rsa.generate_private_key(65537, 2048)), "a P-256 key"),
}


@pytest.mark.parametrize("kind", NO_KEYS)
@pytest.mark.parametrize("name", ["signing_file", "client_file"])
def test_what_is_no_signing_key_is_refused_and_not_shown(files: Keys, name: str, kind: str) -> None:
    make, says = NO_KEYS[kind]
    path: Path = getattr(files, name)
    content = make()
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=says) as refused:
        vault.load(files)
    assert str(refused.value).startswith(f"{path}: ")
    assert len(content) < 40 or content[30:60].decode() not in str(refused.value)


def test_making_what_is_missing_changes_nothing_that_is_there(files: Keys) -> None:
    before = [getattr(files, name).read_bytes() for name in NAMES]
    files.client_file.unlink()
    vault.make_missing(files)
    after = [getattr(files, name).read_bytes() for name in NAMES]
    assert after[:2] == before[:2] and after[2] != before[2]


def test_a_broken_key_is_left_for_a_person_to_look_at(files: Keys) -> None:
    files.root_file.write_bytes(b"")
    vault.make_missing(files)
    assert files.root_file.read_bytes() == b""


def test_what_is_made_is_for_its_owner_alone_whatever_the_mask(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "keys"
    chosen = Keys(root_file=folder / "r", signing_file=folder / "s", client_file=folder / "c")
    before = os.umask(0)
    try:
        vault.make_missing(chosen)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(getattr(chosen, name).stat().st_mode) for name in NAMES}
    assert modes == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_each_purpose_has_its_own_key_and_always_the_same(files: Keys) -> None:
    keys = vault.load(files)
    purposes = ("record", "identity", "ticket", "link", "csrf", "messages")
    derived = [keys.derive(purpose) for purpose in purposes]
    assert len({*derived, keys.root}) == len(purposes) + 1
    assert all(len(key) == 32 for key in derived)
    assert [vault.load(files).derive(purpose) for purpose in purposes] == derived


def test_a_vault_that_is_printed_shows_no_key(files: Keys) -> None:
    keys = vault.load(files)
    assert str(keys.root) not in repr(keys) and keys.root.hex() not in repr(keys)


def since(path: Path) -> datetime:
    """When the file was put there."""
    return datetime.fromtimestamp(path.stat().st_ctime, UTC)


def test_a_new_key_opens_at_once_and_seals_when_everybody_knows_it(files: Keys) -> None:
    path = vault.make_later(files)
    assert path == files.folder / "kek-2.key"
    keyring, there = vault.load(files), since(path)
    early = keyring.record_keys(there + vault.SETTLES - timedelta(milliseconds=1)).keks
    assert (early.current, {*early.keys}) == ("kek-1", {"kek-1", "kek-2"})
    late = keyring.record_keys(there + vault.SETTLES).keks
    assert (late.current, late.keys) == ("kek-2", early.keys)


def test_the_newest_key_is_the_one_with_the_highest_number(files: Keys) -> None:
    made = [vault.make_later(files) for _ in range(10)]
    assert made[-1].name == "kek-11.key"
    ring = vault.load(files).record_keys(since(made[-1]) + vault.SETTLES).keks
    assert ring.current == "kek-11" and len({*ring.keys.values()}) == 11


def test_the_first_key_stays_what_it_was(files: Keys) -> None:
    vault.make_later(files)
    keyring = vault.load(files)
    ring = keyring.record_keys(datetime.max.replace(tzinfo=UTC)).keks
    assert ring.keys["kek-1"] == keyring.derive("record")


@pytest.mark.parametrize(
    ("name", "content", "mode", "says"),
    [
        ("kek-2.key", b"k" * 31, 0o600, "a key-encryption key is 32 bytes"),
        ("kek-2.key", b"k" * 32, 0o644, "others may read this key"),
        ("kek-1.key", b"k" * 32, 0o600, "such keys are named kek-2.key"),
        ("kek-02.key", b"k" * 32, 0o600, "such keys are named kek-2.key"),
        ("kek-new.key", b"k" * 32, 0o600, "such keys are named kek-2.key"),
        ("signing-x.pub", b"no key", 0o600, "a public key in PEM form is needed"),
    ],
)
def test_a_later_key_that_is_none_is_refused_by_name(
    files: Keys, name: str, content: bytes, mode: int, says: str
) -> None:
    files.folder.mkdir()
    (files.folder / name).write_bytes(content)
    (files.folder / name).chmod(mode)
    with pytest.raises(SettingsError, match=f"{name}: {says}"):
        vault.load(files)


def test_what_a_replaced_key_has_signed_still_verifies(files: Keys) -> None:
    first = vault.load(files).record_keys(NOW)
    token = jws.sign({"n": 1}, first.signing, first.kid, "t")
    kept = vault.replace_signing(files)
    second = vault.load(files).record_keys(NOW)
    assert second.kid != first.kid and first.kid in kept.name
    assert jws.verify(token, second.verifying, typ=("t",))
    vault.replace_signing(files)
    third = vault.load(files).record_keys(NOW)
    assert {first.kid, second.kid, third.kid} == {*third.verifying}
    assert stat.S_IMODE(files.signing_file.stat().st_mode) == 0o600


def test_a_replacement_that_was_broken_off_is_done_again(files: Keys) -> None:
    before = vault.load(files).record_keys(NOW)
    left = files.signing_file.with_name("signing.pem.new")
    left.write_bytes(b"half of a key")
    vault.replace_signing(files)
    assert before.kid in vault.load(files).record_keys(NOW).verifying
    assert not left.exists()


def test_another_account_makes_no_keys(files: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.refuse_other_account(files)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(SettingsError, match="run this as the account that owns"):
        vault.refuse_other_account(files)
