"""`venterom insurer client`: who is registered, and what is refused."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.server.service import migrated
from tests.web.insurer_api.program import KEY, OWN, b64, key_set
from venterom.journal.jws import thumbprint
from venterom.server.main import main

KID = thumbprint(KEY.public_key())


@pytest.fixture
def jwks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key set that an insurer has sent, and a database of this version."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'care.db'}"
    monkeypatch.setenv("VENTEROM_DATABASE__URL", url)
    migrated(tmp_path / "care.db")
    path = tmp_path / "jwks.json"
    path.write_text(key_set(KEY), encoding="utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints that does what it was asked."""
    main(["insurer", "client", *arguments])
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What one says that does not."""
    with pytest.raises(SystemExit) as end:
        main(["insurer", "client", *arguments])
    assert end.value.code == 2
    return capsys.readouterr().err


def test_a_program_is_added_listed_and_removed(
    jwks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "list") == "No program is registered.\n"
    added = said(capsys, "add", OWN, str(jwks), "--id", "own-web")
    assert added == f"own-web may ask for {OWN}: eligibility\n  key {KID}\n"
    both = ["--scope", "policies", "--scope", "eligibility"]
    said(capsys, "add", OWN, str(jwks), "--id", "loader", *both)
    assert said(capsys, "remove", "own-web") == "own-web is let in no more.\n"
    listed = said(capsys, "list").splitlines()
    assert listed[0] == f"loader  {OWN}  eligibility policies"
    assert listed[2] == f"own-web  {OWN}  eligibility" and ", removed " in listed[3]
    assert KID in listed[1]
    assert "no program is registered" in refused(capsys, "remove", "own-web")
    assert "another program" in refused(capsys, "add", OWN, str(jwks), "--id", "own-web")


def test_a_program_without_a_name_gets_one(jwks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = said(capsys, "add", OWN, str(jwks)).split()[0]
    assert name.startswith("client-") and name in said(capsys, "list")


def test_what_cannot_be_registered_is_refused_and_changes_nothing(
    jwks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = json.loads(jwks.read_text(encoding="utf-8"))
    private["keys"][0]["d"] = b64(b"secret")
    bad = jwks.with_name("private.json")
    bad.write_text(json.dumps(private), encoding="utf-8")
    told = refused(capsys, "add", OWN, str(bad))
    assert "private key" in told and "secret" not in told and b64(b"secret") not in told
    assert "No such file" in refused(capsys, "add", OWN, str(jwks.with_name("none.json")))
    for name in ("A", "own web", "x" * 33, "ø-web"):
        assert "small letters" in refused(capsys, "add", OWN, str(jwks), "--id", name)
    for insurer in ("", " ", "x" * 33, "Fjell\nprøve"):
        assert "insurer's name" in refused(capsys, "add", insurer, str(jwks))
    assert said(capsys, "list") == "No program is registered.\n"


def test_a_database_of_another_version_is_left_alone(
    jwks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = jwks.with_name("care.db")
    file.unlink()
    create_engine(f"sqlite:///{file}").dispose()
    assert "version" in refused(capsys, "list")
