"""A backup that is taken while the service writes: whole, of one moment, and nobody else's."""

from pathlib import Path

import pytest
from sqlalchemy import text

from venterom.server.db import make_engine
from venterom.server.main import main
from venterom.server.sqlite import SQLITE


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both databases, each with a note."""
    monkeypatch.chdir(tmp_path)
    for name in ("venterom.db", "epj.db"):
        engine = make_engine(f"sqlite+aiosqlite:///var/{name}")
        async with engine.begin() as db:
            await db.execute(text("CREATE TABLE note (words TEXT)"))
            await db.execute(text("INSERT INTO note VALUES ('first')"))
        await engine.dispose()
    return tmp_path


def notes(file: Path) -> list[str]:
    """What stands in a copy; nothing but the one file is looked at."""
    alone = file.parent / "alone"
    alone.mkdir(exist_ok=True)
    (alone / file.name).write_bytes(file.read_bytes())
    found = SQLITE.connect(alone / file.name).execute("SELECT words FROM note").fetchall()
    return [words for (words,) in found]


async def test_what_was_written_last_is_in_it_while_the_service_goes_on(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = make_engine("sqlite+aiosqlite:///var/venterom.db")
    async with engine.begin() as db:
        await db.execute(text("INSERT INTO note VALUES ('last')"))
    async with engine.begin() as db:  # somebody is writing
        await db.execute(text("INSERT INTO note VALUES ('not yet')"))
        main(["backup", "copies/monday"])
    await engine.dispose()
    copies = world / "copies/monday"
    assert notes(copies / "venterom.db") == ["first", "last"]
    assert notes(copies / "epj.db") == ["first"]
    assert {each.stat().st_mode & 0o777 for each in copies.glob("*.db")} == {0o600}
    assert "keys are not in it" in capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], folder: str = "copies") -> str:
    """What it says when it refuses."""
    with pytest.raises(SystemExit) as end:
        main(["backup", folder])
    assert end.value.code == 2
    return capsys.readouterr().err


@pytest.mark.usefixtures("world")
def test_no_older_copy_is_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    main(["backup", "copies"])
    assert "copies is not empty" in refused(capsys)


@pytest.mark.usefixtures("world")
def test_two_databases_of_one_name_are_not_put_into_one_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("var/other").mkdir()
    Path("var/epj.db").rename("var/other/venterom.db")
    monkeypatch.setenv("VENTEROM_EPJ__URL", "sqlite+aiosqlite:///var/other/venterom.db")
    assert "var/other/venterom.db cannot be copied" in refused(capsys)


def test_a_damaged_database_is_not_called_whole(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = world / "var/venterom.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\x00" * 100 + whole[4196:])
    assert "venterom.db is damaged" in refused(capsys)
    file.write_bytes(b"no database at all" * 300)
    assert "cannot be copied" in refused(capsys, "others")


def test_what_is_not_there_or_not_ours_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "var/venterom.db: there is no database" in refused(capsys)
    monkeypatch.setenv("VENTEROM_DATABASE__URL", "postgresql+asyncpg://v:w@127.0.0.1/care")
    said = refused(capsys)
    assert "pg_dump" in said and "v:w" not in said
    assert not Path("copies").exists()
