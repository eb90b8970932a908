"""One demonstration for each world and port: a second one is told so, and starting over is new."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import free_port
from venterom.server import main
from venterom.server.config import Keys
from venterom.server.demo import premises

KEYS = Keys(root_file=Path("var/demo/keys/root.key"))
READY_S = 60  # the issue's own bound for `make demo`


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder and ports of its own: the world is in var/demo/ of the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("VENTEROM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VENTEROM_DEMONSTRATION__PORT", str(free_port()))
    monkeypatch.setenv("VENTEROM_MEDIA__ADDRESSES", "127.0.0.1")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `venterom demo` says when it does not start: one line, and exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main.main(["demo", *arguments])
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize("arguments", [[], ["--reset"]])
def test_a_world_in_use_is_left_alone(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with premises.held(KEYS):
        KEYS.root_file.write_text("a key")
        assert "running on this world already" in refusal(capsys, *arguments)
    assert KEYS.root_file.read_text() == "a key"


def test_a_world_is_free_again_when_its_demonstration_has_ended() -> None:
    with premises.held(KEYS):
        pass
    with premises.held(KEYS):
        pass


@pytest.mark.parametrize("arguments", [[], ["--reset"]])
def test_a_taken_port_is_named_before_anything_is_touched(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} cannot be used" in refusal(capsys, "--port", str(port), *arguments)
        assert not KEYS.root_file.exists()


def test_the_providers_port_is_looked_at_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("VENTEROM_DEMONSTRATION__PORT", port)
        assert f"port {port} cannot be used" in refusal(capsys, "--port", str(free_port()))


@pytest.mark.parametrize("section", ["DATABASE__URL", "EPJ__URL", "KEYS__ROOT_FILE"])
def test_a_world_that_is_kept_elsewhere_is_not_deleted(
    section: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"VENTEROM_{section}", "sqlite+aiosqlite:///elsewhere.db")
    own = Path("var/demo/epj.db")
    own.parent.mkdir(parents=True)
    own.touch()
    assert section.split("__")[0].lower() in refusal(capsys, "--reset")
    assert own.exists()


def test_clearing_takes_everything_but_the_lock() -> None:
    own = Path("var/demo")
    for name in ("venterom.db", "keys/root.key", "deep/er/file"):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).touch()
    outside = Path("var/other")
    outside.mkdir()
    (own / "link").symlink_to(outside.resolve())
    with premises.held(KEYS):
        premises.clear(own, KEYS)
    assert [path.name for path in sorted(own.rglob("*"))] == ["keys", premises.LOCK]
    assert outside.exists()


@pytest.mark.slow
def test_starting_over_deletes_the_world_and_begins_a_new_one() -> None:
    first = started_and_stopped()
    assert started_and_stopped() == first
    assert started_and_stopped("--reset") != first


def started_and_stopped(*arguments: str) -> bytes:
    """Run the demonstration until its doors are open, end it by Ctrl-C; the key of its world."""
    command = [sys.executable, "-m", "venterom", "demo", "--port", str(free_port()), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = ""
    while "Stop with Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=READY_S)[0]
    assert process.returncode == 0
    assert "Traceback" not in said + rest
    return KEYS.root_file.read_bytes()
