"""The worker starts with the libraries that it was written for, and with no others."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiortc.rtcdtlstransport import SRTP_PROFILES

from tests.imports import FOLDERS, sources, tree
from venterom.rtc import stack
from venterom.rtc.errors import UnknownStack

ROOT = Path(__file__).resolve().parents[2]


def test_the_libraries_are_the_ones_that_the_worker_was_written_for() -> None:
    stack.check()


@pytest.mark.parametrize("library", stack.PINNED)
def test_another_version_is_refused(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stack.PINNED, library, "0.0.1")
    with pytest.raises(UnknownStack, match=library):
        stack.check()


NAMES = pytest.mark.parametrize(
    ("owner", "name"),
    [(owner, name) for owner, name, _ in stack.NAMES],
    ids=[f"{owner.__name__}.{name}" for owner, name, _ in stack.NAMES],
)


@NAMES
def test_a_name_that_is_missing_is_refused(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(owner, name)
    with pytest.raises(UnknownStack, match=name):
        stack.check()


@NAMES
def test_a_name_with_other_parameters_is_refused(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, lambda something_else: None)
    with pytest.raises(UnknownStack, match=name):
        stack.check()


def test_a_libsrtp_without_the_strongest_profile_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stack, "SRTP_PROFILES", SRTP_PROFILES[1:])
    with pytest.raises(UnknownStack, match="AES-GCM"):
        stack.check()


@pytest.mark.slow
def test_a_worker_that_checks_no_assertions_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-O", "-m", "venterom.rtc.worker", "--socket", str(tmp_path / "s")]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode != 0
    assert (ended.stdout, "runs with -O" in ended.stderr) == ("", True)
    assert not (tmp_path / "s").exists()


def test_no_connection_of_ours_asks_a_foreign_server_for_its_address() -> None:
    made = [
        (path, ast.unparse(call.args[0]) if call.args else "")
        for path in sources(ROOT, *FOLDERS, "bench")
        for call in ast.walk(tree(ROOT, path))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("RTCPeerConnection")
    ]
    assert len(made) >= 1
    assert [path for path, how in made if "iceServers=[]" not in how] == []
