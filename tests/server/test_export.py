"""The whole record handed over: all of it, to one receiver, and checked by her without us."""

import asyncio
import io
import json
import subprocess
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from fhir.resources.R4B.bundle import Bundle

from tests.journal.make import DOCTOR, NOTE, REASON, signed, written
from tests.server.service import migrated
from tests.server.service import settings as service_settings
from venterom.journal import amending, mine
from venterom.journal.access import Actor, Role
from venterom.journal.jws import public_jwk
from venterom.server import reading, vault
from venterom.server.clock import utcnow
from venterom.server.config import Settings
from venterom.server.db import make_engine, make_sessions
from venterom.server.main import main
from venterom.web.identity import numbers, people
from venterom.web.identity.sealed import Identity

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
BORN = date(1980, 5, 17)
NUMBERS = tuple(numbers.make(BORN, n) for n in range(2))
NAMES = ("Kari Prøvdal", "Ola Testesen")
ARCHIVE = "Helsearkivet"


def as_owner(own: Settings, *, unsigned: bool = False) -> None:
    """Two patients with a signed note each, the first one's put right; and a note that waits."""

    async def fill() -> None:
        engine, keyring = make_engine(own.database.url), vault.load(own.keys)
        keys, identity = keyring.record_keys(utcnow()), keyring.identity_keys()
        async with make_sessions(engine)[0]() as db, db.begin():
            for n, (name, number) in enumerate(zip(NAMES, NUMBERS, strict=True)):
                born = Identity(name, BORN, number)
                who = await people.find_or_keep(db, identity, utcnow(), born)
                patient = Actor(who.id, Role.PATIENT, name)
                note = await signed(db, by=patient, keys=keys)
                if n == 0:
                    await amending.amend(
                        db,
                        keys,
                        utcnow(),
                        visit=note.visit,
                        author=DOCTOR,
                        seen=1,
                        why="Prøvesvar kom",
                        addition="Prøven var negativ",
                    )
                elif unsigned:
                    await written(db, by=patient, keys=keys)
        await engine.dispose()

    asyncio.run(fill())


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A service that the commands find by its settings, with nobody in it yet."""
    own = service_settings(tmp_path, 1)
    for name, value in reading.shown(own):
        if value and name.startswith(("VENTEROM_DATABASE", "VENTEROM_EPJ__URL", "VENTEROM_KEYS")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("VENTEROM_RECORD__ANCHOR_FOLDER", str(own.record.anchor_folder))
    vault.make_missing(own.keys)
    migrated(tmp_path / "care.db")
    return own


@pytest.fixture
def receiver(tmp_path: Path) -> tuple[Path, Path]:
    """The certificate and the key of who takes the record over."""
    key = rsa.generate_private_key(65_537, 3_072)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, ARCHIVE)])
    made = datetime(2026, 1, 1, tzinfo=UTC)
    lasts = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(made)
    builder = lasts.not_valid_after(made + timedelta(days=365))
    certificate = builder.sign(key, hashes.SHA256())
    paths = tmp_path / "theirs.crt", tmp_path / "theirs.key"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def export(folder: Path, *more: str) -> None:
    main(["journal", "export", str(folder), "--to", ARCHIVE, *more])


def check(folder: Path, *more: str) -> object:
    """With which code, or words, the check ends; None: it holds."""
    try:
        main(["journal", "check-export", str(folder), *more])
    except SystemExit as end:
        return end.code
    return None


def archives(folder: Path) -> list[zipfile.ZipFile]:
    return [zipfile.ZipFile(path) for path in sorted((folder / "pasienter").iterdir())]


def test_everything_of_everybody_is_in_it_and_holds(
    house: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_owner(house)
    folder = tmp_path / "out"
    export(folder)
    said = capsys.readouterr().out
    assert said.startswith(f"2 patients' records are in {folder}") and "Nothing is sealed" in said
    assert check(folder) is None
    assert ARCHIVE in capsys.readouterr().out
    found = {}
    for archive in archives(folder):
        who = json.loads(archive.read("pasient.json"))
        sheet = archive.read("journal.html").decode()
        bundle = json.loads(archive.read("journal.json"))
        Bundle.model_validate(json.loads(json.dumps(bundle)))
        assert who["name"] in sheet and NOTE.plan in sheet
        person = bundle["entry"][0]["resource"]
        assert person["identifier"][1]["value"] == who["number"]
        names = archive.namelist()
        [story] = [name for name in names if name.startswith("forhand/")]
        assert archive.read(story).decode() == REASON
        found[who["name"]] = names, sheet
    assert set(found) == set(NAMES)
    names, sheet = found[NAMES[0]]
    assert "Prøven var negativ" in sheet and "Prøven var negativ" not in found[NAMES[1]][1]
    assert len([name for name in names if name.startswith("notater/")]) == 2
    assert [name for name in names if name.startswith("samtykker/")]
    assert ARCHIVE in (folder / "LESMEG.txt").read_text()


def test_each_patient_can_see_to_whom_her_record_was_given(house: Settings, tmp_path: Path) -> None:
    as_owner(house)
    export(tmp_path / "out")
    for archive in archives(tmp_path / "out"):
        assert "Overførte hele journalen" in archive.read("journal.html").decode()
        assert ARCHIVE in archive.read("journal.html").decode()
    main(["journal", "verify"])


def test_sealed_for_the_receiver_nobody_else_reads_it(
    house: Settings, tmp_path: Path, receiver: tuple[Path, Path]
) -> None:
    as_owner(house)
    folder, (certificate, key) = tmp_path / "out", receiver
    export(folder, "--recipient", str(certificate))
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(name.encode() in content for name in (*NAMES, *NUMBERS, NOTE.plan))
    assert {path.suffix for path in (folder / "pasienter").iterdir()} == {".p7m"}
    assert check(folder) is None  # the hashes hold without a key
    assert check(folder, "--key", str(key), "--certificate", str(certificate)) is None
    sealed = next((folder / "pasienter").iterdir())
    opened = subprocess.run(
        ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", sealed, "-inkey", key],
        capture_output=True,
        check=True,
    )
    assert "journal.html" in zipfile.ZipFile(io.BytesIO(opened.stdout)).namelist()


def test_what_is_changed_left_out_or_put_in_is_found(house: Settings, tmp_path: Path) -> None:
    as_owner(house)
    folder = tmp_path / "out"
    export(folder)
    one, other = sorted((folder / "pasienter").iterdir())
    kept = one.read_bytes()
    one.write_bytes(kept + b" ")
    assert "is another file" in str(check(folder))
    one.write_bytes(kept)
    assert check(folder) is None
    extra = folder / "pasienter" / "one-more.zip"
    extra.write_bytes(kept)
    assert "is not listed" in str(check(folder))
    extra.unlink()
    other.unlink()
    assert "is missing" in str(check(folder))
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace(ARCHIVE, "Somebody"))
    assert "not the one that was signed" in str(check(folder))
    manifest.unlink()
    assert "has no manifest" in str(check(folder))


def test_another_enterprises_keys_do_not_fit(house: Settings, tmp_path: Path) -> None:
    as_owner(house)
    export(tmp_path / "out")
    keys, strange = tmp_path / "keys.json", ec.derive_private_key(8, ec.SECP256R1()).public_key()
    keys.write_text(json.dumps({"keys": [public_jwk(strange)]}))
    assert "manifest.json" in str(check(tmp_path / "out", "--keys", str(keys)))


def test_a_folder_in_use_and_a_weak_key_are_refused(
    house: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_owner(house)
    used = tmp_path / "used"
    used.mkdir()
    (used / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit) as end:
        export(used)
    assert end.value.code == 2 and "is not empty" in capsys.readouterr().err
    assert [path.name for path in used.iterdir()] == ["mine.txt"]
    (tmp_path / "no.crt").write_text("nothing")
    with pytest.raises(SystemExit) as end:
        export(tmp_path / "out", "--recipient", str(tmp_path / "no.crt"))
    assert end.value.code == 2


def test_notes_that_are_not_signed_are_signed_first(
    house: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_owner(house, unsigned=True)
    with pytest.raises(SystemExit) as end:
        export(tmp_path / "out")
    assert end.value.code == 2 and "1 notes are not signed" in capsys.readouterr().err
    export(tmp_path / "out", "--leave-unsigned")
    assert check(tmp_path / "out") is None


def test_broken_off_it_is_not_whole(
    house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_owner(house)

    async def broken(*_args: object, **_more: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(mine, "everything", broken)
    with pytest.raises(SystemExit) as end:
        export(tmp_path / "out")
    assert "not whole" in str(end.value.code) and "no space left" in str(end.value.code)
    assert "has no manifest" in str(check(tmp_path / "out"))
