"""`venterom receipt verify`: says what holds, refuses what does not, asks nobody."""

import json
from pathlib import Path

import pytest

from tests.journal.make import KEYS
from tests.journal.test_receipts import FILE, STRANGER
from venterom.journal import jws
from venterom.server.main import main


def written(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def keys(folder: Path, key: object) -> str:
    return written(folder, "keys.json", {"keys": [jws.public_jwk(key)]})  # type: ignore[arg-type]


def test_a_receipt_that_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["receipt", "verify", written(tmp_path, "r.json", FILE)])
    said = capsys.readouterr().out
    assert "The signature holds." in said and "consent was given" in said
    assert KEYS.kid in said and "not compared" in said and "2026-11-24 11:00:00 (UTC)" in said


def test_the_key_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    receipt = written(tmp_path, "r.json", FILE)
    ours = keys(tmp_path, KEYS.signing.public_key())
    main(["receipt", "verify", receipt, "--keys", ours])
    assert "the service's: yes" in capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        main(["receipt", "verify", receipt, "--keys", keys(tmp_path, STRANGER.public_key())])
    assert refused.value.code == 1 and "NO" in capsys.readouterr().out


def test_a_changed_receipt_is_refused(tmp_path: Path) -> None:
    changed = written(tmp_path, "r.json", {**FILE, "receipt": FILE["receipt"][:-4] + "AAAA"})
    with pytest.raises(SystemExit, match="does not hold"):
        main(["receipt", "verify", changed])


@pytest.mark.parametrize("keys_file", [None, "r.json"])
def test_what_cannot_be_read_is_said(
    tmp_path: Path, keys_file: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = written(tmp_path, "r.json", FILE)
    wanted = ["--keys", receipt] if keys_file else []
    with pytest.raises(SystemExit) as refused:
        main(["receipt", "verify", receipt if keys_file else str(tmp_path / "none"), *wanted])
    assert refused.value.code == 2 and "venterom:" in capsys.readouterr().err
