"""A whole demonstration with a crowd: it fills the waiting room, writes notes, and ends with it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.house import House, house

pytestmark = [pytest.mark.media, pytest.mark.slow]

# A busy hour in one minute: more come than three doctors can see.
CROWDED = ("--crowd", "40", "--pace", "60")
PATIENCE_S = 120  # usually ten or twenty
NOTES = 2
GONE_S = 30  # usually one


def test_a_crowd_comes_and_goes(tmp_path: Path) -> None:
    waited = False

    def enough() -> bool:
        nonlocal waited
        assert "goes away" not in home.said()  # no robot has met anything that it did not know
        waited = waited or count(home, "venterom.db", "queue_entry WHERE state = 'waiting'") > 1
        return waited and count(home, "epj.db", "epj_record") >= NOTES

    with house(tmp_path, *CROWDED) as home:
        until(enough, PATIENCE_S)
        assert count(home, "venterom.db", "message") > 0
        assert "Ingen meldinger ennå" in inbox(home)  # the robots' messages are not in the way
        crowd = crowd_of(home)

        home.kill()
        until(lambda: not is_alive(crowd), GONE_S)

        notes = count(home, "epj.db", "epj_record")
        home.start()
        until(lambda: count(home, "epj.db", "epj_record") > notes, PATIENCE_S)
        os.kill(crowd_of(home), signal.SIGKILL)
        until(lambda: "The crowd is gone (code -9)" in home.said(), GONE_S)
        home.stop()
        assert home.process is not None and home.process.returncode == 0
        assert "Traceback" not in home.said()


def count(home: House, database: str, what: str) -> int:
    """So many rows."""
    with closing(sqlite3.connect(home.folder / database)) as db:
        found: int = db.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
    return found


def inbox(home: House) -> str:
    """The page with the messages that people get."""
    with urllib.request.urlopen(f"{home.demonstration_url}/inbox") as answer:
        text: str = answer.read().decode()
    return text


def crowd_of(home: House) -> int:
    """The process of its crowd."""
    assert home.process is not None
    own = home.process.pid
    return next(pid for pid, parent, says in processes() if parent == own and "crowd" in says)


def processes() -> Iterator[tuple[int, int, str]]:
    """Every process, its parent and its module. A small Linux has no ps, and macOS no /proc."""
    if sys.platform == "linux":
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended
                # pid (name, which may hold anything) state ppid …: proc_pid_stat(5)
                parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
                words = (folder / "cmdline").read_text().split("\0")
                yield int(folder.name), int(parent), module(words)
        return
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        pid, parent, *words = line.split()
        yield int(pid), int(parent), module(words)


def module(words: list[str]) -> str:
    """What `python -m` was told to run."""
    return words[words.index("-m") + 1] if "-m" in words else ""


def is_alive(pid: int) -> bool:
    """Whether the process is still there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(holds: Callable[[], bool], within: float) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)
