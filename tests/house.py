"""The whole demonstration as a real process, on free ports and in a folder of its own.

For the browser tests and the benchmarks. It can be killed without warning and started again.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

START_S = 60  # the issue's own bound for `make demo`; usually two or three seconds
STOP_S = 15
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class House:
    """A running demonstration."""

    folder: Path
    port: int
    demonstration_port: int
    more: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()  # of `venterom demo`
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def demonstration_url(self) -> str:
        """Where the invented identity provider and the inbox are."""
        return f"http://127.0.0.1:{self.demonstration_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of this house."""
        return {
            **{name: value for name, value in os.environ.items() if "VENTEROM_" not in name},
            "VENTEROM_HTTP__PORT": str(self.port),
            "VENTEROM_HTTP__PUBLIC_URL": self.url,
            "VENTEROM_DEMONSTRATION__PORT": str(self.demonstration_port),
            "VENTEROM_DATABASE__URL": f"sqlite+aiosqlite:///{self.folder / 'venterom.db'}",
            "VENTEROM_EPJ__URL": f"sqlite+aiosqlite:///{self.folder / 'epj.db'}",
            "VENTEROM_KEYS__ROOT_FILE": str(self.folder / "keys/root.key"),
            "VENTEROM_KEYS__SIGNING_FILE": str(self.folder / "keys/signing.pem"),
            "VENTEROM_KEYS__CLIENT_FILE": str(self.folder / "keys/client.pem"),
            "VENTEROM_KEYS__FOLDER": str(self.folder / "keys/later"),
            "VENTEROM_RECORD__ANCHOR_FOLDER": str(self.folder / "anchor"),
            "VENTEROM_MEDIA__ADDRESSES": "127.0.0.1",
            **self.more,
        }

    def start(self) -> None:
        """Start it, and return when it answers."""
        log = (self.folder / "log.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "venterom", "demo", *self.arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,  # no Ctrl-C reaches it; and it is as nice as the tests that it serves
        )
        log.close()
        self._wait_until_it_answers()

    def kill(self) -> None:
        """End it as a power cut does: nothing is told, nothing is saved."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def media_workers(self) -> list[int]:
        """The processes that carry its sound and picture."""
        own = self.process.pid if self.process is not None else 0
        return [pid for pid, parent in _processes() if parent == own]

    def stop(self) -> None:
        """End it politely, and its media workers with it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def said(self) -> str:
        """What it has printed so far."""
        return (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"the service did not start:\n{self.said()}")
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"the service did not answer within {START_S} s:\n{self.said()}")


@contextmanager
def house(folder: Path, *arguments: str, **more: str) -> Generator[House]:
    """A demonstration that is started, and ended with the block. `more` are further settings."""
    built = House(folder, free_port(), free_port(), more, arguments)
    try:
        built.start()
        yield built
    finally:
        built.stop()


def _processes() -> Iterator[tuple[int, int]]:
    """Every process and its parent. A small Linux has no ps, and macOS has no /proc."""
    if sys.platform == "linux":
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has just ended
                # pid (name, which may hold anything) state ppid …: proc_pid_stat(5)
                yield int(status.parent.name), int(status.read_text().rsplit(")", 1)[1].split()[1])
        return
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        pid, parent = line.split()
        yield int(pid), int(parent)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
