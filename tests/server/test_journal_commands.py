"""`venterom journal …`: what holds is said to, what does not is named, new keys are taken up."""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.journal.make import person, signed
from tests.server.make import Sessions, parts
from tests.server.service import migrated
from tests.server.service import settings as service_settings
from venterom.journal.chain import Head
from venterom.server import anchor, reading, rotation, vault
from venterom.server.anchor import Anchor
from venterom.server.app import build
from venterom.server.clock import utcnow
from venterom.server.config import Settings
from venterom.server.db import make_engine, make_sessions
from venterom.server.main import main
from venterom.web.keys import RECORD_KEYS

pytestmark = [pytest.mark.adapter, pytest.mark.slow]
LINES = 6  # of one visit with a signed note


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A service with keys, tables and two signed notes, which the commands find by its settings."""
    own = service_settings(tmp_path, 1)
    for name, value in reading.shown(own):
        if value and name.startswith(("VENTEROM_DATABASE", "VENTEROM_EPJ__URL", "VENTEROM_KEYS")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("VENTEROM_RECORD__ANCHOR_FOLDER", str(own.record.anchor_folder))
    vault.make_missing(own.keys)
    migrated(tmp_path / "care.db")
    sign(own, "p1")
    sign(own, "p2")
    return own


def sign(own: Settings, *names: str) -> None:
    """A signed note of each of these patients, with the keys as they are now."""

    async def notes() -> None:
        engine = make_engine(own.database.url)
        async with make_sessions(engine)[0]() as db, db.begin():
            for name in names:
                await signed(db, by=person(name), keys=vault.load(own.keys).record_keys(utcnow()))
        await engine.dispose()

    asyncio.run(notes())


def by_hand(own: Settings, *statements: str) -> None:
    """What somebody does who has the database."""
    with closing(sqlite3.connect(own.database.url.partition("///")[2])) as database, database:
        for trigger in ("record_audit_no_update", "record_audit_no_delete", "chain_head_no_update"):
            database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            database.execute(statement)


def ends(*arguments: str) -> object:
    """With which code a command ends that ends at once."""
    with pytest.raises(SystemExit) as end:
        main(["journal", *arguments])
    return end.value.code


def test_a_record_that_holds(house: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    main(["journal", "verify"])
    said = capsys.readouterr()
    says = f"The record is as it was written: {2 * LINES} lines of the log hold."
    assert said.out.startswith(says)
    assert "compared with no anchor" in said.out and said.err == ""


def test_the_first_broken_link_is_named(house: Settings) -> None:
    by_hand(house, "UPDATE record_audit SET actor = 'x' WHERE n IN (4, 7)")
    code = ends("verify")
    assert code == "venterom: the record is not as it was written: audit 4: content"  # that is 1


CUT = (
    "DELETE FROM record_audit WHERE n > 6",
    "DELETE FROM record_entry WHERE patient = 'p2'",
    "DELETE FROM record_consent WHERE patient = 'p2'",
    "UPDATE chain_head SET n = 6, hash = (SELECT hash FROM record_audit WHERE n = 6)",
)


def cut(own: Settings) -> None:
    """The second note and all that tells of it, as if it had never been."""
    kept = [f"DROP TRIGGER {table}_no_delete" for table in ("record_entry", "record_consent")]
    by_hand(own, *kept, *CUT)


def test_only_an_anchor_finds_what_was_cut_off(
    house: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["journal", "anchor"])
    own = Anchor(house.record.anchor_folder).file
    copy = tmp_path / "copy.jws"
    copy.write_bytes(own.read_bytes())
    main(["journal", "verify", "--anchor", str(copy)])
    assert "It is the log of 1 checkpoints, the last at line 12" in capsys.readouterr().out
    cut(house)
    says = "venterom: the record is not as it was written: audit 7: missing, the anchor knows 12"
    assert str(ends("verify", "--anchor", str(copy))).startswith(says)
    assert str(ends("verify")).startswith(says)  # the service's own, while nobody reached it
    own.unlink()
    main(["journal", "verify"])


def test_an_anchor_that_was_gone_on_with_after_a_cut_tells_of_it(house: Settings) -> None:
    main(["journal", "anchor"])
    cut(house)
    main(["journal", "anchor"])
    assert "line 2: the log ended at 6, and had 12 lines before" in str(ends("verify"))


def test_what_is_no_anchor_or_not_there_is_refused(
    house: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends("verify", "--anchor", str(tmp_path / "none")) == 2
    assert "none: No such file" in capsys.readouterr().err
    (tmp_path / "picture").write_bytes(os.urandom(500))
    assert "it holds no checkpoint" in str(ends("verify", "--anchor", str(tmp_path / "picture")))


def test_an_empty_log_needs_no_anchor(
    tmp_path: Path,
    house: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = f"sqlite+aiosqlite:///{tmp_path / 'other.db'}"
    migrated(tmp_path / "other.db")
    monkeypatch.setenv("VENTEROM_DATABASE__URL", other)
    main(["journal", "anchor"])
    assert "The log is empty" in capsys.readouterr().out
    assert not house.record.anchor_folder.exists()


@pytest.mark.parametrize("torn", [b"", b"eyJhbGciOiJFUzI1NiJ9.eyJ"])
def test_a_line_is_added_and_none_is_touched(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "deep" / "checkpoints.jws"
    anchor.append(file, "one")
    with file.open("ab") as opened:
        opened.write(torn)
    anchor.append(file, "two")
    assert file.read_bytes() == b"one\n" + torn + b"\n" * bool(torn) + b"two\n"
    assert file.stat().st_mode & 0o777 == 0o600


async def test_the_job_writes_when_something_was_written_to_the_log(
    session_factory: Sessions, clock: FakeClock, tmp_path: Path
) -> None:
    app = parts(session_factory, clock)
    app[anchor.ANCHOR] = own = Anchor(tmp_path)
    await anchor.anchor(app)
    assert not own.file.exists()  # nothing yet
    for count in (1, 2):
        async with session_factory() as db, db.begin():
            await signed(db, by=person(f"p{count}"))
        await anchor.anchor(app)
        await anchor.anchor(app)  # nothing new
        assert len(own.file.read_bytes().splitlines()) == count
        assert own.last.n == count * LINES
    assert own.last != Head(0, b"")


def test_a_new_key_is_taken_up_and_the_old_one_needed_no_more(
    house: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["journal", "new-key", "record"])
    assert "kek-2.key is made" in capsys.readouterr().out
    main(["journal", "rotate"])
    assert capsys.readouterr().out.splitlines() == [
        "0 keys were wrapped anew under kek-1.",
        "  kek-1: seals, and opens 2",
        "  kek-2: is too new to seal yet: run this again in two minutes",
    ]
    monkeypatch.setattr(vault, "SETTLES", timedelta(0))
    main(["journal", "rotate"])
    assert capsys.readouterr().out.splitlines() == [
        "2 keys were wrapped anew under kek-2.",
        "  kek-1: is needed no more, but for older backups",
        "  kek-2: seals, and opens 2",
    ]
    main(["journal", "verify"])


def test_a_key_that_is_lost_is_said_and_nothing_is_spoilt(
    house: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "SETTLES", timedelta(0))
    main(["journal", "new-key", "record"])
    main(["journal", "rotate"])
    kept = house.keys.folder / "kek-2.key"
    key = kept.read_bytes()
    kept.unlink()
    assert str(ends("verify")).endswith("cannot be opened")
    capsys.readouterr()
    assert ends("rotate") == 1
    assert "2 of kek-2 cannot be opened" in capsys.readouterr().out
    kept.write_bytes(key)
    kept.chmod(0o600)
    main(["journal", "verify"])


def test_after_a_new_signing_key_all_that_was_signed_still_holds(
    house: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["journal", "anchor"])
    main(["journal", "new-key", "signing"])
    sign(house, "p3")
    main(["journal", "anchor"])
    main(["journal", "verify"])
    assert "the log of 2 checkpoints" in capsys.readouterr().out
    [kept] = house.keys.folder.glob("signing-*.pub")
    kept.unlink()
    assert "the key is unknown" in str(ends("verify"))


async def test_a_running_service_takes_up_keys_that_were_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = service_settings(tmp_path, 1)
    vault.make_missing(own.keys)
    app = build(own)
    before = app[RECORD_KEYS].kid
    vault.make_later(own.keys)
    vault.replace_signing(own.keys)
    monkeypatch.setattr(vault, "SETTLES", timedelta(0))
    await rotation.read_keys(app)
    keys = app[RECORD_KEYS]
    assert keys.keks.current == "kek-2" and keys.kid != before and before in keys.verifying
