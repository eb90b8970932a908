"""`venterom insurer load`: a file on the command line, its report, and what it ends with."""

import asyncio
import csv
import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.queue.coverage.test_policy_file import HEAD, LINE
from tests.server.service import migrated
from venterom.queue.coverage import loading, policy_file
from venterom.server import config
from venterom.server.config import Database, Settings, SettingsError
from venterom.server.db import make_engine
from venterom.server.insurers import history, product, products
from venterom.server.main import parser
from venterom.server.migrations.migrate import migrate
from venterom.server.policies import load

pytestmark = pytest.mark.slow
WHOSE = ("--insurer", "fjord")
Said = pytest.CaptureFixture[str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A migrated database of its own, in which one insurer has one product."""
    path = tmp_path / "care.db"
    own = Settings(database=Database(url=f"sqlite+aiosqlite:///{path}"))
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgresql")
        asyncio.run(_run(cluster, "DROP DATABASE IF EXISTS loads WITH (FORCE)"))
        asyncio.run(_run(cluster, "CREATE DATABASE loads"))
        own = Settings(database=Database(url=cluster.replace("/postgres?", "/loads?")))
        asyncio.run(migrate(config.database_url(own.database)))
    else:
        migrated(path)
    run(own, product, "insurer", "product", "Health", *WHOSE)
    return own


async def _run(url: str, statement: str) -> None:
    engine = make_engine(url)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(statement))
    await engine.dispose()


def run(settings: Settings, command: Callable[..., None], *arguments: str) -> None:
    """The command, as the command line calls it."""
    chosen = parser().parse_args(arguments)
    assert chosen.run is command
    chosen.run(settings, chosen)


def take(settings: Settings, file: Path, *more: str) -> object:
    """What the load of a file ends with."""
    try:
        run(settings, load, "insurer", "load", str(file), *WHOSE, *more)
    except SystemExit as end:
        return end.code
    return 0


def written(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def numbered(count: int) -> list[str]:
    return [LINE.replace("AB-123456", f"AB-{100_000 + n}") for n in range(count)]


def counts(said: Said) -> dict[str, int]:
    """What was printed last, by name."""
    return {name: int(n) for name, n in re.findall(r"^  (\w+) +(\d+)", said.readouterr().out, re.M)}


def test_what_came_of_a_file_is_counted_and_told_line_by_line(
    settings: Settings, tmp_path: Path, capsys: Said
) -> None:
    file = written(tmp_path / "one.csv", [HEAD, *numbered(2)])
    assert take(settings, file) == 0
    assert counts(capsys) == {"taken": 2, "changed": 0, "unchanged": 0, "refused": 0}
    first, second = numbered(2)
    lines = [HEAD, first, second.replace("yes", "no"), LINE, LINE.replace("AB-12", "=AB-12")]
    report = tmp_path / "report.csv"
    assert take(settings, written(file, lines), "--report", str(report)) == 1
    assert "  line 5: number begins as a formula does" in capsys.readouterr().out
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    with report.open(encoding="utf-8", newline="") as sheet:
        rows = [tuple(row.values()) for row in csv.DictReader(sheet, delimiter=";")]
    assert rows == [
        ("2", "AB-100000", "unchanged", "", ""),
        ("3", "AB-100001", "changed", "", ""),
        ("4", "AB-123456", "taken", "", ""),
        ("5", "", "refused", "number", "begins as a formula does"),
    ]
    assert take(settings, file) == 1 and counts(capsys)["unchanged"] == 3
    run(settings, history, "insurer", "history", "ab-100001")
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in told] == ["taken", "changed"]
    assert told[1].endswith("by file, load 2: fjord, Health, 2026-01-01 to 2026-12-31, no children")


def test_a_full_file_ends_what_is_missing(settings: Settings, tmp_path: Path, capsys: Said) -> None:
    far = [line.replace("2026-12-31", "2099-12-31") for line in numbered(20)]
    file = written(tmp_path / "all.csv", [HEAD, *far])
    assert take(settings, file) == 0
    written(file, [HEAD, *far[:15]])
    with pytest.raises(SettingsError, match="5 of 20 policies are missing from it"):
        take(settings, file, "--full")
    capsys.readouterr()
    assert take(settings, file, "--full", "--many-may-end", "--dry-run") == 0
    assert counts(capsys)["ended"] == 5
    assert take(settings, file, "--full", "--many-may-end") == 0
    assert counts(capsys)["ended"] == 5
    assert take(settings, file, "--full") == 0
    assert counts(capsys)["ended"] == 0
    assert take(settings, written(file, [HEAD, *far[:14], LINE[:-3]]), "--full") == 1
    assert "as long as a line is refused, none ends" in capsys.readouterr().out


def test_what_cannot_be_used_is_refused_whole_in_a_sentence(
    settings: Settings, tmp_path: Path, capsys: Said
) -> None:
    cut = written(tmp_path / "cut.csv", [HEAD, *numbered(3)])
    cut.write_bytes(cut.read_bytes()[:-9])
    wrong = written(tmp_path / "wrong.csv", ["a|b|c"])
    for bad, says in {
        cut: "line 4 has no end: the file was cut off. Nothing was taken.",
        wrong: "line 1 names no columns",
        tmp_path / "missing.csv": "No such file",
        tmp_path: "Is a directory",
    }.items():
        with pytest.raises(SettingsError, match=says) as refused:
            take(settings, bad)
        assert str(refused.value).startswith(str(bad))
    with pytest.raises(SettingsError, match="would take the place of the policies"):
        take(settings, cut, "--report", str(cut))
    with pytest.raises(SettingsError, match="no product of other is known"):
        run(settings, load, "insurer", "load", str(cut), "--insurer", "other")
    assert take(settings, written(cut, [HEAD, LINE]), "--dry-run") == 0
    capsys.readouterr()
    assert take(settings, cut) == 0 and counts(capsys)["taken"] == 1  # nothing was there yet


def test_more_lines_than_there_are_people_are_refused_whole(
    settings: Settings, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_file, "MOST_LINES", 20)
    many = written(tmp_path / "many.csv", [HEAD, *numbered(20)])
    with monkeypatch.context() as before:
        before.delattr(loading, "stage")  # nothing is read of it as policies
        with pytest.raises(SettingsError, match="more than 20 lines.*divide.*Nothing was taken"):
            take(settings, many)
    capsys.readouterr()
    assert take(settings, written(many, [HEAD, *numbered(19)])) == 0
    assert counts(capsys)["taken"] == 19  # none of them was there


def test_one_number_in_two_ways_of_writing_is_taken_from_neither_line(
    settings: Settings, tmp_path: Path, capsys: Said
) -> None:
    other = LINE.replace("AB-123456", " ab-123 456").replace("yes", "no")
    assert take(settings, written(tmp_path / "twice.csv", [HEAD, LINE, other, *numbered(1)])) == 1
    said = capsys.readouterr().out
    for line in (2, 3):
        assert f"  line {line}: number stands in more than one line" in said
    assert "  taken      1\n" in said and "  refused    2\n" in said


def test_products_are_told_and_listed(settings: Settings, capsys: Said) -> None:
    capsys.readouterr()
    limits = ("--uses-per-year", "4", "--ages", "18-67", "--children-until", "17")
    run(settings, product, "insurer", "product", "Liten", *WHOSE, *limits, "--countries", "no,SE")
    run(settings, products, "insurer", "products", *WHOSE)
    said = "4 uses a year, ages 18 to 67, children until 17, NO SE"
    assert capsys.readouterr().out.splitlines() == [
        f"fjord, Liten: {said}",
        "Health: any number of uses, from 0, children, anywhere",
        f"Liten: {said}",
    ]
    run(settings, product, "insurer", "product", "Liten", *WHOSE, "--no-children")
    assert "no children" in capsys.readouterr().out  # it takes the place of what was said before


@pytest.mark.parametrize(
    "more", [("--ages", "70-60"), ("--uses-per-year", "0"), ("--countries", "Norge")]
)
def test_a_product_that_makes_no_sense_is_refused(
    settings: Settings, more: tuple[str, str]
) -> None:
    with pytest.raises(SettingsError, match="uses begin at 1, ages go up .* two letters"):
        run(settings, product, "insurer", "product", "Liten", *WHOSE, *more)


def test_a_number_that_is_none_has_no_history(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="6 to 20 letters"):
        run(settings, history, "insurer", "history", "12345")


def test_what_is_not_known_is_said_and_no_empty_answer(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="no product of 'fjordd' is known"):
        run(settings, products, "insurer", "products", "--insurer", "fjordd")
    with pytest.raises(SettingsError, match="nothing is known of this number"):
        run(settings, history, "insurer", "history", "AB-999999")
