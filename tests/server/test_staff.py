"""`venterom staff …`: the first director, with the number read where nobody else sees it."""

import io
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.server.service import migrated
from tests.server.service import settings as service_settings
from venterom.server import reading, vault
from venterom.server.main import main
from venterom.web.identity.numbers import make

pytestmark = [pytest.mark.adapter, pytest.mark.slow]

NUMBER = make(date(1971, 2, 3), 4)
GIVEN = "Given: director, for a year.\n"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service for invented people, with keys and tables, which the commands find."""
    own = service_settings(tmp_path, 1)
    for name, value in reading.shown(own):
        if value and name.startswith(("VENTEROM_DATABASE", "VENTEROM_KEYS", "VENTEROM_MODE")):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("VENTEROM_MODE", "demonstration")
    vault.make_missing(own.keys)
    migrated(tmp_path / "care.db")
    return tmp_path / "care.db"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody pipes the number in."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NUMBER[:6]} {NUMBER[6:]}\n" * 9))


def kept(database: Path) -> list[tuple[object, ...]]:
    """What is written of roles."""
    with closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT role, hpr_number, insurer, why FROM staff_grant").fetchall()


def actions(database: Path) -> list[str]:
    """What the log of the record says."""
    with closing(sqlite3.connect(database)) as db:
        return [action for (action,) in db.execute("SELECT action FROM record_audit ORDER BY n")]


def test_a_role_that_is_none_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["staff", "give", "king"])
    assert "director" in (said := capsys.readouterr().err) and "Role." not in said


@pytest.mark.usefixtures("typed")
def test_the_first_director_is_made_by_number_and_the_number_is_not_kept(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["staff", "give", "director"])
    assert capsys.readouterr().out == GIVEN
    assert kept(database) == [("director", None, None, None)]
    assert NUMBER.encode() not in database.read_bytes()
    assert actions(database) == ["grant.given"]


@pytest.mark.usefixtures("typed")
def test_a_role_is_withdrawn_and_given_anew(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("give", "withdraw", "give"):
        main(["staff", command, "director"])
    assert capsys.readouterr().out == f"{GIVEN}Withdrawn: director.\n{GIVEN}"
    assert [row[3] for row in kept(database)] == ["withdrawn", None]
    assert actions(database) == ["grant.given", "grant.ended", "grant.given"]


@pytest.mark.usefixtures("typed")
def test_doctors_and_clerks_have_what_they_need(database: Path) -> None:
    main(["staff", "give", "doctor", "--hpr", "9990001"])
    main(["staff", "give", "insurer", "--insurer", "Prøveforsikring"])
    assert {row[:3] for row in kept(database)} == {
        ("doctor", "9990001", None),
        ("insurer", None, "Prøveforsikring"),
    }


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("give", "doctor"), "a doctor has an HPR number"),
        (("give", "director", "--hpr", "1"), "a doctor has an HPR number"),
        (("give", "doctor", "--hpr", "x"), "--hpr: up to nine digits"),
        (("give", "insurer"), "an insurer's clerk has an insurer"),
        (("withdraw", "operator"), "this person does not have the role"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    database: Path, arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["staff", *arguments])
    assert end.value.code == 2
    assert says in capsys.readouterr().err
    assert kept(database) == []


def test_a_number_that_is_none_gives_nobody_a_role(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("12345678901\n"))
    with pytest.raises(SystemExit):
        main(["staff", "give", "director"])
    error = capsys.readouterr().err
    assert "this is not a national number" in error and "12345678901" not in error
    assert kept(database) == []


@pytest.mark.usefixtures("typed")
def test_an_invented_number_is_refused_in_production(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VENTEROM_MODE", "production")
    with pytest.raises(SystemExit):
        main(["staff", "give", "director"])
    assert "this is not a national number" in capsys.readouterr().err
    assert kept(database) == []
