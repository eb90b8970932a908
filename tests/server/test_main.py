"""The command line: what it says, and how it refuses."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import ROOT
from venterom import __version__
from venterom.server import reading, vault
from venterom.server.config import Keys
from venterom.server.main import READ_ENOUGH, main

COMMANDS = (
    *("serve", "demo", "queue simulate", "icpc2 load", "journal verify", "journal anchor"),
    *("journal rotate", "journal new-key", "journal export", "journal check-export"),
    *("receipt verify", "staff give", "staff withdraw", "medicines load"),
    *("insurer load", "insurer product", "insurer products", "insurer history"),
    *("insurer client add", "insurer client list", "insurer client remove"),
    *("migrate", "backup", "settings"),
)
# what a command cannot do without
OPERANDS = {
    "backup": ("copies",),
    "icpc2 load": ("codes.txt",),
    "insurer load": ("policies.csv", "--insurer", "Fjell"),
    "insurer product": ("Liten", "--insurer", "Fjell"),
    "insurer products": ("--insurer", "Fjell"),
    "insurer history": ("FJ-123456",),
    "insurer client add": ("Fjellprøve Forsikring", "jwks.json"),
    "insurer client remove": ("fjellprove-web",),
    "journal new-key": ("record",),
    "journal export": ("handover", "--to", "Arkivet"),
    "journal check-export": ("handover",),
    "medicines load": ("fest.xml",),
    "receipt verify": ("receipt.json",),
    "staff give": ("director",),
    "staff withdraw": ("director",),
}
MANUAL_LINES = 3  # a manual has more than a sentence


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set, and what is made is made in a folder of its own."""
    for name in [name for name in os.environ if name.startswith(reading.PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def ends(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    """What a command that ends at once ends with, and what it prints."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    said = capsys.readouterr()
    return end.value.code, said.out, said.err


def test_help_lists_every_command_with_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ends(capsys, "--help")
    assert code == 0
    assert re.findall(r"^    (\w+)\s+\w", out, re.MULTILINE) == list(
        dict.fromkeys(each.split()[0] for each in COMMANDS)
    )
    assert "VENTEROM_SECTION__NAME" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_reads_like_a_manual(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = ends(capsys, *command.split(), "--help")
    assert code == 0
    assert out.startswith(f"usage: venterom {command} ")
    manual = out.partition("\n\n")[2].partition("options:")[0].strip().splitlines()
    assert len(manual) >= MANUAL_LINES and all(len(line) <= 100 for line in manual)
    assert "--config FILE" in out


def test_version_says_which_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(capsys, "--version") == (0, f"venterom {__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("start",), ("serve", "now"), ("demo", "--port", "x")])
def test_what_is_no_command_shows_the_usage(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ends(capsys, *arguments)
    assert (code, out) == (2, "") and err.startswith("usage: venterom")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_setting_ends_every_command_with_one_line(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENTEROM_HTTP__PROT", "80")
    says = "venterom: http.prot: there is no such setting\n"
    assert ends(capsys, *command.split(), *OPERANDS.get(command, ())) == (2, "", says)
    assert list(Path().iterdir()) == []  # and nothing was made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VENTEROM_HTTP", "80"),  # a group
        ("VENTEROM_DATABASE__URL", "nonsense"),
        ("VENTEROM_DATABASE__URL", "postgresql+asyncpg://care:hemmelig@127.0.0.1:1/care"),
        ("VENTEROM_DATABASE__URL_FILE", "/nowhere/at/all"),
        ("VENTEROM_CONFIG", "/nowhere/at/all.toml"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    name: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    code, out, err = ends(capsys, "migrate")
    assert (code, out) == (2, "")
    assert err.startswith("venterom: ") and err.count("\n") == 1
    assert "hemmelig" not in err and err.count("nowhere") <= 1


@pytest.mark.parametrize("content", [b"[http\n", b"\xff\xfe", b"http = 3\n"])
def test_a_settings_file_that_cannot_be_read_is_named(
    content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("own.toml").write_bytes(content)
    code, _, err = ends(capsys, "settings", "--config", "own.toml")
    assert code == 2 and re.match(r"venterom: (own\.toml|http): ", err)


def test_settings_are_shown_by_the_names_that_set_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENTEROM_HTTP__PORT", "8123")
    main(["settings"])
    lines = capsys.readouterr().out.splitlines()
    assert "VENTEROM_HTTP__PORT = 8123" in lines
    assert [line.partition(" = ")[0] for line in lines] == list(reading.names())


def test_migrate_says_which_steps_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])
    assert capsys.readouterr().out.startswith("0001: ")
    main(["migrate"])
    assert capsys.readouterr().out == "The database is up to date already.\n"


def test_icpc2_load_takes_a_whole_list(capsys: pytest.CaptureFixture[str]) -> None:
    Path("codes.txt").write_text("A\tAllment\nA03\tFeber\nR74\tForkjølelse\n", encoding="utf-8")
    code, out, err = ends(capsys, "icpc2", "load", "codes.txt")
    assert (code, out) == (2, "") and err.startswith("venterom: the database is at version none")
    main(["migrate"])
    capsys.readouterr()
    main(["icpc2", "load", "codes.txt"])
    assert capsys.readouterr().out == "2 codes are in use now; 1 lines were left out.\n"
    main(["icpc2", "load", "codes.txt"])  # the next year's


def test_icpc2_load_names_every_line_that_is_wrong_and_takes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("codes.txt").write_text("A03\tFeber\nJ06\tx\nR74\t\n", encoding="utf-8")
    code, out, err = ends(capsys, "icpc2", "load", "codes.txt")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "codes.txt: line 2: «J06» is no code of ICPC-2",
        "codes.txt: line 3: R74 has no words",
        "venterom: codes.txt: faults: 2. Nothing was loaded.",
    ]
    assert ends(capsys, "icpc2", "load", "none.txt")[2].startswith("venterom: none.txt: No such")


def test_queue_simulate_prints_a_table_and_one_line_of_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["queue", "simulate", "--policy", "naive", "--days", "2", "--rho", ".9", "--seed", "3"])
    lines = capsys.readouterr().out.splitlines()
    figures = json.loads(lines[-1])
    assert (figures["policy"], figures["rho"], figures["seed"]) == ("naive", 0.9, 3)
    assert lines[0] == "naive in b3, load 0.90, 2 days of seed 3"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--rho", "2"), "'2' is no load; take a number from .3 to 1.5"),
        (("--rho", "much"), "'much' is no load; take a number from .3 to 1.5"),
        (("--rho", "inf"), "'inf' is no load"),
        (("--rho", "nan"), "'nan' is no load"),
        (("--days", "0"), "'0' is no number of days; take one from 1 to 10000"),
        (("--days", "-3"), "'-3' is no number of days"),
        (("--days", "x"), "'x' is no number of days"),
        (("--seed", "x"), "'x' is no seed; take a whole number from 0 on"),
        (("--seed", "1.5"), "'1.5' is no seed"),
        (("--seed", "-1"), "'-1' is no seed"),
        (("--seed", "9" * 30), "is no seed"),
        (("--on-call", "all"), "'all' is no number of doctors; take one from 0 to 9"),
        (("--policy", "hope"), "'hope' is no policy; take always, naive, longest,"),
        (("--scenario", "b9"), "'b9' is no scenario; take b3, b6, stress, mm3, mm6"),
        (("--scenario", "mm3", "--rho", "1"), "at a load of 1 or more; give a --rho below 1"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ends(capsys, "queue", "simulate", *arguments)
    assert out == "" and says in f"{code} {err}"


def started(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, which has to end by itself."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
def test_a_reader_who_has_read_enough_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        said = subprocess.run(
            [sys.executable, "-m", "venterom", "settings"],
            stdout=gone,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert (said.returncode, said.stderr) == (READ_ENOUGH, b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("-O", "-m", "venterom", "settings"), {}),
        (("-OO", "-m", "venterom", "serve"), {}),
        (("-m", "venterom", "settings"), {"PYTHONOPTIMIZE": "1"}),
    ],
)
def test_checks_that_must_not_be_removed_are_not(
    arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    end = started(*arguments, **environment)
    assert (end.returncode, end.stdout) == (1, "")
    assert end.stderr == (
        "venterom: Python runs with -O, which removes checks that must not be removed.\n"
    )


@pytest.mark.slow
def test_serve_refuses_to_start_without_keys() -> None:
    end = started("-m", "venterom", "serve")
    assert end.returncode == 2
    assert end.stderr == "venterom: var/keys/root.key: No such file or directory\n"


@pytest.mark.slow
def test_serve_refuses_a_database_that_was_not_migrated() -> None:
    vault.make_missing(Keys())
    end = started("-m", "venterom", "serve", VENTEROM_MEDIA__WORKERS="0")
    assert end.returncode == 2
    assert end.stderr == (
        "venterom: the database is at version none, this program needs 0030:"
        " take a backup, then run `venterom migrate`\n"
    )


def test_a_command_comes_to_the_database_by_one_way() -> None:
    """commands.py, which refuses another version; the service and the migrations have their own."""
    server = ROOT / "server"
    files = [*server.glob("*.py"), *server.glob("migrations/*.py")]
    openers = {file.name for file in files if "make_engine(" in file.read_text(encoding="utf-8")}
    assert openers == {"app.py", "commands.py", "db.py", "epj.py", "migrate.py"}
